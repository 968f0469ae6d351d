package app

import "github.com/prometheus/client_golang/prometheus"

// prefix begins the name of every metric of the producer.
const prefix = "eventsync_producer_"

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

// What is read when it is asked for.
var (
	phaseDesc         = describe("phase", "1 for what the producer is at: preparing, standby, snapshot (before anything is streamed) or streaming; 0 for the others.", "phase")
	leftOutDesc       = describe("table_left_out", "1 for a configured or watched table that cannot be replicated until somebody mends it, 0 for the others.", "table")
	lagDesc           = describe("lag_seconds", "Seconds since the oldest change was committed that Kafka has not acknowledged, 0 when it has all; while nothing is streamed, the seconds since then. Not told by a standby.")
	retainedDesc      = describe("retained_wal_bytes", "Bytes of write-ahead log that the server keeps for the slot.")
	unconfirmedDesc   = describe("unconfirmed_wal_bytes", "Bytes of write-ahead log behind what was confirmed to the slot.")
	safeDesc          = describe("safe_wal_bytes", "Bytes of write-ahead log that may still be written before the slot is lost. Not told where the server has no limit.")
	walStatusDesc     = describe("wal_status", "1 for the slot's wal_status: reserved, extended, unreserved or lost; 0 for the others.", "status")
	slotActiveDesc    = describe("slot_active", "1 while a producer, this one or another, streams from the slot.")
	retainedAlarmDesc = describe("retained_wal_alarm_bytes", "producer.retained_wal_alarm: how many bytes of write-ahead log the slot may retain.")
	transactionsDesc  = describe("transactions_total", "Transactions of which changes were streamed.")

	confirmedDesc   = describe("confirmed_wal_bytes_total", "Place in the write-ahead log, in bytes, before which Kafka has acknowledged every change; 0 until the first since the start.")
	newestDesc      = describe("newest_commit_timestamp_seconds", "When the newest change was committed that Kafka has acknowledged, in seconds since 1970.")
	recordsDesc     = describe("records_total", "Messages that Kafka has acknowledged.")
	retriesDesc     = describe("publish_retries_total", "Requests to Kafka that failed and were sent again.")
	deadLettersDesc = describe("dead_letters_total", "Changes that fit into no message, and went to the dead-letter topic.")
	changesDesc     = describe("changes_total", "Changes given to be published, by table and operation.", "table", "op")

	snapshotRowsDesc       = describe("snapshot_rows", "Rows read by the table's last snapshot, in earlier runs too.", "table")
	snapshotChunksDesc     = describe("snapshot_chunks", "Parts that the table's last snapshot is read in.", "table")
	snapshotChunksDoneDesc = describe("snapshot_chunks_done", "Parts of the table's last snapshot that Kafka has acknowledged.", "table")
	snapshotRatioDesc      = describe("snapshot_progress_ratio", "How much of the table's last snapshot is read, from 0 to 1.", "table")
	snapshotLeftDesc       = describe("snapshot_remaining_seconds", "Seconds that the rest of the table's snapshot takes at its pace; 0 when it is done, or not begun.", "table")

	lookupHitsDesc      = describe("lookup_hits_total", "Rows whose joined column was remembered.", "table", "column")
	lookupMissesDesc    = describe("lookup_misses_total", "Rows for whose joined column the source was asked.", "table", "column")
	lookupEvictionsDesc = describe("lookup_evictions_total", "Remembered answers that a change of a watched table has ended.", "table", "column")
	lookupQueryDesc     = describe("lookup_query_seconds", "Seconds that queries for joined columns took: their sum and number.", "table", "column")
)

func descriptions() []*prometheus.Desc {
	return []*prometheus.Desc{
		phaseDesc, leftOutDesc, lagDesc, transactionsDesc,
		retainedDesc, unconfirmedDesc, safeDesc, walStatusDesc, slotActiveDesc, retainedAlarmDesc,
		confirmedDesc, newestDesc, recordsDesc, retriesDesc, deadLettersDesc, changesDesc,
		snapshotRowsDesc, snapshotChunksDesc, snapshotChunksDoneDesc, snapshotRatioDesc, snapshotLeftDesc,
		lookupHitsDesc, lookupMissesDesc, lookupEvictionsDesc, lookupQueryDesc,
	}
}

// The distributions, which are observed as they happen.
var (
	publishSecondsOptions = prometheus.HistogramOpts{
		Name:    prefix + "publish_seconds",
		Help:    "Seconds from when the first change of a round was given to be published until Kafka had acknowledged all of the round.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	}
	batchBytesOptions = prometheus.HistogramOpts{
		Name:    prefix + "batch_bytes",
		Help:    "Bytes of the record batches that Kafka has acknowledged, compressed.",
		Buckets: prometheus.ExponentialBuckets(256, 4, 7),
	}
)
