package workload

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"eventsync/compose/local/compare"
	"eventsync/compose/local/postgres"
	"eventsync/compose/local/process"
)

// pgbench deletes accounts and makes some of them anew.
const deleteScript = `\set aid random(1, 100000 * :scale)
\set bid random(1, :scale)
BEGIN;
DELETE FROM pgbench_accounts WHERE aid = :aid;
INSERT INTO pgbench_accounts (aid, bid, abalance, filler) SELECT :aid, :bid, 0, 'made anew' WHERE :aid % 3 = 0;
END;
`

// The targets of pgbench's tables; pgbench_history has no key, so its target only ever grows.
var pgbenchTargets = []string{
	`CREATE TABLE IF NOT EXISTS pgbench_accounts (aid Int32, bid Nullable(Int32), abalance Nullable(Int32), filler Nullable(String),
	_version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY aid SETTINGS non_replicated_deduplication_window = 1000`,
	`CREATE TABLE IF NOT EXISTS pgbench_branches (bid Int32, bbalance Nullable(Int32), filler Nullable(String),
	_version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY bid SETTINGS non_replicated_deduplication_window = 1000`,
	`CREATE TABLE IF NOT EXISTS pgbench_tellers (tid Int32, bid Nullable(Int32), tbalance Nullable(Int32), filler Nullable(String),
	_version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY tid SETTINGS non_replicated_deduplication_window = 1000`,
	`CREATE TABLE IF NOT EXISTS pgbench_history (tid Nullable(Int32), bid Nullable(Int32), aid Nullable(Int32), delta Nullable(Int32), mtime DateTime64(6, 'UTC'),
	filler Nullable(String), _version UInt64) ENGINE = MergeTree ORDER BY mtime SETTINGS non_replicated_deduplication_window = 1000`,
}

// Pgbench runs pgbench, a client that nobody here wrote, against a server.
type Pgbench struct {
	Server *postgres.Server
	Dir    string // for its script
}

// Available reports whether pgbench is there: a PostgreSQL that was fetched comes without.
func (p Pgbench) Available() bool {
	_, err := p.Server.Bin("pgbench")
	return err == nil
}

// Init makes and fills pgbench's four tables: 100,000 accounts a scale.
func (p Pgbench) Init(ctx context.Context, scale int) error {
	return p.run(ctx, "--initialize", "--quiet", "--scale", strconv.Itoa(scale))
}

// TPCB runs pgbench's own transaction, by several clients.
func (p Pgbench) TPCB(ctx context.Context, transactions int) error {
	// Without --no-vacuum pgbench would truncate pgbench_history first.
	return p.run(ctx, "--no-vacuum", "--builtin", "tpcb-like", "--client", "4", "--jobs", "2", "--transactions", strconv.Itoa(transactions))
}

// Delete runs a script that deletes accounts, and makes a third of them anew.
func (p Pgbench) Delete(ctx context.Context, transactions int) error {
	script := filepath.Join(p.Dir, "delete.sql")
	if err := os.WriteFile(script, []byte(deleteScript), 0o644); err != nil { //nolint:gosec // G306: nothing in it is secret
		return err
	}
	return p.run(ctx, "--no-vacuum", "--file", script, "--client", "4", "--jobs", "2", "--transactions", strconv.Itoa(transactions))
}

func (p Pgbench) run(ctx context.Context, args ...string) error {
	bin, err := p.Server.Bin("pgbench")
	if err != nil {
		return err
	}
	return process.Run(ctx, process.Config{Path: bin, Args: append(args, p.Server.DSN())})
}

func pgbenchTables() []compare.Table {
	col := func(names ...string) (c []compare.Column) {
		for _, n := range names {
			one := compare.Column{Name: n}
			if n == "filler" { // of type char(n), whose cast to text would drop its blanks
				one.Postgres = "CASE WHEN filler IS NOT NULL THEN concat(filler) END"
			}
			c = append(c, one)
		}
		return c
	}
	return []compare.Table{
		{Source: "pgbench_accounts", Target: "pgbench_accounts", Columns: col("aid", "bid", "abalance", "filler"), Versioned: true},
		{Source: "pgbench_branches", Target: "pgbench_branches", Columns: col("bid", "bbalance", "filler"), Versioned: true},
		{Source: "pgbench_tellers", Target: "pgbench_tellers", Columns: col("tid", "bid", "tbalance", "filler"), Versioned: true},
		{Source: "pgbench_history", Target: "pgbench_history", Columns: append(col("tid", "bid", "aid", "delta", "filler"), micros("mtime"))},
	}
}

// micros compares a timestamp by its microseconds since 1970, read as UTC where it has no zone.
func micros(name string) compare.Column {
	return compare.Column{
		Name:       name,
		Postgres:   "((extract(epoch FROM " + name + ") * 1000000)::bigint)::text",
		ClickHouse: "toString(toUnixTimestamp64Micro(" + name + "))",
	}
}
