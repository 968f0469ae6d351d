package sink

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// clockSkew is how much the clocks of the server and of a consumer may differ.
const clockSkew = time.Minute

// Remembers reports whether the table has surely kept the tokens of all inserts since then, and so have the tables behind
// its materialized views.
func (t *Target) Remembers(ctx context.Context, since time.Time) (bool, error) {
	var remembered bool
	err := t.pool.use(ctx, func(ctx context.Context, c *client) error {
		if err := t.sync(ctx, c); err != nil {
			return err
		}
		of, err := relationOf(ctx, c, t.database, t.table)
		if err != nil {
			return err
		}
		behind, err := viewsOf(ctx, c, of, nil)
		if err != nil {
			return err
		}
		remembered, err = of.remembers(ctx, c, since)
		for i := 0; i < len(behind) && remembered && err == nil; i++ {
			if to := behind[i].to; strings.HasSuffix(to.engine, "MergeTree") {
				remembered, err = to.remembers(ctx, c, since)
			}
		}
		return err
	})
	return remembered && err == nil, t.failed("look how many blocks "+t.table+" was given", err)
}

// remembers compares the window with how many blocks there were at most. Each inserted part takes the next number of the
// table, or of its partition where the table is replicated. A mutation takes one too, and leaves it in every part: it tells
// of parts that were emptied by it, and are gone.
func (r relation) remembers(ctx context.Context, c *client, since time.Time) (bool, error) {
	window, err := definedSetting(ctx, c, windowSetting(r.engine), r.full)
	if err != nil || window == 0 {
		return false, err
	}
	group := "table"
	if isReplicated(r.engine) {
		group = "partition_id"
		seconds, err := definedSetting(ctx, c, "replicated_deduplication_window_seconds", r.full)
		if err != nil || time.Since(since)+clockSkew >= time.Duration(min(seconds, 1<<32))*time.Second {
			return false, err
		}
	}
	then := strconv.FormatInt(since.Add(-clockSkew).Unix(), 10)
	rows, err := readStrings(ctx, c, "SELECT toString(sum(blocks)) FROM (SELECT toInt64(max(greatest(max_block_number, data_version))) - toInt64(maxIf(max_block_number, modification_time < fromUnixTimestamp("+then+"))) AS blocks "+
		"FROM system.parts WHERE database = {database:String} AND table = {table:String} GROUP BY "+group+")", 1, parameter("database", r.database), parameter("table", r.name))
	if err != nil || len(rows) == 0 {
		return false, err
	}
	blocks, err := strconv.ParseUint(rows[0][0], 10, 64)
	return err == nil && blocks < window, err
}
