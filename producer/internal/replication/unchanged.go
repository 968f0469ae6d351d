package replication

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

// rowReader reads values that the stream left out: TOASTed ones that an update did not change.
type rowReader interface {
	// read fills in the columns of the row of the given key, as they are now, and leaves them where there is no such row.
	// That they may be newer than the change does no harm: whatever made them newer follows in the stream.
	read(ctx context.Context, r *relation, key []field, columns []int, values []change.Value, memory *pgvalue.Decoder) error
}

// complete fills in the values that neither tuple has. The key is the new one, whose own TOASTed parts may stand in the
// old tuple only.
func (d *decoder) complete(ctx context.Context, r *relation, values []change.Value, newTuple, oldTuple []byte) error {
	if len(r.key) == 0 {
		return nil
	}
	d.fields = appendFields(d.fields[:0], newTuple)
	if oldTuple != nil {
		d.fields = appendFields(d.fields, oldTuple)
	}
	key := make([]field, 0, len(r.key))
	for _, i := range r.key {
		f := d.fields[i]
		if f.kind == columnUnchanged && oldTuple != nil {
			f = d.fields[len(r.types)+i]
		}
		if f.kind != columnBinary && f.kind != columnText {
			return nil
		}
		key = append(key, f)
	}
	var columns []int
	for i := range values {
		if values[i].Kind == change.Unavailable {
			columns = append(columns, i)
		}
	}
	if err := d.rows.read(ctx, r, key, columns, values, &d.memory); err != nil {
		return fmt.Errorf("read an unchanged value of %s that the stream leaves out: %w", r.name, err)
	}
	return nil
}

// currentRows reads rows over an ordinary connection.
type currentRows struct {
	session *source.Session
}

func (q *currentRows) read(ctx context.Context, r *relation, key []field, columns []int, values []change.Value, memory *pgvalue.Decoder) error {
	conn, err := q.session.Conn(ctx)
	if err != nil {
		return err
	}
	sql := []byte("SELECT ")
	formats := make([]int16, len(columns))
	for n, i := range columns {
		if n > 0 {
			sql = append(sql, ", "...)
		}
		sql = append(sql, source.Quote(r.shape.Columns[i].Name)...)
		if r.types[i].Binary() {
			formats[n] = 1
		}
	}
	sql = append(sql, " FROM "+source.Name{Schema: r.shape.Schema, Table: r.shape.Table}.SQL()+" WHERE "...)
	parameters := make([][]byte, len(key))
	oids := make([]uint32, len(key))
	parameterFormats := make([]int16, len(key))
	for n, i := range r.key {
		if n > 0 {
			sql = append(sql, " AND "...)
		}
		sql = append(sql, source.Quote(r.shape.Columns[i].Name)+" = $"...)
		sql = strconv.AppendInt(sql, int64(n)+1, 10)
		parameters[n], oids[n] = key[n].data, r.oids[i]
		if key[n].kind == columnBinary {
			parameterFormats[n] = 1
		}
	}
	result := conn.PgConn().ExecParams(ctx, string(sql), parameters, oids, parameterFormats, formats)
	if err := readRow(result, r, columns, values, memory); err != nil {
		_, _ = result.Close()
		return err
	}
	_, err = result.Close()
	if code := source.SQLState(err); code == source.UndefinedTable || code == source.UndefinedColumn {
		return nil // dropped or renamed since: not to be had any more
	}
	return err
}

func readRow(result *pgconn.ResultReader, r *relation, columns []int, values []change.Value, memory *pgvalue.Decoder) error {
	for result.NextRow() {
		for n, data := range result.Values() {
			i := columns[n]
			if data == nil {
				values[i] = change.NullValue()
				continue
			}
			data = memory.Keep(data)
			var err error
			if r.types[i].Binary() {
				values[i], err = memory.Binary(r.types[i], data)
			} else {
				values[i], err = memory.Text(r.types[i], data)
			}
			if err != nil {
				return fmt.Errorf("column %s: %w", r.shape.Columns[i].Name, err)
			}
		}
	}
	return nil
}
