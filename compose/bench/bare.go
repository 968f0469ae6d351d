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

// rowsOfBlock is what a block has of it: the consumer's default, or what it has room for in its default of bytes.
func (s shape) rowsOfBlock() int { return min(blockRows, 4_000_000/int(s)) }

// bareTimes is what the process of the bare loop prints.
type bareTimes struct {
	Loop time.Duration `json:"loop"` // without the process's start
}

// bareInsert runs the bare loop in a process of its own.
func (b *bench) bareInsert(ctx context.Context, table string, rows int, s shape) (run, error) {
	self, err := os.Executable()
	if err != nil {
		return run{}, err
	}
	before, err := usageOf(b.stack.ClickHouse.Pid())
	if err != nil {
		return run{}, err
	}
	r, out, err := runPeer(ctx, rows, self, bareName, b.stack.ClickHouse.Addr(), table, fmt.Sprint(rows), fmt.Sprint(int(s)))
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
		Use: bareName + " address table rows columns", Hidden: true, Args: cobra.ExactArgs(4),
		RunE: func(c *cobra.Command, args []string) error {
			rows, columns := 0, 0
			if _, err := fmt.Sscan(args[2]+" "+args[3], &rows, &columns); err != nil {
				return err
			}
			took, err := bareLoop(c.Context(), args[0], args[1], rows, shape(columns))
			if err != nil {
				return err
			}
			return json.NewEncoder(c.OutOrStdout()).Encode(bareTimes{took})
		},
	}
}

// bareLoop makes blocks of rows, and inserts one after the other.
func bareLoop(ctx context.Context, address, table string, rows int, s shape) (time.Duration, error) {
	click, err := ch.Dial(ctx, ch.Options{Address: address, Compression: ch.CompressionLZ4})
	if err != nil {
		return 0, err
	}
	defer click.Close() //nolint:errcheck // everything was answered by then
	began := time.Now()
	c := newColumns(s)
	for id := 1; id <= rows; {
		c.reset()
		first := id
		for ; id <= rows && id < first+s.rowsOfBlock(); id++ {
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
