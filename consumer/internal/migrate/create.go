package migrate

import (
	"fmt"
	"strings"

	"eventsync/pkg/change"
)

// Window is how many blocks a table is made to remember the tokens of. An insert takes one a ClickHouse partition that
// it has rows of. At five inserts a second, which one consumer does by default, that is half an hour in which a batch
// can be sent again as it was; it costs about a megabyte of the server's memory a table, and is what replicated tables
// remember by default.
const Window = 10_000

const (
	windowSetting           = "non_replicated_deduplication_window"
	replicatedWindowSetting = "replicated_deduplication_window"

	// versionIndex makes the question which rows are there, which is asked after a failure by a range of versions, read
	// the parts of that time alone.
	versionIndexName = "eventsync_version"
	versionIndex     = "INDEX " + versionIndexName + " " + versionColumn + " TYPE minmax GRANULARITY 1"
)

// New makes the plan of a target; there is nil if it is missing.
func New(t Target, r *change.Relation, there *Table) *Plan {
	p := &Plan{Target: t.TargetName(), Source: t.Source}
	if there == nil {
		p.create(&t, r)
		return p
	}
	p.alter(&t, r, there)
	return p
}

func (p *Plan) create(t *Target, r *change.Relation) {
	key := keys(r)
	if len(key) == 0 && !t.AppendOnly {
		p.refuse("set append_only: true if its rows are only ever inserted; else give it a primary key or a replica identity",
			"source %s has no key, by which the rows of table %s could replace each other", r.Name(), t.TargetName())
		return
	}
	sql := statement(t, r, key)
	if t.Replicas {
		p.refuse(sql, "table %s is missing, and has replicas: create it by hand, on each shard, as your cluster names its replicas", t.TargetName())
		return
	}
	p.add(Add, fmt.Sprintf("table %s (%s)", t.TargetName(), strings.Join(names(r), ", ")), sql)
}

// statement creates the table.
func statement(t *Target, r *change.Relation, key []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE IF NOT EXISTS %s\n(\n", t.qualified())
	for i := range r.Columns {
		if c := &r.Columns[i]; !own(c.Name) && c.Type != change.TypeUnknown {
			fmt.Fprintf(&b, "    %s %s,\n", identifier(c.Name), created(c))
		}
	}
	engine, arguments := "MergeTree", ""
	fmt.Fprintf(&b, "    %s UInt64,\n", versionColumn)
	if !t.AppendOnly {
		engine, arguments = "ReplacingMergeTree", versionColumn+", "+deletedColumn
		fmt.Fprintf(&b, "    %s UInt8,\n", deletedColumn)
	}
	window := windowSetting
	if t.Replicas {
		engine, window = "Replicated"+engine, replicatedWindowSetting
		arguments = strings.TrimSuffix("'/clickhouse/tables/{uuid}/{shard}', '{replica}', "+arguments, ", ")
	}
	if len(key) == 0 {
		key = []string{versionColumn}
	}
	var order []string
	for _, name := range key {
		order = append(order, identifier(name))
	}
	fmt.Fprintf(&b, "    %s\n)\nENGINE = %s", versionIndex, engine)
	if arguments != "" {
		fmt.Fprintf(&b, "(%s)", arguments)
	}
	fmt.Fprintf(&b, "\nORDER BY (%s)\nSETTINGS %s = %d", strings.Join(order, ", "), window, Window)
	return b.String()
}

// names are those of the columns that are filled from the relation's.
func names(r *change.Relation) (all []string) {
	for i := range r.Columns {
		if !own(r.Columns[i].Name) && r.Columns[i].Type != change.TypeUnknown {
			all = append(all, r.Columns[i].Name)
		}
	}
	return all
}
