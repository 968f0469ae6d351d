package replication

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source/pgvalue"
)

// onlyBuiltins describes relations without a server.
type onlyBuiltins struct{}

func (onlyBuiltins) describe(_ context.Context, d *description, _ *relation) (*relation, error) {
	r := &relation{name: d.name.String(), oid: d.oid, shape: &change.Relation{Schema: d.name.Schema, Table: d.name.Table}}
	for i, c := range d.columns {
		t, _, _ := pgvalue.Builtin(c.oid)
		r.types, r.oids = append(r.types, t), append(r.oids, c.oid)
		r.shape.Columns = append(r.shape.Columns, change.Column{Name: c.name, Type: t.Change(), Key: c.key})
		if c.key {
			r.key = append(r.key, i)
		}
	}
	return r, nil
}

func (onlyBuiltins) read(_ context.Context, f *fetch, memory *pgvalue.Decoder, _ int) error {
	for i := range f.values {
		f.values[i] = change.TextValue(memory.Keep([]byte("read")))
	}
	f.read = len(f.keys)
	return nil
}

// message joins a message's fields.
func message(fields ...any) []byte {
	var b []byte
	for _, f := range fields {
		switch f := f.(type) {
		case rune:
			b = append(b, byte(f))
		case int:
			b = binary.BigEndian.AppendUint16(b, uint16(f))
		case uint32:
			b = binary.BigEndian.AppendUint32(b, f)
		case uint64:
			b = binary.BigEndian.AppendUint64(b, f)
		case string: // ends with a zero byte
			b = append(append(b, f...), 0)
		case []byte: // begins with its length
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
		}
	}
	return b
}

// stream is a stream's messages, each with its length before it.
func joined(messages ...[]byte) []byte {
	var b []byte
	for _, m := range messages {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(m))), m...)
	}
	return b
}

// seed is a transaction of every kind of change.
func seed() [][]byte {
	begin := message('B', uint64(100), uint64(5), uint32(7))
	relation := message('R', uint32(1), "public", "a", 'd', 3, '\x01', "id", uint32(23), ^uint32(0), '\x00', "t", uint32(25), ^uint32(0), '\x00', "n", uint32(1700), ^uint32(0))
	row := message(3, 't', []byte("1"), 'u', 'b', []byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 1})
	key := message(3, 't', []byte("2"), 'n', 'n')
	return [][]byte{
		begin, relation, append(message('I', uint32(1), 'N'), row...),
		append(append(message('U', uint32(1), 'K'), key...), append([]byte{'N'}, row...)...),
		append(append(message('U', uint32(1), 'O'), row...), append([]byte{'N'}, key...)...),
		append(message('U', uint32(1), 'N'), row...),
		append(message('D', uint32(1), 'K'), key...),
		message('T', uint32(1), '\x00', uint32(1)),
		message('C', '\x00', uint64(100), uint64(120), uint64(5)),
	}
}

func FuzzMessages(f *testing.F) {
	f.Add(joined(seed()...))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := newDecoder(0, onlyBuiltins{}, onlyBuiltins{})
		for len(b) >= 2 {
			size := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			if d.message(t.Context(), 50, b[2:2+size]) != nil {
				break
			}
			b = b[2+size:]
		}
		for changes, err := d.next(t.Context()); len(changes) > 0; changes, err = d.next(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range d.changes {
			if c.Op != change.Truncate && len(c.Values) != len(c.Relation.Columns) {
				t.Errorf("a change of %d values and %d columns", len(c.Values), len(c.Relation.Columns))
			}
		}
	})
}

// The fuzz target's seed is a stream that decodes.
func TestMessages(t *testing.T) {
	d := newDecoder(0, onlyBuiltins{}, onlyBuiltins{})
	for _, m := range seed() {
		if err := d.message(t.Context(), 50, m); err != nil {
			t.Fatalf("message %q: %v", m, err)
		}
	}
	if changes, err := d.next(t.Context()); err != nil || len(changes) != len(d.changes) {
		t.Fatalf("%d changes of %d are given: %v", len(changes), len(d.changes), err)
	}
	var got []string
	for i := range d.changes {
		got = append(got, record(&d.changes[i]).String())
	}
	want := []string{
		"a insert 1 ? 1", "a delete 2 ? ?", "a insert 1 read 1", "a delete 1 ? 1", "a insert 2 NULL NULL",
		"a update 1 read 1", "a delete 2 ? ?", "a truncate",
	}
	if !slices.Equal(got, want) || d.end != 120 {
		t.Errorf("decoded %q up to %v, want %q", got, d.end, want)
	}
}

// What cannot be read in binary has the stream go on in text.
func TestBinaryThatIsNotUnderstood(t *testing.T) {
	d := newDecoder(0, onlyBuiltins{}, onlyBuiltins{})
	for i, m := range append(seed()[:2], append(message('I', uint32(1), 'N'), message(3, 'b', []byte{1, 2, 3, 4}, 'n', 'b', []byte("not a numeric"))...)) {
		err := d.message(t.Context(), 50, m)
		if bad := i == 2; errors.Is(err, errNotBinary) != bad || !bad && err != nil {
			t.Errorf("message %d: %v", i, err)
		}
	}
}
