package main

import (
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

// writeConfig writes the config of one run, with the flag on, and gives its path. The table of the run's name is the
// target, and the group has that name too, so that every run begins at the topic's start.
func (b *bench) writeConfig(prefix, name string) (string, error) {
	dir := filepath.Join(b.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // G301: nothing in it is secret
		return "", err
	}
	if err := workload.In(dir).SetFlag(true); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "eventsync.yaml")
	text := fmt.Appendf(nil, configTemplate, b.stack.Postgres.DSN(), b.stack.Broker.Addr(), prefix, b.stack.ClickHouse.Addr(), name, name)
	return file, os.WriteFile(file, text, 0o644) //nolint:gosec // G306: nothing in it is secret
}
