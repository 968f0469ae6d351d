package sink

import (
	"context"
	"fmt"
	"strings"
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
	return fmt.Sprintf("table %s.%s does not exist, or the user may not see it; create it: consumer migrate", e.Database, e.Table)
}

// Describe asks the shard for a table's columns and for what is wrong with it.
func (s *Server) Describe(ctx context.Context, name string) (*Table, error) {
	t := &Table{Name: name}
	err := s.pool.use(ctx, func(ctx context.Context, c *client) error {
		r, err := relationOf(ctx, c, s.database, name)
		if err != nil || r.engine == "" {
			return err
		}
		t.Engine = r.engine
		if t.Columns, err = s.columns(ctx, c, name); err != nil {
			return err
		}
		if t.Findings, err = r.window(ctx, c); err != nil {
			return err
		}
		found, err := viewFindings(ctx, c, r)
		t.Findings = append(t.Findings, found...)
		return err
	})
	if err != nil {
		return nil, s.failed(fmt.Sprintf("describe table %s.%s", s.database, name), err)
	}
	if t.Engine == "" {
		return nil, &NoTableError{s.database, name}
	}
	return t, nil
}

// relation is a table as the server has it; its engine is "" where it has none of that name, or the user may not see it.
type relation struct{ database, name, engine, full string }

func relationOf(ctx context.Context, c *client, database, name string) (relation, error) {
	r := relation{database: database, name: name}
	rows, err := readStrings(ctx, c, "SELECT engine, engine_full FROM system.tables WHERE database = {database:String} AND name = {table:String}", 2,
		parameter("database", database), parameter("table", name))
	if err == nil && len(rows) > 0 {
		r.engine, r.full = rows[0][0], rows[0][1]
	}
	return r, err
}

func (s *Server) columns(ctx context.Context, c *client, table string) ([]Column, error) {
	rows, err := readStrings(ctx, c, "SELECT name, type, default_kind FROM system.columns WHERE database = {database:String} AND table = {table:String} ORDER BY position", 3,
		parameter("database", s.database), parameter("table", table))
	columns := make([]Column, len(rows))
	for i, r := range rows {
		columns[i] = Column{Name: r[0], Type: r[1], DefaultKind: r[2]}
	}
	return columns, err
}

var literalEscapes = strings.NewReplacer("\\", "\\\\", "'", "\\'")

// literal quotes the value of a query parameter.
func literal(text string) string { return "'" + literalEscapes.Replace(text) + "'" }
