-- The target of GitLab's events. A deleted row keeps its place with _deleted = 1: SELECT ... FINAL leaves it out.
--
-- _version orders the changes of one id, in whatever order and however often they arrive: the greatest wins.
-- The deduplication window makes an INSERT that is sent again, after a lost answer, the same INSERT: without it rows
-- would be there twice until they are merged, and for good in what a materialized view has made of them. After a failure
-- the rows of a range of versions are looked for: the index keeps that from reading the whole table.
CREATE TABLE IF NOT EXISTS events
(
    id          UInt64,
    path        String DEFAULT '0/',         -- of the namespace; the default until it is joined in
    project_id  Nullable(UInt64),            -- an event belongs to a project, to a group, or to neither
    group_id    Nullable(UInt64),
    author_id   UInt64,
    target_id   UInt64,                      -- 0 for none, as after a push
    target_type LowCardinality(String),      -- '' for none
    action      UInt8,
    created_at  DateTime64(6, 'UTC'),
    updated_at  DateTime64(6, 'UTC'),
    _version    UInt64,
    _deleted    UInt8,
    INDEX eventsync_version _version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 10000
