package replication

import (
	"slices"

	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// Config says what is replicated.
type Config struct {
	DSN         config.Secret
	Slot        string
	Publication string
	Epoch       uint8
	// RetainedWAL is how much log the slot may hold back before that is an alarm; 0 is never.
	RetainedWAL config.Size
	Tables      []Table
}

// Table is one table to replicate.
type Table struct {
	Name source.Name
	// AppendOnly says that rows are only ever inserted.
	AppendOnly bool
	// Watched says that a lookup reads the table: its changes are streamed for that, and nothing else is done with it.
	Watched bool
	// Target is its table in ClickHouse, for what an operator is told.
	Target string
}

// Configure takes what is replicated out of the common configuration.
func Configure(cfg *config.Config) Config {
	c := Config{
		DSN:         cfg.Postgres.DSN,
		Slot:        cfg.Producer.Slot,
		Publication: cfg.Producer.Publication,
		Epoch:       uint8(cfg.Producer.Epoch), //nolint:gosec // G115: config has checked its range
		RetainedWAL: cfg.Producer.RetainedWAL,
	}
	for _, t := range cfg.Tables {
		c.Tables = append(c.Tables, Table{Name: source.ParseName(t.Source), AppendOnly: t.AppendOnly, Target: t.TargetName()})
	}
	for _, t := range cfg.Tables {
		for _, l := range t.Lookups {
			for _, w := range l.Watch {
				c.watch(source.ParseName(w.Source))
			}
		}
	}
	return c
}

// watch adds a table that is not there already.
func (c *Config) watch(name source.Name) {
	if !slices.ContainsFunc(c.Tables, func(t Table) bool { return t.Name == name }) {
		c.Tables = append(c.Tables, Table{Name: name, Watched: true})
	}
}
