package config

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// environment is a fixed one, for tests that must not depend on the process's.
func environment(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := pairs[name]
		return value, ok
	}
}

const least = "kafka: {brokers: ['localhost:9092']}\ntables: [{source: public.events}]\n"

func TestLeastFileIsDefaultAndItsKeys(t *testing.T) {
	got, err := load("c.yaml", []byte(least), environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Kafka.Brokers = []string{"localhost:9092"}
	want.Tables = []Table{{Source: "public.events"}}
	got.origin = nil
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	t.Setenv("PG_PASSWORD", "p#w: '\"")
	directory := t.TempDir()
	write(t, filepath.Join(directory, "sql", "path.sql"), "SELECT 1, $1\n")
	path := filepath.Join(directory, "eventsync.yaml")
	write(t, path, `
postgres:
  dsn: postgres://repl:${PG_PASSWORD}@db:5432/gitlab
kafka:
  brokers:
    - a:1
    - '[::1]:9092'
  topic_prefix: sync
  partitions: 1_000
  replication: 3
  cleanup_policy: compact,delete
  retention: 48h
  dead_letters: lost
  tls: {enabled: true, ca: ca.pem, certificate: /etc/me.pem, key: me.key}
  sasl: {mechanism: scram-sha-512, username: u, password: "12345"}
producer:
  slot: s_1
  publication: p
  compression: zstd
  linger: 0
  snapshot_connections: 64
  epoch: 255
  format: debezium-json
  debezium_schemas: true
  oversize: stop
  retained_wal_alarm: 1024GiB
  listen: 127.0.0.1:9464
consumer:
  group: g
  session_timeout: 1m30s
  drain_timeout: 1s
  batch: {rows: 1, bytes: 1_024KiB, interval: 1ms, wait: 2s}
  dead_letter_limit: 7
  listen: 127.0.0.1:9465
clickhouse:
  addresses: [ch:9000]
  database: d
  username: ''
  password: |-
    two
    lines
  tls: {enabled: true}
  compression: none
gate: {flag: f, provider: file, file: flags/f.json}
tables:
  - source: public.events
    target: events_v2
    partitions: 9
    append_only: true
    on_new_column: add
    on_dropped_column: stop
    on_changed_type: widen
    lookups:
      - {column: path, keys: [project_id, group_id], sql_file: sql/path.sql}
      - {column: other, keys: [id], sql: "SELECT $1 || '$$'", watch: [{source: public.others, column: ref, key: id}]}
log: {level: debug, format: console}
`)
	_, err := Load(path)
	wantError(t, err, path+`:32:27: consumer.batch.bytes: got the text "1_024KiB"; expected a size from 1KiB to 1GiB, such as 64MiB`)

	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(replaceOnce(t, text, "1_024KiB", "1024KiB")))
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Postgres: Postgres{DSN: "postgres://repl:p#w: '\"@db:5432/gitlab"},
		Kafka: Kafka{
			Brokers: []string{"a:1", "[::1]:9092"}, TopicPrefix: "sync", Partitions: 1000, Replication: 3,
			CleanupPolicy: "compact,delete", Retention: 48 * time.Hour, DeadLetters: "lost",
			TLS: TLS{
				Enabled: true, CA: filepath.Join(directory, "ca.pem"), Certificate: "/etc/me.pem", Key: filepath.Join(directory, "me.key"),
			},
			SASL: SASL{Mechanism: "scram-sha-512", Username: "u", Password: "12345"},
		},
		Producer: Producer{
			Slot: "s_1", Publication: "p", Compression: "zstd", SnapshotConnections: 64, Epoch: 255,
			Format: "debezium-json", DebeziumSchemas: true, Oversize: "stop", RetainedWAL: 1 << 40, Listen: "127.0.0.1:9464",
		},
		Consumer: Consumer{
			Group: "g", SessionTimeout: 90 * time.Second, DrainTimeout: time.Second,
			Batch: Batch{Rows: 1, Bytes: 1 << 20, Interval: time.Millisecond, Wait: 2 * time.Second}, DeadLetterLimit: 7, Listen: "127.0.0.1:9465",
		},
		ClickHouse: ClickHouse{
			Addresses: []string{"ch:9000"}, Database: "d", Password: "two\nlines", TLS: TLS{Enabled: true}, Compression: "none",
		},
		Gate: Gate{Flag: "f", Provider: "file", File: filepath.Join(directory, "flags", "f.json")},
		Tables: []Table{{
			Source: "public.events", Target: "events_v2", Partitions: 9, AppendOnly: true,
			OnNewColumn: "add", OnDroppedColumn: "stop", OnChangedType: "widen",
			Lookups: []Lookup{
				{Column: "path", Keys: []string{"project_id", "group_id"}, SQL: "SELECT 1, $1", SQLFile: filepath.Join(directory, "sql", "path.sql")},
				{
					Column: "other", Keys: []string{"id"}, SQL: "SELECT $1 || '$'",
					Watch: []Watch{{Source: "public.others", Column: "ref", Key: "id"}},
				},
			},
		}},
		Log: Log{Level: "debug", Format: "console"},
	}
	got.origin = nil
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
}

func TestNames(t *testing.T) {
	config := Default()
	if got := config.Kafka.Topic("public.events"); got != "cdc.public.events" {
		t.Errorf("topic %q", got)
	}
	if got := (&Table{Source: "public.events"}).TargetName(); got != "events" {
		t.Errorf("target %q", got)
	}
	if got := (&Table{Source: "public.events", Target: "e"}).TargetName(); got != "e" {
		t.Errorf("target %q", got)
	}
}

func TestRoles(t *testing.T) {
	config, err := load("c.yaml", []byte(least+"clickhouse:\n  database: d\ngate: {}\n"), environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, config.CheckProducer(), "c.yaml:1:1: postgres.dsn: missing; expected the source's connection string, "+
		"such as postgres://user@host/database, since this is the producer")
	wantError(t, config.CheckConsumer(), "c.yaml:3:1: clickhouse.addresses: missing; expected a list of host:port, "+
		"such as localhost:9000, since this is the consumer\n"+
		"c.yaml:5:1: gate.file: missing; expected the flag's definition in flagd's JSON, since the provider is file")

	config.Postgres.DSN = "host=/tmp"
	config.ClickHouse.Addresses = []string{"localhost:9000"}
	config.Gate.File = "flag.json"
	wantError(t, config.CheckProducer(), "")
	wantError(t, config.CheckConsumer(), "")

	config.Gate = Gate{Provider: "another"}
	wantError(t, config.CheckConsumer(), "")

	built := Default()
	wantError(t, built.CheckProducer(), "postgres.dsn: missing; expected the source's connection string, "+
		"such as postgres://user@host/database, since this is the producer")
}
