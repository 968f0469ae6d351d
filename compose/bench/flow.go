package main

import (
	"context"
	"fmt"
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

const (
	flowEvery = 20 * time.Millisecond
	flowRows  = 20 // in each partition each time
)

// flow publishes rows to all partitions of a topic all the time.
type flow struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// keepFilling goes on behind the rows that fillTopic has written.
func keepFilling(ctx context.Context, broker string, f full) *flow {
	ctx, cancel := context.WithCancel(ctx)
	w := &flow{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		if err := w.run(ctx, broker, f); ctx.Err() == nil {
			w.err = err
		}
	}()
	return w
}

func (w *flow) stop() error {
	w.cancel()
	<-w.done
	return w.err
}

func (w *flow) run(ctx context.Context, broker string, f full) error {
	client, err := kafkaclient.New(config.Kafka{Brokers: []string{broker}}, "bench")
	if err != nil {
		return err
	}
	defer client.Close()
	compressor, err := recordbatch.NewCompressor("lz4")
	if err != nil {
		return err
	}
	c := change.Change{Relation: f.shape.relation(), Op: change.Insert}
	next := written{writer: newWriter(f)}
	tick := time.NewTicker(flowEvery)
	defer tick.Stop()
	for id := int64(f.rows + 1); ; {
		for p := range f.partitions {
			next.previous = change.Position{} // it stands for that of another partition
			for range flowRows {
				f.shape.change(id, &c)
				next.append(&c)
				id++
			}
			if err := produce(ctx, client, f.topic(), p, next.Seal(make([]byte, sizePrefix), compressor)); err != nil {
				return fmt.Errorf("publish to topic %s: %w", f.topic(), err)
			}
			next.Reset()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
