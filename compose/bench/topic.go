package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// batchSize is what the producer makes batches of, before compression.
const batchSize = 900 << 10

// fillTopic makes a topic of one partition, and publishes rows as the producer would.
func fillTopic(ctx context.Context, broker, topic string, rows int) error {
	client, err := kafkaclient.New(config.Kafka{Brokers: []string{broker}}, "bench")
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.EnsureTopic(ctx, topic, 1, 1); err != nil {
		return err
	}
	compressor, err := recordbatch.NewCompressor("lz4")
	if err != nil {
		return err
	}
	var (
		encoder    codec.Encoder
		builder    recordbatch.Builder
		key, value []byte
		previous   change.Position
		c          = change.Change{Relation: eventsRelation(), Op: change.Insert}
	)
	for id := int64(1); id <= int64(rows); id++ {
		e := newEvent(id)
		c.Values = e.values(c.Values[:0])
		// 200 bytes of WAL a row, and a commit behind each transaction's last.
		c.Version = change.NewVersion(0, change.LSN(200*id))
		transaction := (id - 1) / perTransaction
		c.Position = change.Position{Commit: change.LSN(200 * perTransaction * (transaction + 1)), Sequence: uint64(id - transaction*perTransaction)}
		c.CommitTime = e.at
		key, value = codec.AppendKey(key[:0], &c), encoder.Append(value[:0], &c, previous)
		previous = c.Position
		builder.Append(e.at/1000, key, value)
		if builder.Size() >= batchSize || id == int64(rows) {
			if err := produce(ctx, client, topic, builder.Seal(make([]byte, sizePrefix), compressor)); err != nil {
				return fmt.Errorf("fill topic %s: %w", topic, err)
			}
			builder.Reset()
		}
	}
	return nil
}

// sizePrefix is what kafka-go expects before a record batch: its size.
const sizePrefix = 4

func produce(ctx context.Context, client *kafkaclient.Client, topic string, batch []byte) error {
	binary.BigEndian.PutUint32(batch, uint32(len(batch)-sizePrefix))
	r, err := client.RawProduce(ctx, &kafka.RawProduceRequest{
		Topic: topic, RequiredAcks: kafka.RequireAll, RawRecords: protocol.RawRecordSet{Reader: bytes.NewReader(batch)},
	})
	if err != nil {
		return err
	}
	return r.Error
}
