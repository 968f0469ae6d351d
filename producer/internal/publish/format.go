package publish

import (
	"fmt"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/codec/debezium"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient/recordbatch"
	"eventsync/producer/internal/source"
)

// format makes messages of changes. It is used by one goroutine at a time.
type format interface {
	// Key appends the key of the change's messages, by which it is routed; nothing where they have none.
	Key(b []byte, c *change.Change) []byte
	// Records appends the messages of changes[i], nearly always one, all of them with the key or none; previous is the
	// position published before to the same partition, zero for none. It may look at the changes behind: a changed key
	// is a delete, and an insert of the same Version next to it. What the messages hold lives until the next call.
	Records(dst []recordbatch.ProducerRecord, changes []change.Change, i int, key []byte, previous change.Position) []recordbatch.ProducerRecord
}

func newFormat(cfg *config.Config) (format, error) {
	switch cfg.Producer.Format {
	case "protobuf":
		return &protobuf{}, nil
	case "debezium-json":
		dsn, err := source.Parse(cfg.Postgres.DSN)
		if err != nil {
			return nil, err
		}
		return debezium.New(debezium.Options{Name: cfg.Kafka.TopicPrefix, Database: dsn.Database, Schemas: cfg.Producer.DebeziumSchemas}), nil
	default:
		return nil, fmt.Errorf("producer.format: %q is not written yet", cfg.Producer.Format)
	}
}

// protobuf writes schemas/change/v1.
type protobuf struct {
	encoder codec.Encoder
	value   []byte
}

func (*protobuf) Key(b []byte, c *change.Change) []byte { return codec.AppendKey(b, c) }

func (f *protobuf) Records(dst []recordbatch.ProducerRecord, changes []change.Change, i int, key []byte, previous change.Position) []recordbatch.ProducerRecord {
	f.value = f.encoder.Append(f.value[:0], &changes[i], previous)
	return append(dst, recordbatch.ProducerRecord{Key: key, Value: f.value})
}
