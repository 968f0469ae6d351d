package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// resolveFiles makes names of files relative to the working directory instead of to the configuration's.
func (c *Config) resolveFiles(directory string) {
	names := []*string{
		&c.Kafka.TLS.CA, &c.Kafka.TLS.Certificate, &c.Kafka.TLS.Key,
		&c.ClickHouse.TLS.CA, &c.ClickHouse.TLS.Certificate, &c.ClickHouse.TLS.Key,
		&c.Gate.File,
	}
	for i := range c.Tables {
		for j := range c.Tables[i].Lookups {
			names = append(names, &c.Tables[i].Lookups[j].SQLFile)
		}
	}
	for _, name := range names {
		if *name != "" && !filepath.IsAbs(*name) {
			*name = filepath.Join(directory, *name)
		}
	}
}

// readSQLFiles fills the SQL of the lookups that keep it in a file.
func (c *Config) readSQLFiles() []*Problem {
	var problems []*Problem
	for i := range c.Tables {
		for j := range c.Tables[i].Lookups {
			lookup := &c.Tables[i].Lookups[j]
			if lookup.SQLFile == "" || lookup.SQL != "" {
				continue
			}
			text, err := os.ReadFile(lookup.SQLFile)
			lookup.SQL = strings.TrimSpace(string(text))
			key := fmt.Sprintf("tables[%d].lookups[%d].sql_file", i, j)
			switch pathError := (*fs.PathError)(nil); {
			case errors.As(err, &pathError):
				problems = append(problems, c.origin.problem(key,
					fmt.Sprintf("%s cannot be read: %v", lookup.SQLFile, pathError.Err), "a file, relative to this one"))
			case lookup.SQL == "":
				problems = append(problems, c.origin.problem(key, lookup.SQLFile+" is empty", "the lookup's SQL in it"))
			}
		}
	}
	return problems
}
