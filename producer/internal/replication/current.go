package replication

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

// currentRows reads rows over an ordinary connection.
type currentRows struct {
	session *source.Session
}

// read fills a fetch in. The stream tells of a table as it was; by now it may have another name, or another shape, or be
// gone, and its name may be another table's. What is not sure to be the column that is asked for stays unavailable.
func (q *currentRows) read(ctx context.Context, f *fetch, memory *pgvalue.Decoder, limit int) error {
	conn, err := q.session.Conn(ctx)
	if err != nil {
		return err
	}
	for name := f.relation.source(); ; {
		found, err := fetchFrom(ctx, conn.PgConn(), name, f, memory, limit)
		if err != nil || found {
			return err
		}
		clear(f.values)
		f.read = len(f.keys)
		renamed, err := nameOf(ctx, conn, f.relation.oid)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && renamed == name {
			return nil
		}
		if err != nil {
			return err
		}
		name = renamed
	}
}

func nameOf(ctx context.Context, conn *pgx.Conn, oid uint32) (name source.Name, err error) {
	const sql = "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1"
	return name, conn.QueryRow(ctx, sql, oid).Scan(&name.Schema, &name.Table)
}

// fetchFrom fills a fetch in from the table of this name, and reports whether that is the table that is meant. Both
// statements are of one transaction, so that the table that the first has read is the one that the second looks at.
func fetchFrom(ctx context.Context, conn *pgconn.PgConn, name source.Name, f *fetch, memory *pgvalue.Decoder, limit int) (found bool, err error) {
	batch := &pgconn.Batch{}
	if path := f.relation.operators; path != "" {
		batch.ExecParams("SELECT set_config('search_path', $1, true)", [][]byte{[]byte(path)}, nil, nil, nil)
	}
	f.statement(batch, name)
	batch.ExecParams(columnsOfSQL, [][]byte{[]byte(name.Schema), []byte(name.Table)}, nil, nil, nil)

	results := conn.ExecBatch(ctx, batch)
	if f.relation.operators != "" && results.NextResult() {
		_, _ = results.ResultReader().Close() // an error is the batch's too
	}
	if results.NextResult() {
		err = f.take(results.ResultReader(), memory, limit)
	}
	var columns []currentColumn
	if err == nil && results.NextResult() {
		columns, err = readColumns(results.ResultReader())
	}
	closeErr := results.Close()
	switch source.SQLState(closeErr) {
	case source.UndefinedTable, source.UndefinedColumn, undefinedSchema, undefinedFunction:
		return false, nil
	case source.InsufficientPrivilege:
		return false, &source.Refusal{
			Problem: "the role may not read " + name.String() + ", of which updates leave values out that did not change", Err: closeErr,
			Fix: "GRANT SELECT ON " + name.SQL() + " TO <role>",
		}
	}
	if err = errors.Join(err, closeErr); err != nil {
		return false, err
	}
	return f.relation.isStill(columns), nil
}

// The codes of a name that means nothing any more.
const (
	undefinedSchema   = "3F000"
	undefinedFunction = "42883" // also an operator: the key's type is another one now
)

// take takes rows until there are none or the limit is passed.
func (f *fetch) take(result *pgconn.ResultReader, memory *pgvalue.Decoder, limit int) error {
	full := memory.Size() + limit
	f.read = 0
	for memory.Size() < full && result.NextRow() {
		data := result.Values()
		if len(data) != 1+len(f.columns) || len(data[0]) != 4 {
			return errShort
		}
		key := int(binary.BigEndian.Uint32(data[0]))
		if key < f.read-1 || key >= len(f.keys) {
			return errors.New("a row that was not asked for")
		}
		if err := f.decode(key, data[1:], memory); err != nil {
			return err
		}
		f.read = key + 1
	}
	if memory.Size() < full {
		f.read = len(f.keys)
	}
	_, _ = result.Close() // an error is the batch's too
	return nil
}

func (f *fetch) decode(key int, data [][]byte, memory *pgvalue.Decoder) error {
	row := f.row(key)
	for n, i := range f.columns {
		if data[n] == nil {
			row[n] = change.NullValue()
			continue
		}
		t, kept := f.relation.types[i], memory.Keep(data[n])
		var err error
		if t.Binary() {
			row[n], err = memory.Binary(t, kept)
		} else {
			row[n], err = memory.Text(t, kept)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", f.relation.shape.Columns[i].Name, err)
		}
	}
	return nil
}
