// Package compare tells whether a PostgreSQL table and a ClickHouse table hold the same rows, row for row.
//
// Both sides turn each row into text by expressions that the caller gives, and sort by the same bytes, so that two rows
// are equal exactly when their texts are. It is for tests and for the demo: both tables must be at rest.
package compare

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/jackc/pgx/v5"
)

// Column is one column's text on both sides.
type Column struct {
	Name       string
	Postgres   string // an expression of type text; "name::text" when empty
	ClickHouse string // an expression of type String or Nullable(String); "toString(name)" when empty
}

// Table is a pair of tables.
type Table struct {
	Source, Target string
	Columns        []Column
	// From replaces the source's table in its FROM clause, for joins.
	From string
	// Versioned targets are read FINAL and without deleted rows; others as they are.
	Versioned bool
}

// Result is what a comparison found.
type Result struct {
	Rows  int    // of the source
	Equal bool   // row for row
	Diff  string // the first difference, for a person
}

const null = "\\N"

// Run compares the pair.
func (t Table) Run(ctx context.Context, pg *pgx.Conn, click *ch.Client) (Result, error) {
	want, err := t.source(ctx, pg)
	if err != nil {
		return Result{}, fmt.Errorf("read %s: %w", t.Source, err)
	}
	r := Result{Rows: len(want)}
	i := 0
	err = t.target(ctx, click, func(row string) {
		switch {
		case r.Diff != "":
		case i >= len(want):
			r.Diff = fmt.Sprintf("%s has a row that %s has not: %q", t.Target, t.Source, row)
		case row != want[i]:
			r.Diff = fmt.Sprintf("row %d of %s is %q, of %s %q", i, t.Source, want[i], t.Target, row)
		}
		i++
	})
	if err != nil {
		return Result{}, fmt.Errorf("read %s: %w", t.Target, err)
	}
	if r.Diff == "" && i < len(want) {
		r.Diff = fmt.Sprintf("%s has %d rows of %d; the first it lacks is %q", t.Target, i, len(want), want[i])
	}
	r.Equal = r.Diff == ""
	return r, nil
}

func (t Table) source(ctx context.Context, pg *pgx.Conn) ([]string, error) {
	parts := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		e := c.Postgres
		if e == "" {
			e = c.Name + "::text"
		}
		parts[i] = "coalesce(" + e + ", '" + null + "')"
	}
	from := t.From
	if from == "" {
		from = t.Source
	}
	sql := "SELECT r FROM (SELECT concat_ws(E'\\t', " + strings.Join(parts, ", ") + ") AS r FROM " + from + ") t ORDER BY r COLLATE \"C\""
	rows, err := pg.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (t Table) target(ctx context.Context, click *ch.Client, row func(string)) error {
	parts := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		e := c.ClickHouse
		if e == "" {
			e = "toString(" + c.Name + ")"
		}
		parts[i] = "ifNull(" + e + ", '" + strings.ReplaceAll(null, `\`, `\\`) + "')"
	}
	from := t.Target
	if t.Versioned {
		from += " FINAL WHERE _deleted = 0"
	}
	var text proto.ColStr
	return click.Do(ctx, ch.Query{
		Body:   "SELECT concat(" + strings.Join(parts, ", '\\t', ") + ", '') AS r FROM " + from + " ORDER BY r",
		Result: proto.Results{{Name: "r", Data: &text}},
		OnResult: func(context.Context, proto.Block) error {
			for i := range text.Rows() {
				row(text.Row(i))
			}
			return nil
		},
	})
}
