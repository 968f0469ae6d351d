package replication

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/codec/debezium"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// samples is where what Debezium wrote is kept, with the SQL that it wrote it of.
const samples = "../../../pkg/codec/debezium/testdata/"

// message is a message as text.
type debeziumMessage struct {
	Topic   string            `json:"topic"`
	Headers map[string]string `json:"headers"`
	Key     *string           `json:"key"`
	Value   *string           `json:"value"`
}

func readSamples(t *testing.T, name string) (all []debeziumMessage) {
	t.Helper()
	f, err := os.Open(filepath.Join(samples, name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m debeziumMessage
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	if lines.Err() != nil || len(all) == 0 {
		t.Fatalf("%d samples in %s: %v", len(all), name, lines.Err())
	}
	return all
}

// writer encodes what the stream brings, as the publisher does.
type debeziumWriter struct {
	mu      sync.Mutex
	encoder *debezium.Encoder
	name    string
	wrote   []debeziumMessage
}

func (w *debeziumWriter) write(changes []change.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var records []recordbatch.ProducerRecord
	for i := range changes {
		key := w.encoder.Key(nil, &changes[i])
		records = w.encoder.Records(records[:0], changes, i, key, change.Position{})
		for _, r := range records {
			m := debeziumMessage{Topic: w.name + "." + changes[i].Relation.Name(), Headers: map[string]string{}}
			for _, h := range r.Headers {
				m.Headers[h.Key] = string(h.Value)
			}
			m.Key, m.Value = nullable(r.Key), nullable(r.Value)
			w.wrote = append(w.wrote, m)
		}
	}
}

func nullable(b []byte) *string {
	if len(b) == 0 {
		return nil
	}
	s := string(b)
	return &s
}

func (w *debeziumWriter) of(topic string) (all []debeziumMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.wrote {
		if m.Topic == topic {
			all = append(all, m)
		}
	}
	return all
}

// TestWritesWhatDebeziumWrites has our own producer read what Debezium read once, and compares the messages.
func TestWritesWhatDebeziumWrites(t *testing.T) {
	plain := &debeziumWriter{name: "plain", encoder: debezium.New(debezium.Options{Name: "plain", Database: "plain"})}
	schemas := &debeziumWriter{name: "schemas", encoder: debezium.New(debezium.Options{Name: "schemas", Database: "schemas", Schemas: true})}
	db := newDatabase(t)
	db.exec(readFile(t, "schema.sql"))
	tables := []string{"composite", "events", "full", "indexed", "keyless append", "kinds", "toast", "uuids"}
	names := make([]string, len(tables))
	for i, name := range tables {
		names[i] = "public." + name
	}
	cfg := db.config(names...)
	start(t, cfg, &recorder{also: func(changes []change.Change) { plain.write(changes); schemas.write(changes) }}, noRows{})
	db.waitStreaming(cfg.Slot)
	for _, name := range []string{"kinds.sql", "tables.sql", "events.sql"} {
		for _, statement := range strings.Split(readFile(t, name), ";\n") { // each a transaction of its own, but for BEGIN
			db.exec(statement)
		}
	}
	recorded := map[string][]debeziumMessage{}
	for _, m := range readSamples(t, "plain.jsonl") {
		if expected(m) {
			recorded[m.Topic] = append(recorded[m.Topic], m)
		}
	}
	for _, name := range names {
		topic := "plain." + strings.TrimSuffix(name, " append")
		want := recorded[topic]
		eventually(t, "as many messages of "+topic+" as Debezium wrote", func() bool { return len(plain.of(topic)) >= len(want) })
		got := plain.of(topic)
		if len(got) != len(want) || len(want) == 0 {
			t.Errorf("%s: %d messages, Debezium wrote %d", topic, len(got), len(want))
			continue
		}
		for i := range want {
			compareMessages(t, want[i], got[i])
		}
	}
	compareSchemas(t, readSamples(t, "schemas.jsonl"), schemas)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(samples, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// expected leaves out the recorded messages that the stream has none for: rows read by the snapshot, and truncates of a
// table whose publication has inserts only.
func expected(m debeziumMessage) bool {
	if m.Value == nil {
		return true
	}
	return !strings.Contains(*m.Value, `"op":"r"`) && (!strings.HasSuffix(m.Topic, ".keyless") || !strings.Contains(*m.Value, `"op":"t"`))
}

func parse(t *testing.T, s *string) any {
	t.Helper()
	if s == nil {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(*s), &v); err != nil {
		t.Fatalf("%v: %s", err, *s)
	}
	return v
}
