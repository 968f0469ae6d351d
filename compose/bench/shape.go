package main

import (
	"fmt"
	"strings"

	"eventsync/pkg/change"
	"eventsync/schemas"
)

// shape is how many columns a row has: those of events, one after the other, again and again.
type shape int

// eventsShape is that of events itself.
const eventsShape shape = 9

// relation is what the producer makes of the table.
func (s shape) relation() *change.Relation {
	r := eventsRelation()
	all := r.Columns
	r.Columns = nil
	for i := range int(s) {
		c := all[i%len(all)]
		c.Name, c.Key = s.name(c.Name, i), i == 0
		r.Columns = append(r.Columns, c)
	}
	return r
}

// name is that of a column: those of events, then the same with a number.
func (s shape) name(name string, i int) string {
	if round := i / int(eventsShape); round > 0 {
		return fmt.Sprintf("%s_%d", name, round)
	}
	return name
}

// change makes the row of an id a change, of 200 bytes of WAL, with a commit behind each transaction's last.
func (s shape) change(id int64, c *change.Change) {
	e := newEvent(id)
	c.Values = e.values(c.Values[:0])
	for len(c.Values) < int(s) {
		c.Values = append(c.Values, c.Values[len(c.Values)-int(eventsShape)])
	}
	c.Values = c.Values[:s]
	c.Version = change.NewVersion(0, change.LSN(200*id))
	transaction := (id - 1) / perTransaction
	c.Position = change.Position{Commit: change.LSN(200 * perTransaction * (transaction + 1)), Sequence: uint64(id - transaction*perTransaction)}
	c.CommitTime = e.at
}

// ddl creates the target. JSON without a schema has timestamps as text.
func (f full) ddl(table string) (string, error) {
	ddl, err := f.shape.ddl(table)
	if f.json {
		ddl = strings.ReplaceAll(ddl, "DateTime64(6, 'UTC')", "String")
	}
	return ddl, err
}

func (s shape) ddl(table string) (string, error) {
	if s == eventsShape {
		ddl, err := schemas.Files.ReadFile("clickhouse/events.sql")
		return strings.Replace(string(ddl), "EXISTS events", "EXISTS "+table, 1), err
	}
	var list []string
	for _, c := range newColumns(s).input() {
		list = append(list, fmt.Sprintf("%s %s", c.Name, c.Data.Type()))
	}
	return "CREATE TABLE " + table + " (" + strings.Join(list, ", ") + ") ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id SETTINGS non_replicated_deduplication_window = 1000", nil
}
