package workload

import "eventsync/compose/local/compare"

// The targets of pgbench's tables; pgbench_history has no key, so its target only ever grows.
var pgbenchTargets = []string{
	`CREATE TABLE IF NOT EXISTS pgbench_accounts (aid Int32, bid Nullable(Int32), abalance Nullable(Int32), filler Nullable(String),
	_version UInt64, _deleted UInt8, INDEX eventsync_version _version TYPE minmax GRANULARITY 1) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY aid SETTINGS non_replicated_deduplication_window = 10000`,
	`CREATE TABLE IF NOT EXISTS pgbench_branches (bid Int32, bbalance Nullable(Int32), filler Nullable(String),
	_version UInt64, _deleted UInt8, INDEX eventsync_version _version TYPE minmax GRANULARITY 1) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY bid SETTINGS non_replicated_deduplication_window = 10000`,
	`CREATE TABLE IF NOT EXISTS pgbench_tellers (tid Int32, bid Nullable(Int32), tbalance Nullable(Int32), filler Nullable(String),
	_version UInt64, _deleted UInt8, INDEX eventsync_version _version TYPE minmax GRANULARITY 1) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY tid SETTINGS non_replicated_deduplication_window = 10000`,
	`CREATE TABLE IF NOT EXISTS pgbench_history (tid Nullable(Int32), bid Nullable(Int32), aid Nullable(Int32), delta Nullable(Int32), mtime DateTime64(6, 'UTC'),
	filler Nullable(String), _version UInt64, INDEX eventsync_version _version TYPE minmax GRANULARITY 1) ENGINE = MergeTree ORDER BY mtime SETTINGS non_replicated_deduplication_window = 10000`,
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
