-- How far each partition of a table's topic is synced, so that SQL can see how fresh a table is:
--   SELECT table_name, max(now() - recorded_at) FROM sync_cursors FINAL GROUP BY table_name
-- The truth is in the consumer group's committed offsets; these rows follow them.
CREATE TABLE IF NOT EXISTS sync_cursors
(
    table_name      LowCardinality(String),
    partition       UInt32,
    consumer_group  LowCardinality(String),  -- the one that syncs the table; another is refused
    topic_id        LowCardinality(String),  -- tells a topic from another that was made anew under its name
    offset          UInt64,                  -- every enabled change before it is in the table
    complete_offset UInt64,                  -- every change before it is in the table, withheld ones included
    source_lsn      UInt64,                  -- of the last change before offset, in PostgreSQL's write-ahead log
    recorded_at     DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (table_name, partition)
SETTINGS non_replicated_deduplication_window = 1000
