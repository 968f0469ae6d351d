package config

import (
	"fmt"
	"slices"
	"strings"
)

// validate checks what no single key can: the keys that need or exclude each other.
func (c *Config) validate() []*Problem {
	problems := c.origin.tls("kafka.tls", &c.Kafka.TLS)
	problems = append(problems, c.origin.tls("clickhouse.tls", &c.ClickHouse.TLS)...)
	problems = append(problems, c.origin.sasl(&c.Kafka.SASL)...)
	if len(c.ClickHouse.Addresses) > 0 && len(c.ClickHouse.Shards) > 0 {
		problems = append(problems, c.origin.problem("clickhouse.shards", "is set beside addresses", "only one of the two"))
	}
	return append(problems, c.validateTables()...)
}

func (o *origin) tls(section string, tls *TLS) []*Problem {
	var problems []*Problem
	for _, file := range []struct{ key, name string }{
		{"ca", tls.CA}, {"certificate", tls.Certificate}, {"key", tls.Key},
	} {
		if file.name != "" && !tls.Enabled {
			problems = append(problems, o.problem(section+"."+file.key, "is set while TLS is off", "enabled: true beside it"))
		}
	}
	switch {
	case tls.Certificate != "" && tls.Key == "":
		problems = append(problems, o.problem(section+".key", "missing", "the key of the certificate"))
	case tls.Certificate == "" && tls.Key != "":
		problems = append(problems, o.problem(section+".certificate", "missing", "the certificate of the key"))
	}
	return problems
}

func (o *origin) sasl(sasl *SASL) []*Problem {
	var problems []*Problem
	for _, credential := range []struct {
		key string
		set bool
	}{{"username", sasl.Username != ""}, {"password", sasl.Password != ""}} {
		key := "kafka.sasl." + credential.key
		switch {
		case sasl.Mechanism != "" && !credential.set:
			problems = append(problems, o.problem(key, "missing", "the "+credential.key+" for "+sasl.Mechanism))
		case sasl.Mechanism == "" && credential.set:
			problems = append(problems, o.problem(key, "is set without a mechanism", "mechanism beside it"))
		}
	}
	return problems
}

func (c *Config) validateTables() []*Problem {
	var problems []*Problem
	sources, targets := map[string]int{}, map[string]int{}
	for i := range c.Tables {
		table, key := &c.Tables[i], fmt.Sprintf("tables[%d]", i)
		if table.Source == "" {
			continue
		}
		if first, twice := sources[table.Source]; twice {
			problems = append(problems, c.origin.problem(key+".source",
				fmt.Sprintf("%s is already synced by tables[%d]", table.Source, first), "each source once"))
			continue
		}
		sources[table.Source] = i
		target := table.TargetName()
		if first, twice := targets[target]; twice {
			problems = append(problems, c.origin.problem(key+".target",
				fmt.Sprintf("%s is already the target of tables[%d]", target, first), "a target of its own"))
		} else {
			targets[target] = i
		}
		problems = append(problems, c.validateLookups(key, table)...)
	}
	return problems
}

func (c *Config) validateLookups(table string, of *Table) []*Problem {
	var problems []*Problem
	columns := map[string]int{}
	for i := range of.Lookups {
		lookup, key := &of.Lookups[i], fmt.Sprintf("%s.lookups[%d]", table, i)
		if first, twice := columns[lookup.Column]; twice && lookup.Column != "" {
			problems = append(problems, c.origin.problem(key+".column",
				fmt.Sprintf("%s is already joined in by lookups[%d]", lookup.Column, first), "each column once"))
		} else {
			columns[lookup.Column] = i
		}
		switch {
		case lookup.SQL == "" && lookup.SQLFile == "":
			problems = append(problems, c.origin.problem(key+".sql", "missing", "sql or sql_file"))
		case lookup.SQL != "" && lookup.SQLFile != "":
			problems = append(problems, c.origin.problem(key+".sql_file", "is set beside sql", "only one of the two"))
		}
		problems = append(problems, c.validateWatches(key, lookup)...)
	}
	return problems
}

func (c *Config) validateWatches(lookup string, of *Lookup) []*Problem {
	var problems []*Problem
	for i := range of.Watch {
		watch, key := &of.Watch[i], fmt.Sprintf("%s.watch[%d]", lookup, i)
		switch {
		case watch.Column != "" && watch.Key == "":
			problems = append(problems, c.origin.problem(key+".key", "missing", "the lookup's key that "+watch.Column+" holds, or no column either"))
		case watch.Column == "" && watch.Key != "":
			problems = append(problems, c.origin.problem(key+".column", "missing", "the column that holds "+watch.Key+", or no key either"))
		case watch.Key != "" && !slices.Contains(of.Keys, watch.Key):
			problems = append(problems, c.origin.problem(key+".key", watch.Key+" is no key of the lookup", "one of "+strings.Join(of.Keys, ", ")))
		}
		if slices.Contains(of.Watch[:i], *watch) {
			problems = append(problems, c.origin.problem(key, "is there already", "each once"))
		}
	}
	return problems
}
