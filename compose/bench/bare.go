package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/spf13/cobra"
)

// blockRows is what the consumer puts into a block by default.
const blockRows = 100_000

// bareTimes is what the process of the bare loop prints.
type bareTimes struct {
	Loop time.Duration `json:"loop"` // without the process's start
}

// bareInsert runs the bare loop in a process of its own.
func (b *bench) bareInsert(ctx context.Context, table string) (run, error) {
	self, err := os.Executable()
	if err != nil {
		return run{}, err
	}
	before, err := usageOf(b.stack.ClickHouse.Pid())
	if err != nil {
		return run{}, err
	}
	r, out, err := runPeer(ctx, b.rows, self, bareName, b.stack.ClickHouse.Addr(), table, fmt.Sprint(b.rows))
	if err != nil {
		return run{}, err
	}
	after, err := usageOf(b.stack.ClickHouse.Pid())
	if err != nil {
		return run{}, err
	}
	var t bareTimes
	if err := json.Unmarshal(out, &t); err != nil {
		return run{}, fmt.Errorf("the bare loop printed %q: %w", out, err)
	}
	r.took, r.server = t.Loop, after.cpu-before.cpu
	return r, nil
}

const bareName = "bare-insert"

func bareCommand() *cobra.Command {
	return &cobra.Command{
		Use: bareName + " address table rows", Hidden: true, Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			rows := 0
			if _, err := fmt.Sscan(args[2], &rows); err != nil {
				return err
			}
			took, err := bareLoop(c.Context(), args[0], args[1], rows)
			if err != nil {
				return err
			}
			return json.NewEncoder(c.OutOrStdout()).Encode(bareTimes{took})
		},
	}
}

// bareLoop makes blocks of rows, and inserts one after the other.
func bareLoop(ctx context.Context, address, table string, rows int) (time.Duration, error) {
	click, err := ch.Dial(ctx, ch.Options{Address: address, Compression: ch.CompressionLZ4})
	if err != nil {
		return 0, err
	}
	defer click.Close() //nolint:errcheck // everything was answered by then
	began := time.Now()
	c := newEventColumns()
	for id := 1; id <= rows; {
		c.reset()
		first := id
		for ; id <= rows && id < first+blockRows; id++ {
			e := newEvent(int64(id))
			c.append(&e)
		}
		input := c.input()
		err := click.Do(ctx, ch.Query{Body: input.Into(table), Input: input, Settings: []ch.Setting{
			{Key: "async_insert", Value: "0", Important: true},
			{Key: "insert_deduplication_token", Value: fmt.Sprint(first), Important: true},
		}})
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

// eventColumns are those that the consumer fills, of the target's types.
type eventColumns struct {
	id, author, target, version proto.ColUInt64
	project, group              *proto.ColNullable[uint64]
	targetType                  *proto.ColLowCardinality[string]
	action, deleted             proto.ColUInt8
	created, updated            *proto.ColDateTime64
}

func newEventColumns() *eventColumns {
	return &eventColumns{
		project: new(proto.ColUInt64).Nullable(), group: new(proto.ColUInt64).Nullable(), targetType: new(proto.ColStr).LowCardinality(),
		created: utc(), updated: utc(),
	}
}

func utc() *proto.ColDateTime64 {
	return new(proto.ColDateTime64).WithPrecision(proto.PrecisionMicro).WithLocation(time.UTC)
}

func (c *eventColumns) append(e *event) {
	c.id.Append(uint64(e.id))
	c.author.Append(uint64(e.author))
	c.target.Append(uint64(e.target))
	c.project.Append(proto.Nullable[uint64]{Set: e.project != 0, Value: uint64(e.project)})
	c.group.Append(proto.Nullable[uint64]{Set: e.group != 0, Value: uint64(e.group)})
	c.targetType.Append(e.targetType)
	c.action.Append(uint8(e.action))
	c.created.AppendRaw(proto.DateTime64(e.at))
	c.updated.AppendRaw(proto.DateTime64(e.at))
	c.version.Append(uint64(200 * e.id))
	c.deleted.Append(0)
}

func (c *eventColumns) input() proto.Input {
	return proto.Input{
		{Name: "id", Data: &c.id},
		{Name: "project_id", Data: c.project},
		{Name: "group_id", Data: c.group},
		{Name: "author_id", Data: &c.author},
		{Name: "target_id", Data: &c.target},
		{Name: "target_type", Data: c.targetType},
		{Name: "action", Data: &c.action},
		{Name: "created_at", Data: c.created},
		{Name: "updated_at", Data: c.updated},
		{Name: "_version", Data: &c.version},
		{Name: "_deleted", Data: &c.deleted},
	}
}

func (c *eventColumns) reset() { c.input().Reset() }

// countRows makes sure that nothing was measured that did not do its work.
func countRows(ctx context.Context, click *ch.Client, table string, want int) error {
	var n proto.ColUInt64
	if err := click.Do(ctx, ch.Query{Body: "SELECT count() FROM " + table, Result: proto.Results{{Name: "count()", Data: &n}}}); err != nil {
		return err
	}
	if got := n.Row(0); got != uint64(want) {
		return fmt.Errorf("table %s has %d rows instead of %d", table, got, want)
	}
	return nil
}
