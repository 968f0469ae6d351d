package workload

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"eventsync/schemas"
)

// flagKey is the key of the flag that gates the consumers.
const flagKey = "event_sync_worker_for_click_house"

// Addresses are where the three servers are.
type Addresses struct{ Postgres, Kafka, ClickHouse string }

// Files are what the programs read, all in one folder.
type Files struct{ Config, Flag string }

// In names the files of a folder.
func In(dir string) Files {
	return Files{Config: filepath.Join(dir, "eventsync.yaml"), Flag: filepath.Join(dir, "flags.json")}
}

const template = `postgres:
  dsn: %q
kafka:
  brokers: [%q]
clickhouse:
  addresses: [%q]
consumer:
  session_timeout: 3s # a killed consumer's partitions move soon
gate:
  flag: %s
  provider: file
  file: flags.json
tables:
  - source: public.events
    lookups:
      - column: path
        keys: [project_id, group_id]
        sql_file: events_path.sql
        watch:
          - {source: public.projects, column: id, key: project_id}
          - {source: public.namespaces}
%slog:
  format: console
`

const pgbenchTemplate = `  - source: public.pgbench_accounts
  - source: public.pgbench_branches
    partitions: 1
  - source: public.pgbench_tellers
    partitions: 1
  - source: public.pgbench_history
    append_only: true
`

// WriteConfig writes the config that syncs events and, where they are there, pgbench's tables.
func (f Files) WriteConfig(a Addresses, pgbench bool) error {
	const lookup = "events_path.sql"
	sql, err := schemas.Files.ReadFile("postgres/" + lookup)
	if err != nil {
		return err
	}
	if err := write(filepath.Join(filepath.Dir(f.Config), lookup), sql); err != nil {
		return err
	}
	more := ""
	if pgbench {
		more = pgbenchTemplate
	}
	return write(f.Config, fmt.Appendf(nil, template, a.Postgres, a.Kafka, a.ClickHouse, flagKey, more))
}

// write replaces a file: a reader sees the old one or the new one.
func write(file string, b []byte) error {
	next := file + ".next"
	if err := os.WriteFile(next, b, 0o644); err != nil { //nolint:gosec // G306: the programs read it, whoever they run as
		return err
	}
	return os.Rename(next, file)
}

type flagd struct {
	Flags map[string]flagDefinition `json:"flags"`
}

type flagDefinition struct {
	State          string          `json:"state"`
	Variants       map[string]bool `json:"variants"`
	DefaultVariant string          `json:"defaultVariant"`
}

// SetFlag turns the flag on or off, for everybody.
func (f Files) SetFlag(on bool) error {
	variant := "off"
	if on {
		variant = "on"
	}
	b, err := json.MarshalIndent(flagd{map[string]flagDefinition{flagKey: {"ENABLED", map[string]bool{"on": true, "off": false}, variant}}}, "", "  ")
	if err != nil {
		return err
	}
	return write(f.Flag, append(b, '\n'))
}

// FlagOn reads what SetFlag has written.
func (f Files) FlagOn() (bool, error) {
	b, err := os.ReadFile(f.Flag)
	if err != nil {
		return false, err
	}
	var flags flagd
	if err := json.Unmarshal(b, &flags); err != nil {
		return false, fmt.Errorf("%s: %w", f.Flag, err)
	}
	return flags.Flags[flagKey].DefaultVariant == "on", nil
}
