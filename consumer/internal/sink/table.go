package sink

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// Table is what a target looks like.
type Table struct {
	Name    string
	Engine  string
	Columns []Column
	// Findings are reasons not to insert into it.
	Findings []Finding
}

// Column is a column as system.columns has it.
type Column struct {
	Name        string
	Type        string
	DefaultKind string // "", "DEFAULT", "MATERIALIZED", "ALIAS" or "EPHEMERAL"
}

// Finding is something about a table that must be mended, and how.
type Finding struct {
	Problem string
	Remedy  string
}

func (f Finding) String() string { return f.Problem + "; " + f.Remedy }

// NoTableError says that a table does not exist, or that the user may not see it.
type NoTableError struct{ Database, Table string }

func (e *NoTableError) Error() string {
	return fmt.Sprintf("table %s.%s does not exist, or the user may not see it; create it: schemas/clickhouse has the statements", e.Database, e.Table)
}

// Describe asks the server for a table's columns and for what is wrong with it.
func (s *Sink) Describe(ctx context.Context, name string) (*Table, error) {
	t := &Table{Name: name}
	var engine, engineFull string
	err := s.pool.use(ctx, func(ctx context.Context, c *client) (err error) {
		engine, engineFull, err = s.engine(ctx, c, name)
		if err != nil || engine == "" {
			return err
		}
		if t.Columns, err = s.columns(ctx, c, name); err != nil {
			return err
		}
		t.Findings, err = s.window(ctx, c, name, engine, engineFull)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("describe table %s.%s: %w", s.database, name, err)
	}
	if engine == "" {
		return nil, &NoTableError{s.database, name}
	}
	t.Engine = engine
	return t, nil
}

func (s *Sink) engine(ctx context.Context, c *client, table string) (engine, full string, err error) {
	rows, err := s.query(ctx, c, "SELECT engine, engine_full FROM system.tables WHERE database = {database:String} AND name = {table:String}", table, 2)
	if err != nil || len(rows) == 0 {
		return "", "", err
	}
	return rows[0][0], rows[0][1], nil
}

func (s *Sink) columns(ctx context.Context, c *client, table string) ([]Column, error) {
	rows, err := s.query(ctx, c, "SELECT name, type, default_kind FROM system.columns WHERE database = {database:String} AND table = {table:String} ORDER BY position", table, 3)
	columns := make([]Column, len(rows))
	for i, r := range rows {
		columns[i] = Column{Name: r[0], Type: r[1], DefaultKind: r[2]}
	}
	return columns, err
}

// query reads rows of strings about a table.
func (s *Sink) query(ctx context.Context, c *client, body, table string, width int) ([][]string, error) {
	columns := make([]proto.ColStr, width)
	result := make(proto.Results, width)
	for i := range columns {
		result[i].Data = &columns[i]
	}
	var rows [][]string
	err := c.Do(ctx, ch.Query{
		Body: body, Result: result,
		Parameters: []proto.Parameter{{Key: "database", Value: literal(s.database)}, {Key: "table", Value: literal(table)}},
		OnResult: func(_ context.Context, b proto.Block) error {
			for i := range b.Rows {
				row := make([]string, width)
				for j := range columns {
					row[j] = columns[j].Row(i)
				}
				rows = append(rows, row)
			}
			return nil
		},
	})
	return rows, err
}

var literalEscapes = strings.NewReplacer("\\", "\\\\", "'", "\\'")

// literal quotes the value of a query parameter.
func literal(text string) string { return "'" + literalEscapes.Replace(text) + "'" }
