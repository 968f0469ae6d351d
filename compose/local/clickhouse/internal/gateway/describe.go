package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse/internal/native"
)

// describe gives the columns of a table or of a query in parentheses, without running it.
func (n *session) describe(what string) ([]native.Column, error) {
	described, err := n.describeTable(what)
	if err != nil {
		return nil, err
	}
	columns := make([]native.Column, 0, len(described))
	for _, d := range described {
		columns = append(columns, d.Column)
	}
	return columns, nil
}

type describedColumn struct {
	native.Column
	defaultKind string // "", DEFAULT, MATERIALIZED, ALIAS or EPHEMERAL
}

func (n *session) describeTable(what string) ([]describedColumn, error) {
	answer, err := ask(n.engine, "DESCRIBE TABLE "+what, "JSONCompactEachRow")
	if err != nil {
		return nil, err
	}
	var out []describedColumn
	for rows := json.NewDecoder(strings.NewReader(answer)); ; {
		var row []string
		err := rows.Decode(&row)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil || len(row) < 3 {
			return nil, fmt.Errorf("read the engine's description of %s: %d fields in a row: %w", what, len(row), err)
		}
		out = append(out, describedColumn{native.Column{Name: row[0], Type: row[1]}, row[2]})
	}
}

// columnsOf gives the columns of a statement that cannot be described, by running it.
func (n *session) columnsOf(text string) ([]native.Column, error) {
	answer, err := ask(n.engine, text, "JSONCompact")
	if err != nil {
		return nil, err
	}
	var described struct{ Meta []native.Column }
	if err := json.Unmarshal([]byte(answer), &described); err != nil {
		return nil, fmt.Errorf("read the engine's result columns: %w", err)
	}
	return described.Meta, nil
}

// insertColumns gives the columns that an INSERT takes, in its order.
func (n *session) insertColumns(i *insertStatement) ([]native.Column, error) {
	all, err := n.describeTable(i.table)
	if err != nil {
		return nil, err
	}
	settable := map[string]native.Column{}
	var usual []native.Column
	for _, c := range all {
		switch c.defaultKind {
		case "ALIAS", "MATERIALIZED":
			continue
		case "EPHEMERAL": // only where it is named
		default:
			usual = append(usual, c.Column)
		}
		settable[c.Name] = c.Column
	}
	return i.choose(settable, usual)
}

// choose applies the INSERT's column list.
func (i *insertStatement) choose(settable map[string]native.Column, usual []native.Column) ([]native.Column, error) {
	named := map[string]bool{}
	var out []native.Column
	for _, name := range i.columns {
		c, ok := settable[name]
		if !ok {
			return nil, exception(proto.ErrNoSuchColumnInTable, "No such column %s in table %s", name, i.table)
		}
		named[name] = true
		out = append(out, c)
	}
	if len(i.columns) > 0 && !i.except {
		return out, nil
	}
	out = nil
	for _, c := range usual {
		if !named[c.Name] {
			out = append(out, c)
		}
	}
	return out, nil
}
