package lookup

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

// column is one joined column.
type column struct {
	name  string
	keys  []string
	sql   string
	cache cache

	value   pgvalue.Type // of the answers, once described
	key     []byte       // of the change at hand
	missing []string     // keys without an answer
	wanted  map[string]bool
}

func newColumn(c config.Lookup) *column {
	return &column{name: c.Column, keys: c.Keys, sql: c.SQL, wanted: map[string]bool{}}
}

// describe asks the server what the SQL gives.
func (c *column) describe(ctx context.Context, session *source.Session, types *source.Types) (source.ColumnType, error) {
	conn, err := session.Conn(ctx)
	if err != nil {
		return source.ColumnType{}, err
	}
	d, err := conn.Prepare(ctx, "", c.sql)
	if err != nil {
		return source.ColumnType{}, c.explain(err)
	}
	if len(d.ParamOIDs) != len(c.keys) || len(d.Fields) != 2 {
		return source.ColumnType{}, &source.Refusal{
			Problem: fmt.Sprintf("the lookup of %q takes %d parameters and gives %d columns", c.name, len(d.ParamOIDs), len(d.Fields)),
			Fix:     fmt.Sprintf("have its SQL take an array for each of its %d keys ($1, $2, ...) and give two columns, the element's ordinality and the value", len(c.keys)),
		}
	}
	t, err := types.Resolve(ctx, d.Fields[1].DataTypeOID, d.Fields[1].TypeModifier)
	c.value = t.Value
	return t, err
}

// mine are the classes of errors that come from the SQL itself: not supported, cardinality, data, syntax or access,
// raised by a function. All others, a server that shuts down among them, may pass.
var mine = []string{"0A", "21", "22", "42", "P0"}

// explain makes a refusal of an error that comes from the SQL itself.
func (c *column) explain(err error) error {
	state := source.SQLState(err)
	if len(state) != 5 || !slices.Contains(mine, state[:2]) {
		return source.ConnectError(err)
	}
	return &source.Refusal{
		Problem: fmt.Sprintf("the lookup of %q fails", c.name),
		Fix:     "mend its SQL in the config; psql runs it with arrays for its parameters",
		Err:     err,
	}
}

// fill sets the column, which is the at-th, in each change of r.
func (c *column) fill(ctx context.Context, session *source.Session, changes []change.Change, r *relation, at int, keys []int, now time.Time) error {
	c.cache.turn(now)
	c.missing = c.missing[:0]
	clear(c.wanted)
	each(changes, r, func(values []change.Value) {
		c.appendKey(r.joined, values, keys)
		v, ok := c.cache.get(c.key)
		if ok {
			values[at] = v
		} else if !c.wanted[string(c.key)] {
			k := string(c.key)
			c.wanted[k] = true
			c.missing = append(c.missing, k)
		}
	})
	if len(c.missing) == 0 {
		return nil
	}
	if err := c.ask(ctx, session); err != nil {
		return err
	}
	each(changes, r, func(values []change.Value) {
		c.appendKey(r.joined, values, keys)
		values[at], _ = c.cache.get(c.key)
	})
	return nil
}

// each calls f with the values of every change of r that has a row to join to.
func each(changes []change.Change, r *relation, f func([]change.Value)) {
	for i := range changes {
		if c := &changes[i]; c.Relation == r.joined && c.Op != change.Delete && len(c.Values) > 0 {
			f(c.Values)
		}
	}
}

// A key is its values' texts, each with a byte before it that says whether it is NULL, and ended by a zero, which no text
// of PostgreSQL's holds.
const (
	keyEnd   = '\x00'
	keyNull  = 'n'
	keyValue = 'v'
)

func (c *column) appendKey(r *change.Relation, values []change.Value, keys []int) {
	c.key = c.key[:0]
	for _, k := range keys {
		if v := &values[k]; v.Kind == change.Null || v.Kind == change.Unavailable {
			c.key = append(c.key, keyNull)
		} else {
			c.key = pgvalue.AppendText(append(c.key, keyValue), r.Columns[k].Type, v)
		}
		c.key = append(c.key, keyEnd)
	}
}

// ask asks for the missing keys in one query.
func (c *column) ask(ctx context.Context, session *source.Session) error {
	conn, err := session.Conn(ctx)
	if err != nil {
		return err
	}
	args := append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode, pgx.TextFormatCode}}, c.arguments()...)
	rows, err := conn.Query(ctx, c.sql, args...)
	if err != nil {
		return c.explain(err)
	}
	defer rows.Close()
	answers := make([]change.Value, len(c.missing))
	for i := range answers { // an element without an answer has NULL
		answers[i] = change.NullValue()
	}
	var decoder pgvalue.Decoder
	for rows.Next() {
		var ordinality int64
		if err := rows.Scan(&ordinality, nil); err != nil {
			return c.explain(err)
		}
		if ordinality < 1 || ordinality > int64(len(c.missing)) {
			return fmt.Errorf("its SQL answers for element %d of %d", ordinality, len(c.missing))
		}
		raw := rows.RawValues()[1]
		if raw == nil {
			continue
		}
		v, err := decoder.Text(c.value, bytes.Clone(raw))
		if err != nil {
			return fmt.Errorf("the value %q: %w", raw, err)
		}
		answers[ordinality-1] = v
	}
	if err := rows.Err(); err != nil {
		return c.explain(err)
	}
	for i, k := range c.missing { // now that all of the answer is there
		c.cache.put(k, answers[i])
	}
	return nil
}

// arguments writes the missing keys as one array literal per key column.
func (c *column) arguments() []any {
	arrays := make([][]byte, len(c.keys))
	for i := range arrays {
		arrays[i] = append(arrays[i], '{')
	}
	for n, key := range c.missing {
		for i := range arrays {
			text, rest, _ := strings.Cut(key, string(keyEnd))
			key = rest
			if n > 0 {
				arrays[i] = append(arrays[i], ',')
			}
			arrays[i] = appendElement(arrays[i], text)
		}
	}
	args := make([]any, len(arrays))
	for i := range arrays {
		args[i] = string(append(arrays[i], '}'))
	}
	return args
}

var elementEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// appendElement appends an element of an array literal.
func appendElement(b []byte, text string) []byte {
	if text[0] == keyNull {
		return append(b, "NULL"...)
	}
	b = append(b, '"')
	b = append(b, elementEscapes.Replace(text[1:])...)
	return append(b, '"')
}
