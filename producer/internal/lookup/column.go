package lookup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

// column is one joined column.
type column struct {
	table    string
	name     string
	keys     []string
	families []string // of the keys' types, once the table's shape is known
	sql      string
	cache    cache
	lifetime lifetime
	counters counters

	value   pgvalue.Type // of the answers, once described
	oid     uint32       // of that type
	key     []byte       // of the change at hand
	missing []string     // keys without an answer
	wanted  map[string]bool
}

func newColumn(table string, c config.Lookup) *column {
	return &column{
		table: table, name: c.Column, keys: c.Keys, sql: c.SQL,
		cache: cache{age: unwatchedAge}, lifetime: newLifetime(c.Watch), wanted: map[string]bool{},
	}
}

// shape learns the types of the keys, of each relation that the table ever has.
func (c *column) shape(r *change.Relation, keys []int) {
	if c.families == nil {
		c.families = make([]string, len(keys))
		for i, k := range keys {
			c.families[i] = family(&r.Columns[k])
		}
	}
	for i, k := range keys {
		if c.families[i] != family(&r.Columns[k]) {
			c.families[i] = "" // answers of both may be remembered
		}
	}
}

func (c *column) evicted(n int) { c.counters.evictions.Add(uint64(n)) } //nolint:gosec // G115: a count is positive

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
	c.value, c.oid = t.Value, d.Fields[1].DataTypeOID
	return t, err
}

// mine are the classes of errors that come from the SQL itself: not supported, cardinality, data, syntax or access,
// raised by a function. All others, a server that shuts down among them, may pass.
var mine = []string{"0A", "21", "22", "42", "P0"}

// errReshaped says that the SQL gives another type than it was described with: a table that it reads was altered.
var errReshaped = errors.New("the type of its answers has changed")

// explain makes a refusal of an error that comes from the SQL itself.
func (c *column) explain(err error) error {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) && pg.Routine == "RevalidateCachedQuery" {
		return fmt.Errorf("%w: %w", errReshaped, err)
	}
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
	var hits, misses uint64
	each(changes, r, func(values []change.Value) {
		c.appendKey(r.joined, values, keys)
		v, ok := c.cache.get(c.key)
		if ok {
			values[at] = v
			hits++
			return
		}
		misses++
		if !c.wanted[string(c.key)] {
			k := string(c.key)
			c.wanted[k] = true
			c.missing = append(c.missing, k)
		}
	})
	if len(c.missing) > 0 {
		began := time.Now()
		if err := c.ask(ctx, session); err != nil {
			return err
		}
		c.counters.asked(time.Since(began))
		each(changes, r, func(values []change.Value) {
			c.appendKey(r.joined, values, keys)
			values[at], _ = c.cache.get(c.key)
		})
	}
	c.counters.looked(hits, misses)
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
	if fields := rows.FieldDescriptions(); len(fields) == 2 && fields[1].DataTypeOID != c.oid {
		return errReshaped
	}
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
