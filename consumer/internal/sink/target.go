package sink

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
)

// Target is one table of one shard, as a worker uses it.
type Target struct {
	*Server
	table      string
	replicated bool
}

// Target is the table on this shard.
func (s *Server) Target(t *Table) *Target {
	return &Target{Server: s, table: t.Name, replicated: isReplicated(t.Engine)}
}

func isReplicated(engine string) bool {
	return strings.HasPrefix(engine, "Replicated") || strings.HasPrefix(engine, "Shared")
}

// Select is the server's, of a replica that has what the others were given before.
func (t *Target) Select(ctx context.Context, query string, result proto.Results, onBlock func(rows int) error) error {
	return t.failed("select", t.pool.use(ctx, func(ctx context.Context, c *client) error {
		if err := t.sync(ctx, c); err != nil {
			return err
		}
		return stream(ctx, c, query, result, onBlock)
	}))
}

// sync has the replica behind the connection catch up with the others.
func (t *Target) sync(ctx context.Context, c *client) error {
	if !t.replicated {
		return nil
	}
	return c.Do(ctx, ch.Query{Body: "SYSTEM SYNC REPLICA " + identifier(t.table) + " LIGHTWEIGHT"})
}

// Started is a time that the server has surely started after. Of several replicas nobody knows which was asked before,
// and the time is zero.
func (t *Target) Started(ctx context.Context) (time.Time, error) {
	if t.replicas > 1 {
		return time.Time{}, nil
	}
	var up time.Duration
	asked := time.Now()
	err := t.pool.use(ctx, func(ctx context.Context, c *client) error {
		rows, err := readStrings(ctx, c, "SELECT toString(uptime())", 1)
		if err != nil || len(rows) == 0 {
			return err
		}
		seconds, err := strconv.ParseInt(rows[0][0], 10, 64)
		up = time.Duration(seconds+1) * time.Second // it is cut to whole ones
		return err
	})
	if err != nil || up == 0 {
		return time.Time{}, t.failed("ask how long the server has been up", err)
	}
	return asked.Add(-up), nil
}

// HasViews reports whether materialized views read from the table.
func (t *Target) HasViews(ctx context.Context) (bool, error) {
	var views bool
	err := t.pool.use(ctx, func(ctx context.Context, c *client) error {
		rows, err := readStrings(ctx, c, "SELECT toString(length(dependencies_table)) FROM system.tables WHERE database = {database:String} AND name = {table:String}", 1,
			parameter("database", t.database), parameter("table", t.table))
		views = len(rows) > 0 && rows[0][0] != "0"
		return err
	})
	return views, t.failed("look for views on "+t.table, err)
}

// DeleteBelow removes the rows whose version is smaller, and returns when no query sees them any more.
func (t *Target) DeleteBelow(ctx context.Context, version change.Version) error {
	statement := fmt.Sprintf("DELETE FROM %s WHERE _version < %d", identifier(t.table), uint64(version))
	return t.failed(statement, t.pool.use(ctx, func(ctx context.Context, c *client) error {
		return c.Do(ctx, ch.Query{Body: statement, Settings: []ch.Setting{important("lightweight_deletes_sync", "2")}})
	}))
}
