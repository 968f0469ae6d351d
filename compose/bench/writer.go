package main

import (
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/codec/debezium"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// writer writes a change as a message. What it gives is valid until the next one.
type writer interface {
	write(c *change.Change, previous change.Position) (key, value []byte)
}

func newWriter(f full) writer {
	if f.json {
		return &jsonWriter{encoder: debezium.New(debezium.Options{Name: f.prefix, Database: "shop"})}
	}
	return &protobufWriter{}
}

type protobufWriter struct {
	encoder    codec.Encoder
	key, value []byte
}

func (w *protobufWriter) write(c *change.Change, previous change.Position) (key, value []byte) {
	w.key, w.value = codec.AppendKey(w.key[:0], c), w.encoder.Append(w.value[:0], c, previous)
	return w.key, w.value
}

type jsonWriter struct {
	encoder *debezium.Encoder
	changes [1]change.Change
	key     []byte
	records []recordbatch.ProducerRecord
}

func (w *jsonWriter) write(c *change.Change, previous change.Position) (key, value []byte) {
	w.changes[0] = *c
	w.key = w.encoder.Key(w.key[:0], c)
	w.records = w.encoder.Records(w.records[:0], w.changes[:], 0, w.key, previous)
	return w.key, w.records[0].Value
}
