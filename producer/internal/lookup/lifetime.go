package lookup

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// lifetime decides how long a column's answers live.
type lifetime struct {
	watched []source.Name
	// whole says that no table is known that the SQL reads and that is not watched.
	whole bool
	// blind says that the changes of a watched table do not come.
	blind bool
}

func newLifetime(watches []config.Watch) lifetime {
	var l lifetime
	for _, w := range watches {
		l.watched = append(l.watched, source.ParseName(w.Source))
	}
	return l
}

func (l *lifetime) age() time.Duration {
	if l.whole && !l.blind {
		return watchedAge
	}
	return unwatchedAge
}

// Blind has the Lookup ask, with each batch, which tables' changes do not come although they were asked for. It is called
// before the first Publish.
func (l *Lookup) Blind(tables func() []source.Name) { l.blind = tables }

// lookAround asks which tables are not seen. Answers from before a table was left out, or taken up again, may have missed a change.
func (l *Lookup) lookAround() {
	if l.blind == nil {
		return
	}
	now := l.blind()
	if slices.Equal(now, l.unseenTables) {
		return
	}
	l.unseenTables = slices.Clone(now)
	for _, c := range l.columns {
		blind := slices.ContainsFunc(c.lifetime.watched, func(n source.Name) bool { return slices.Contains(now, n) })
		if blind != c.lifetime.blind {
			c.lifetime.blind = blind
			c.evicted(c.cache.clear())
			c.cache.age = c.lifetime.age()
		}
	}
}

// survey finds out whether the SQL reads a table that is not watched: a list that lacks one must not have answers live
// for longer. What functions read is not seen.
func (c *column) survey(ctx context.Context, session *source.Session, log *zap.Logger) error {
	if len(c.lifetime.watched) == 0 {
		return nil
	}
	read, err := c.reads(ctx, session)
	if err != nil {
		return err
	}
	c.lifetime.whole = true
	for _, name := range read {
		if !slices.Contains(c.lifetime.watched, name) {
			c.lifetime.whole = false
			log.Warn("a lookup reads a table that it does not watch: its answers live for minutes, not for an hour",
				zap.String("table", c.table), zap.String("column", c.name), zap.Stringer("reads", name), zap.String("fix", "name it under the lookup's watch"))
		}
	}
	c.cache.age = c.lifetime.age()
	return nil
}

// node is one of a plan.
type node struct {
	Schema   string `json:"Schema"`
	Relation string `json:"Relation Name"`
	Plans    []node `json:"Plans"`
}

func (n *node) each(f func(*node)) {
	f(n)
	for i := range n.Plans {
		n.Plans[i].each(f)
	}
}

// reads gives the tables that the SQL's plan reads, partitions by the table that they are of.
func (c *column) reads(ctx context.Context, session *source.Session) ([]source.Name, error) {
	conn, err := session.Conn(ctx)
	if err != nil {
		return nil, err
	}
	args := make([]any, len(c.keys))
	for i := range args {
		args[i] = "{}"
	}
	var text string
	if err := conn.QueryRow(ctx, "EXPLAIN (VERBOSE, FORMAT JSON) "+c.sql, args...).Scan(&text); err != nil {
		return nil, c.explain(err)
	}
	var plans []struct {
		Plan node `json:"Plan"`
	}
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&plans); err != nil {
		return nil, fmt.Errorf("read its plan: %w", err)
	}
	var schemas, tables []string
	for _, p := range plans {
		p.Plan.each(func(n *node) {
			if n.Relation != "" {
				schemas, tables = append(schemas, n.Schema), append(tables, n.Relation)
			}
		})
	}
	rows, err := conn.Query(ctx, `
		SELECT DISTINCT n.nspname::text, t.relname::text FROM unnest($1::text[], $2::text[]) r (schema, name)
		JOIN pg_catalog.pg_class c ON c.oid = to_regclass(format('%I.%I', r.schema, r.name))
		JOIN pg_catalog.pg_class t ON t.oid = coalesce(pg_partition_root(c.oid), c.oid)
		JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace ORDER BY 1, 2`, schemas, tables)
	if err != nil {
		return nil, fmt.Errorf("find the tables of its plan: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[source.Name])
}
