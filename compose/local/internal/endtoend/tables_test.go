package endtoend

import (
	"errors"
	"fmt"

	"github.com/ClickHouse/ch-go"
	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/compare"
)

// The pair of tables that most tests sync.
const (
	source = "CREATE TABLE t (id bigint PRIMARY KEY, s text)"
	target = "CREATE TABLE t (id Int64, s String, _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id SETTINGS non_replicated_deduplication_window = 100"
)

// insert inserts rows from to to into the source.
func (f *fixture) insert(from, to int, s string) {
	f.Helper()
	f.postgres(fmt.Sprintf("INSERT INTO t SELECT i, '%s' FROM generate_series(%d, %d) i", s, from, to))
}

// arrives waits until the target has so many rows.
func (f *fixture) arrives(rows uint64) {
	f.Helper()
	f.eventually(fmt.Sprintf("%d rows in ClickHouse", rows), func() bool { return f.query("SELECT count() AS n FROM t") == rows })
}

// equal compares a pair of tables, which are at rest, row for row.
func (f *fixture) equal(t compare.Table) {
	f.Helper()
	pg, err := pgx.Connect(f.Context(), f.stack.Postgres.DSN())
	f.must(err)
	click, err := ch.Dial(f.Context(), ch.Options{Address: f.stack.ClickHouse.Addr()})
	f.must(err)
	r, err := t.Run(f.Context(), pg, click)
	f.must(errors.Join(err, click.Close(), pg.Close(f.Context())))
	if !r.Equal {
		f.Errorf("%s: %s", t.Source, r.Diff)
	}
}

// pair is the pair of tables t.
func pair() compare.Table {
	return compare.Table{Source: "t", Target: "t", Versioned: true, Columns: []compare.Column{{Name: "id"}, {Name: "s"}}}
}
