package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"eventsync/compose/local/workload"
)

const configTemplate = `postgres:
  dsn: %q
kafka:
  brokers: [%q]
  topic_prefix: %s
producer:
  slot: %s
  compression: %s
clickhouse:
  addresses: [%q]
consumer:
  group: %s
gate:
  file: flags.json
tables:
  - source: public.events
    target: %s
log:
  format: console
`

// source is the table that is synced.
const source = "public.events"

// configured is what the configs of two runs may differ in.
type configured struct {
	// prefix is the topic's. The name is that of the slot, of the target and of the group, so that every run begins at
	// the topic's start.
	prefix, name string
	compression  string // lz4 if empty
}

// topic is the table's.
func (c configured) topic() string { return c.prefix + "." + source }

// writeConfig writes the config of one run, with the flag on, and gives its path.
func (b *bench) writeConfig(c configured) (string, error) {
	dir := filepath.Join(b.dir, c.name)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // G301: nothing in it is secret
		return "", err
	}
	if err := workload.In(dir).SetFlag(true); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "eventsync.yaml")
	text := fmt.Appendf(nil, configTemplate, b.stack.Postgres.DSN(), b.stack.Broker.Addr(), c.prefix,
		c.name, cmp.Or(c.compression, "lz4"), b.stack.ClickHouse.Addr(), c.name, c.name)
	return file, os.WriteFile(file, text, 0o644) //nolint:gosec // G306: nothing in it is secret
}
