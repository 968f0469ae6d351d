package replication

import (
	"encoding/binary"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// fetch asks for columns of some rows of a relation.
type fetch struct {
	relation *relation
	columns  []int
	keys     [][]field      // each once
	values   []change.Value // of the columns, key by key; of no kind where there is no such row
	read     int            // for so many of the keys it is known
	index    map[string]int // of the keys
}

// row is where the values of a key's row are.
func (f *fetch) row(key int) []change.Value {
	return f.values[key*len(f.columns) : (key+1)*len(f.columns)]
}

// fill fills the row of a key in, if it was read.
func (f *fetch) fill(key int, values []change.Value) bool {
	if key >= f.read {
		return false
	}
	for n, v := range f.row(key) {
		if v.Kind != 0 {
			values[f.columns[n]] = v
		}
	}
	return true
}

// fetches sorts incomplete rows by what is to be asked for them.
type fetches struct {
	inOrder []*fetch
	of      []*fetch // of the n-th row
	key     []int    // of the n-th row
}

func (s *fetches) add(row *incomplete) {
	f := s.find(row)
	name := string(appendKey(nil, row.key))
	key, ok := f.index[name]
	if !ok {
		key = len(f.keys)
		f.index[name] = key
		f.keys = append(f.keys, row.key)
		f.values = append(f.values, make([]change.Value, len(f.columns))...)
	}
	s.of, s.key = append(s.of, f), append(s.key, key)
}

func (s *fetches) find(row *incomplete) *fetch {
	for _, f := range s.inOrder {
		if f.relation == row.relation && f.misses(row.values) {
			return f
		}
	}
	f := &fetch{relation: row.relation, index: map[string]int{}}
	for i := range row.values {
		if row.values[i].Kind == change.Unavailable {
			f.columns = append(f.columns, i)
		}
	}
	s.inOrder = append(s.inOrder, f)
	return f
}

// misses reports whether values miss just the fetch's columns.
func (f *fetch) misses(values []change.Value) bool {
	n := 0
	for i := range values {
		if values[i].Kind != change.Unavailable {
			continue
		}
		if n == len(f.columns) || f.columns[n] != i {
			return false
		}
		n++
	}
	return n == len(f.columns)
}

// appendKey makes one key of several fields.
func appendKey(b []byte, key []field) []byte {
	for _, f := range key {
		b = append(b, f.kind)
		b = binary.BigEndian.AppendUint32(b, uint32(len(f.data))) //nolint:gosec // G115: a message is shorter
		b = append(b, f.data...)
	}
	return b
}

// statement adds the query for the fetch's rows.
func (f *fetch) statement(batch *pgconn.Batch, name source.Name) {
	r := f.relation
	sql := []byte("SELECT k.n")
	formats := []int16{1}
	for _, i := range f.columns {
		sql = append(sql, ", t."+source.Quote(r.shape.Columns[i].Name)...)
		formats = append(formats, r.format(i))
	}
	sql = append(sql, " FROM (VALUES "...)
	var parameters [][]byte
	var oids []uint32
	var parameterFormats []int16
	for n, key := range f.keys {
		if n > 0 {
			sql = append(sql, ", "...)
		}
		sql = append(sql, '(')
		for k, i := range r.key {
			parameters, oids = append(parameters, key[k].data), append(oids, r.oids[i])
			parameterFormats = append(parameterFormats, format(key[k].kind))
			sql = strconv.AppendInt(append(sql, '$'), int64(len(parameters)), 10)
			sql = append(sql, ", "...)
		}
		sql = append(strconv.AppendInt(sql, int64(n), 10), ')')
	}
	sql = append(sql, ") AS k ("...)
	for k := range r.key {
		sql = append(strconv.AppendInt(append(sql, 'k'), int64(k), 10), ", "...)
	}
	sql = append(sql, "n) JOIN "+name.SQL()+" t ON "...)
	for k, i := range r.key {
		if k > 0 {
			sql = append(sql, " AND "...)
		}
		sql = append(sql, "t."+source.Quote(r.shape.Columns[i].Name)+" = k.k"...)
		sql = strconv.AppendInt(sql, int64(k), 10)
	}
	sql = append(sql, " ORDER BY k.n"...)
	batch.ExecParams(string(sql), parameters, oids, parameterFormats, formats)
}

// format is the protocol's number of the format that a tuple's column is in.
func format(kind byte) int16 {
	if kind == columnBinary {
		return 1
	}
	return 0
}

// format is that in which the column's values are asked for.
func (r *relation) format(i int) int16 {
	if r.types[i].Binary() {
		return 1
	}
	return 0
}
