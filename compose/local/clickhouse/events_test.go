package clickhouse_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// events are columns such as the product writes.
type events struct {
	id, author, version proto.ColUInt64
	path                proto.ColStr
	kind                *proto.ColLowCardinality[string]
	deleted             proto.ColUInt8
	created             *proto.ColDateTime64
}

func newEvents(from, rows int) *events {
	e := &events{
		kind:    new(proto.ColStr).LowCardinality(),
		created: new(proto.ColDateTime64).WithPrecision(proto.PrecisionMicro).WithLocation(time.UTC),
	}
	e.fill(from, rows)
	return e
}

func (e *events) input() proto.Input {
	return proto.Input{
		{Name: "id", Data: &e.id},
		{Name: "path", Data: &e.path},
		{Name: "author_id", Data: &e.author},
		{Name: "target_type", Data: e.kind},
		{Name: "deleted", Data: &e.deleted},
		{Name: "created_at", Data: e.created},
		{Name: "_version", Data: &e.version},
	}
}

func (e *events) results() proto.Results {
	var out proto.Results
	for _, in := range e.input() {
		out = append(out, proto.ResultColumn{Name: in.Name, Data: in.Data.(proto.ColResult)})
	}
	return out
}

var eventPaths = func() (paths [5000]string) {
	for i := range paths {
		paths[i] = fmt.Sprintf("%d/%d/", i%7, i)
	}
	return paths
}()

var eventKinds = []string{"Issue", "MergeRequest", "", "Note", "Milestone", "WikiPage::Meta"}

func (e *events) fill(from, rows int) {
	e.input().Reset()
	start := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	for i := from; i < from+rows; i++ {
		e.id.Append(uint64(i))
		e.path.Append(eventPaths[i%len(eventPaths)])
		e.author.Append(uint64(i * 7 % 100003))
		e.kind.Append(eventKinds[i%len(eventKinds)])
		e.deleted.Append(0)
		e.created.Append(start.Add(time.Duration(i) * time.Millisecond))
		e.version.Append(uint64(i))
	}
}

// createEvents makes an empty table for them.
func createEvents(t *testing.T, c *ch.Client) (table string) {
	t.Helper()
	table = tableName(t, c)
	exec(t, c, "CREATE TABLE "+table+` (
		id UInt64, path String, author_id UInt64, target_type LowCardinality(String), deleted UInt8,
		created_at DateTime64(6, 'UTC'), _version UInt64
	) ENGINE = ReplacingMergeTree(_version, deleted) ORDER BY id SETTINGS non_replicated_deduplication_window = 1000`)
	return table
}

const eventColumns = " (id, path, author_id, target_type, deleted, created_at, _version) VALUES"

func insertEvents(t *testing.T, c *ch.Client, table string, e *events, settings ...ch.Setting) {
	t.Helper()
	settings = append(settings, setting("async_insert", "0"))
	if err := c.Do(t.Context(), ch.Query{Body: "INSERT INTO " + table + eventColumns, Input: e.input(), Settings: settings}); err != nil {
		t.Fatal(err)
	}
}

// streamEvents sends blocks of rows in one INSERT; before is called ahead of each block, and its error ends the INSERT.
func streamEvents(ctx context.Context, c *ch.Client, table string, blocks, rows int, before func(block int) error, settings ...ch.Setting) error {
	e := newEvents(0, 0)
	sent := 0
	return c.Do(ctx, ch.Query{
		Body: "INSERT INTO " + table + eventColumns, Input: e.input(), Settings: append(settings, setting("async_insert", "0")),
		OnInput: func(context.Context) error {
			if err := before(sent); err != nil {
				return err
			}
			if sent == blocks {
				e.input().Reset()
				return io.EOF
			}
			e.fill(sent*rows, rows)
			sent++
			return nil
		},
	})
}

func always(int) error { return nil }

func each(f func(proto.Block) error) func(context.Context, proto.Block) error {
	return func(_ context.Context, b proto.Block) error { return f(b) }
}
