package app

import "github.com/prometheus/client_golang/prometheus"

// prefix begins the name of every metric of the consumer.
const prefix = "eventsync_consumer_"

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

// Of a partition, for as long as this member has it.
var (
	lagDesc        = describe("sync_lag_seconds", "Seconds since the oldest change was committed at the source that is not in ClickHouse, as far as this member knows; 0 when all are.", "table", "partition")
	watermarkDesc  = describe("watermark_offset", "The committed offset: every change before it is in ClickHouse, or is a dead letter.", "table", "partition")
	nextDesc       = describe("next_offset", "Offset of the message to be taken next.", "table", "partition")
	endDesc        = describe("end_offset", "Offset of the message to be written next to the topic.", "table", "partition")
	commitTimeDesc = describe("commit_timestamp_seconds", "When an offset was last committed, in seconds since 1970; inserts may be sent until consumer.session_timeout later. Not told before the first.", "table", "partition")
	pausedDesc     = describe("paused", "1 while the partition waits behind the closed gate, 0 otherwise.", "table", "partition")
	stoppedDesc    = describe("stopped", "1 for a partition that has stopped and is tried again from time to time, by the reason: offsets (the topic or the group no longer has them), metadata (somebody else wrote it), owner (another group syncs the table), dead_letters (too many in an hour), clickhouse (it refuses), kafka (it does not answer), target (it is missing or does not fit), other. /readyz and the log have the sentence.", "table", "partition", "reason")
)

// Of a table, since the process began, over all partitions that it had.
var (
	rowsDesc        = describe("rows_total", "Rows that ClickHouse has acknowledged.", "table")
	insertsDesc     = describe("inserts_total", "Batches that ClickHouse has acknowledged.", "table")
	commitsDesc     = describe("commits_total", "Commits of offsets that Kafka has acknowledged.", "table")
	retriesDesc     = describe("retries_total", "Inserts and questions that ClickHouse did not answer well, and that were sent again.", "table")
	recoveriesDesc  = describe("recoveries_total", "Batches that were made sure of: whole, as an earlier owner had announced them, or in pieces, of which only what was missing was sent.", "table", "kind")
	deadLettersDesc = describe("dead_letters_total", "Messages that cannot be synced, and went to the dead-letter topic, by the reason's code: undecodable, refused_value or refused_by_clickhouse.", "table", "code")
	repeatsDesc     = describe("repeats_total", "Messages that had come before, and were passed over.", "table")
	lateDesc        = describe("late_writes_total", "Messages that a stopped producer wrote late.", "table")
)

// Of the member, its gate and its servers.
var (
	joinedDesc          = describe("group_joined", "1 while this member is in its group, 0 while it is not.")
	generationDesc      = describe("group_generation", "The group's generation that this member was last part of.")
	joinsDesc           = describe("group_joins_total", "Generations that this member was part of: each but the first came with a rebalance.")
	partitionsDesc      = describe("group_partitions", "Partitions that this member has.")
	gateOpenDesc        = describe("gate_open", "1 while the flag lets changes pass, 0 while it holds them.")
	gateKnownDesc       = describe("gate_known", "1 once the flag could be evaluated, 0 before; nothing passes then.")
	gateErrorDesc       = describe("gate_error", "1 while the flag cannot be evaluated: what it said last holds.")
	gateGenerationDesc  = describe("gate_generation", "Counts the flag's definitions that were read.")
	clickHouseUpDesc    = describe("clickhouse_up", "1 while ClickHouse answers, 0 while it does not.")
	kafkaUpDesc         = describe("kafka_up", "1 while Kafka answers, 0 while it does not.")
	retentionDesc       = describe("kafka_retention_seconds", "kafka.retention: how long the topics keep what is not synced. Not told where it is the broker's.")
	cursorsFailuresDesc = describe("cursor_failures_total", "Writes of sync_cursors that failed, and are tried again; syncing goes on.")
)

func descriptions() []*prometheus.Desc {
	return []*prometheus.Desc{
		lagDesc, watermarkDesc, nextDesc, endDesc, commitTimeDesc, pausedDesc, stoppedDesc,
		rowsDesc, insertsDesc, commitsDesc, retriesDesc, recoveriesDesc, deadLettersDesc, repeatsDesc, lateDesc,
		joinedDesc, generationDesc, joinsDesc, partitionsDesc, gateOpenDesc, gateKnownDesc, gateErrorDesc, gateGenerationDesc,
		clickHouseUpDesc, kafkaUpDesc, retentionDesc, cursorsFailuresDesc,
	}
}

// The distributions of inserts, which are observed as they happen.
var (
	insertSecondsOptions = prometheus.HistogramOpts{
		Name:    prefix + "insert_seconds",
		Help:    "Seconds that ClickHouse took for an insert that it acknowledged, retries not included.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}
	batchRowsOptions = prometheus.HistogramOpts{
		Name:    prefix + "batch_rows",
		Help:    "Rows of the inserts that ClickHouse acknowledged.",
		Buckets: prometheus.ExponentialBuckets(1, 10, 7),
	}
	batchBytesOptions = prometheus.HistogramOpts{
		Name:    prefix + "batch_bytes",
		Help:    "Bytes of the inserts that ClickHouse acknowledged, in memory.",
		Buckets: prometheus.ExponentialBuckets(1<<10, 8, 7),
	}
	ofTable = []string{"table"}
)
