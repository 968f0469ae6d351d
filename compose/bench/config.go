package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"eventsync/compose/local/workload"
)

const configTemplate = `postgres:
  dsn: %q
kafka:
  brokers: [%q]
  topic_prefix: %s
  partitions: %d
producer:
  slot: %s
  compression: %s
clickhouse:
  addresses: [%q]
consumer:
  group: %s
  session_timeout: %s
%sgate:
  file: flags.json
tables:
  - source: public.events
    target: %s
log:
  format: console
`

// What the config has by default.
const (
	defaultPartitions = 4
	defaultSession    = 10 * time.Second
)

// source is the table that is synced.
const source = "public.events"

// configured is what the configs of two runs may differ in.
type configured struct {
	// prefix is the topic's. The name is that of the slot, of the target and of the group, so that every run begins at
	// the topic's start.
	prefix, name string
	compression  string // lz4 if empty
	// session is the consumer's session timeout, and listen where it tells its metrics, if anywhere.
	partitions int           // of the topic, if the producer makes it; the default if zero
	session    time.Duration // the default if zero
	listen     string
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
	listen := ""
	if c.listen != "" {
		listen = fmt.Sprintf("  listen: %q\n", c.listen)
	}
	text := fmt.Appendf(nil, configTemplate, b.stack.Postgres.DSN(), b.stack.Broker.Addr(), c.prefix, cmp.Or(c.partitions, defaultPartitions),
		c.name, cmp.Or(c.compression, "lz4"), b.stack.ClickHouse.Addr(), c.name, cmp.Or(c.session, defaultSession), listen, c.name)
	return file, os.WriteFile(file, text, 0o644) //nolint:gosec // G306: nothing in it is secret
}
