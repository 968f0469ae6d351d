package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// batchSize is what the producer makes batches of, before compression.
const batchSize = 900 << 10

// full says what a topic is full of.
type full struct {
	prefix     string
	rows       int // in all partitions, which have equally many
	partitions int
	shape      shape
	json       bool // as Debezium writes it
}

func (f full) topic() string { return f.prefix + "." + source }

// fillTopic makes the topic, and publishes rows as the producer would.
func fillTopic(ctx context.Context, broker string, f full) error {
	client, err := kafkaclient.New(config.Kafka{Brokers: []string{broker}}, "bench")
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.EnsureTopic(ctx, f.topic(), f.partitions, 1); err != nil {
		return err
	}
	compressor, err := recordbatch.NewCompressor("lz4")
	if err != nil {
		return err
	}
	written := make([]written, f.partitions)
	for i := range written {
		written[i].writer = newWriter(f)
	}
	c := change.Change{Relation: f.shape.relation(), Op: change.Insert}
	for id := int64(1); id <= int64(f.rows); id++ {
		f.shape.change(id, &c)
		if f.json && id <= int64(f.partitions) {
			telling(c.Values)
		}
		w := &written[id%int64(f.partitions)]
		w.append(&c)
		if w.Size() < batchSize && id <= int64(f.rows-f.partitions) {
			continue
		}
		if err := produce(ctx, client, f.topic(), int(id)%f.partitions, w.Seal(make([]byte, sizePrefix), compressor)); err != nil {
			return fmt.Errorf("fill topic %s: %w", f.topic(), err)
		}
		w.Reset()
	}
	return nil
}

// telling leaves no NULL in a row: the first one of JSON without a schema tells the types.
func telling(values []change.Value) {
	for i := range values {
		if values[i].Kind == change.Null {
			values[i] = change.IntegerValue(0)
		}
	}
}

// written is a partition that is written.
type written struct {
	recordbatch.Builder
	writer   writer
	previous change.Position
}

func (w *written) append(c *change.Change) {
	key, value := w.writer.write(c, w.previous)
	w.previous = c.Position
	w.Append(c.CommitTime/1000, key, value)
}

// sizePrefix is what kafka-go expects before a record batch: its size.
const sizePrefix = 4

func produce(ctx context.Context, client *kafkaclient.Client, topic string, partition int, batch []byte) error {
	binary.BigEndian.PutUint32(batch, uint32(len(batch)-sizePrefix))
	r, err := client.RawProduce(ctx, &kafka.RawProduceRequest{
		Topic: topic, Partition: partition, RequiredAcks: kafka.RequireAll, RawRecords: protocol.RawRecordSet{Reader: bytes.NewReader(batch)},
	})
	if err != nil {
		return err
	}
	return r.Error
}
