package main

import (
	"context"
	"fmt"
)

var largeMetric = metric{"producer_large_transaction_memory", "MiB", run.peakMiB}

// largeLimit is in MiB.
const largeLimit = 200

// large measures the memory that the producer takes at most while it streams one large transaction.
func (b *bench) large(ctx context.Context, db *database) (map[string]figure, error) {
	slots := make([]configured, b.largeRuns)
	configs := make([]string, b.largeRuns)
	var err error
	for i := range slots {
		slots[i] = configured{prefix: fmt.Sprintf("large_%d", i), name: fmt.Sprintf("large_%d", i)}
		if configs[i], err = b.makeSlot(ctx, db, slots[i]); err != nil {
			return nil, err
		}
	}
	b.say("writing one transaction of %s rows", number(float64(b.largeRows)))
	if _, err := db.write(ctx, 0, b.largeRows, b.largeRows); err != nil {
		return nil, err
	}
	ours := side{"producer, one transaction", func(ctx context.Context, i int) (run, error) {
		c := slots[i]
		begun := func() (bool, error) { return db.streams(ctx, c.name) }
		r, err := b.publish(ctx, c, configs[i], begun, 0, b.largeRows)
		if err != nil {
			return r, err
		}
		if err := b.forget(c); err != nil {
			return r, err
		}
		return r, db.dropSlots(ctx, c.name)
	}}
	runs, err := b.turns(ctx, b.largeRuns, nothing, ours)
	if err != nil {
		return nil, err
	}
	return map[string]figure{largeMetric.name: limited(largeMetric, largeLimit, runs[0])}, db.exec(ctx, "TRUNCATE events")
}
