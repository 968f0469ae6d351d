package config

import "time"

// Config is the one file that the producer and the consumer share.
type Config struct {
	Postgres   Postgres   `yaml:"postgres"`
	Kafka      Kafka      `yaml:"kafka"`
	Producer   Producer   `yaml:"producer"`
	Consumer   Consumer   `yaml:"consumer"`
	ClickHouse ClickHouse `yaml:"clickhouse"`
	Gate       Gate       `yaml:"gate"`
	// Tables are those to sync, at least one.
	Tables []Table `yaml:"tables" required:"true"`
	Log    Log     `yaml:"log"`

	// origin is where the file's keys stand; nil when the configuration was not loaded from one.
	origin *origin
}

// Postgres is the source.
type Postgres struct {
	// DSN is a connection string or URL, as libpq takes it. The role needs REPLICATION and SELECT on the tables.
	DSN Secret `yaml:"dsn"`
}

// Kafka is the broker between the producer and the consumers.
type Kafka struct {
	// Brokers are host:port pairs to begin with.
	Brokers []string `yaml:"brokers" required:"true" form:"address"`
	// TopicPrefix begins every topic's name: <prefix>.<schema>.<table>.
	TopicPrefix string `yaml:"topic_prefix" form:"topic"`
	// Partitions and Replication are those of topics that the producer creates.
	Partitions  int `yaml:"partitions" range:"1..10000"`
	Replication int `yaml:"replication" range:"1..100"`
	// CleanupPolicy and Retention are those of topics that the producer creates, and what it expects of topics that are
	// there: withheld and unread changes are safe for no longer. A retention of 0 is the broker's.
	CleanupPolicy string        `yaml:"cleanup_policy" oneof:"delete compact compact,delete"`
	Retention     time.Duration `yaml:"retention" range:"0s..87600h"`
	// DeadLetters is the topic of what cannot be synced; <prefix>.dead_letters when empty.
	DeadLetters string `yaml:"dead_letters" form:"topic"`
	TLS         TLS    `yaml:"tls"`
	SASL        SASL   `yaml:"sasl"`
}

// TLS says whether and how a connection is encrypted.
type TLS struct {
	// Enabled encrypts the connection and verifies the server.
	Enabled bool `yaml:"enabled"`
	// CA is a file of PEM certificates to trust instead of the system's.
	CA string `yaml:"ca"`
	// Certificate and Key are files that this side shows.
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
}

// SASL is the identity shown to Kafka.
type SASL struct {
	// Mechanism is "", "plain", "scram-sha-256" or "scram-sha-512".
	Mechanism string `yaml:"mechanism" oneof:"plain scram-sha-256 scram-sha-512"`
	// Username and Password are needed with a mechanism.
	Username string `yaml:"username"`
	Password Secret `yaml:"password"`
}

// Producer is what only the producer needs.
type Producer struct {
	// Slot and Publication are the names of the replication slot and of the publication, created if missing.
	Slot        string `yaml:"slot" form:"slot"`
	Publication string `yaml:"publication" form:"name"`
	// Compression of record batches: "none", "lz4" or "zstd".
	Compression string `yaml:"compression" oneof:"none lz4 zstd"`
	// Linger is how long a change waits, at most, for others to share a record batch with. One that comes alone does not.
	Linger time.Duration `yaml:"linger" range:"0s..10s"`
	// SnapshotConnections is how many connections copy a snapshot.
	SnapshotConnections int `yaml:"snapshot_connections" range:"1..64"`
	// Epoch is the top byte of versions: raise it when the tables move to another PostgreSQL cluster.
	Epoch int `yaml:"epoch" range:"0..255"`
	// Format is that of messages: "protobuf", or "debezium-json", which is what Debezium 3 writes.
	Format string `yaml:"format" oneof:"protobuf debezium-json"`
	// DebeziumSchemas puts the schema into each message of Debezium's format.
	DebeziumSchemas bool `yaml:"debezium_schemas"`
	// Oversize is what becomes of a change that fits into no message: "dead-letter" or "stop".
	Oversize string `yaml:"oversize" oneof:"dead-letter stop"`
	// RetainedWAL is how much write-ahead log the slot may hold back before that is an alarm.
	RetainedWAL Size `yaml:"retained_wal_alarm" range:"1MiB..1048576GiB"`
	// Listen is the host:port of /metrics, /livez and /readyz; there are none when it is empty.
	Listen string `yaml:"listen" form:"address"`
}

// Consumer is what only the consumer needs.
type Consumer struct {
	// Group is the consumer group, whose committed offsets are the sync watermark.
	Group string `yaml:"group" form:"text"`
	// SessionTimeout is how long a member may be silent before its partitions move to another.
	SessionTimeout time.Duration `yaml:"session_timeout" range:"1s..30m"`
	// DrainTimeout bounds the end after SIGTERM.
	DrainTimeout time.Duration `yaml:"drain_timeout" range:"1s..10m"`
	Batch        Batch         `yaml:"batch"`
	// DeadLetterLimit is how many messages of one partition may become dead letters in an hour; one more stops it.
	DeadLetterLimit int `yaml:"dead_letter_limit" range:"0..1000000000"`
	// Listen is the host:port of /metrics, /livez and /readyz; there are none when it is empty.
	Listen string `yaml:"listen" form:"address"`
}

// Batch says when a batch of rows is inserted: whichever comes first.
type Batch struct {
	// Rows of a batch at most, and Bytes of its messages.
	Rows  int  `yaml:"rows" range:"1..1000000"`
	Bytes Size `yaml:"bytes" range:"1KiB..1GiB"`
	// Interval is the time from one insert into a table to the next, over all of the table's partitions that a consumer
	// has; a row that comes after a longer silence goes at once. Wait is how long a row waits for its turn at most,
	// where that is more than Interval.
	Interval time.Duration `yaml:"interval" range:"1ms..10m"`
	Wait     time.Duration `yaml:"wait" range:"1ms..10m"`
}

// ClickHouse is the target.
type ClickHouse struct {
	// Addresses are host:port pairs of the native protocol: the replicas of the one shard, tried in turn.
	Addresses []string `yaml:"addresses" form:"address"`
	// Shards are those of a cluster with several, instead of Addresses. A partition's rows go to the shard of the
	// partition's number modulo the number of shards, so that number must not change.
	Shards []Shard `yaml:"shards"`
	// Database holds the targets; Username and Password may create tables in it, read and insert.
	Database string `yaml:"database" form:"name"`
	Username string `yaml:"username"`
	Password Secret `yaml:"password"`
	TLS      TLS    `yaml:"tls"`
	// Compression of inserted blocks: "none", "lz4" or "zstd".
	Compression string `yaml:"compression" oneof:"none lz4 zstd"`
}

// Shard is a part of a ClickHouse cluster.
type Shard struct {
	// Addresses are host:port pairs of the native protocol: the shard's replicas, tried in turn.
	Addresses []string `yaml:"addresses" required:"true" form:"address"`
}

// Gate says which flag lets changes through, and where it is read.
type Gate struct {
	// Flag is the flag's key.
	Flag string `yaml:"flag" form:"text"`
	// Provider is "file": flagd's evaluator over File.
	Provider string `yaml:"provider" oneof:"file"`
	// File is a flag definition in flagd's JSON.
	File string `yaml:"file"`
}

// Table is one table to sync.
type Table struct {
	// Source is the qualified name of the source table: "public.events".
	Source string `yaml:"source" required:"true" form:"table"`
	// Target is the ClickHouse table; the source's own name without its schema when empty.
	Target string `yaml:"target" form:"name"`
	// Partitions of the table's topic; Kafka.Partitions when 0.
	Partitions int `yaml:"partitions" range:"1..10000"`
	// AppendOnly says that rows are only ever inserted, so that the table needs no replica identity.
	AppendOnly bool `yaml:"append_only"`
	// OnNewColumn is what becomes of a source column that the target lacks: "ignore", which is the default, leaves it
	// out, "add" adds it to the target, "stop" stops the partition.
	OnNewColumn string `yaml:"on_new_column" oneof:"add ignore stop"`
	// OnDroppedColumn is what becomes of a target column that the source no longer has: "keep", which is the default,
	// leaves it to its DEFAULT, "stop" stops the partition.
	OnDroppedColumn string `yaml:"on_dropped_column" oneof:"keep stop"`
	// OnChangedType is what becomes of a column whose values no longer fit the target's: "stop", which is the default,
	// stops the partition, "widen" alters the target's column where a wider type holds everything.
	OnChangedType string `yaml:"on_changed_type" oneof:"stop widen"`
	// Lookups are columns joined in from other tables.
	Lookups []Lookup `yaml:"lookups"`
}

// Lookup is one column that the source table lacks.
type Lookup struct {
	// Column is the joined column's name.
	Column string `yaml:"column" required:"true" form:"text"`
	// Keys are the source table's columns that decide its value.
	Keys []string `yaml:"keys" required:"true" form:"text"`
	// SQL takes one array parameter per key ($1, $2, ...) and returns one row per element: its ordinality (bigint,
	// from 1) and the value. Once loaded it holds the text of SQLFile where that is used instead.
	SQL string `yaml:"sql" form:"text"`
	// SQLFile names a file that holds the SQL, relative to the config file.
	SQLFile string `yaml:"sql_file" form:"text"`
	// Watch are the tables that the SQL reads, all of them: their own changes end the use of earlier answers, which are
	// used for an hour then, and for two minutes otherwise.
	Watch []Watch `yaml:"watch"`
}

// Watch is a table that a lookup reads.
type Watch struct {
	// Source is its qualified name: "public.projects".
	Source string `yaml:"source" required:"true" form:"table"`
	// Column is the table's column that holds what the lookup's Key has: its change ends the answers of that key alone.
	// Without the two, every change of the table ends all answers.
	Column string `yaml:"column" form:"text"`
	Key    string `yaml:"key" form:"text"`
}

// Log says how a program logs.
type Log struct {
	// Level is "debug", "info", "warn" or "error".
	Level string `yaml:"level" oneof:"debug info warn error"`
	// Format is "json" or "console".
	Format string `yaml:"format" oneof:"json console"`
}

// Default is what a key that is not in the file means.
func Default() Config {
	return Config{
		Kafka:      Kafka{TopicPrefix: "cdc", Partitions: 4, Replication: 1, CleanupPolicy: "delete", Retention: 7 * 24 * time.Hour},
		Producer:   Producer{Slot: "eventsync", Publication: "eventsync", Compression: "lz4", Linger: 5 * time.Millisecond, SnapshotConnections: 2, Format: "protobuf", Oversize: "dead-letter", RetainedWAL: 10 << 30},
		Consumer:   Consumer{Group: "eventsync", SessionTimeout: 10 * time.Second, DrainTimeout: 10 * time.Second, Batch: Batch{Rows: 100_000, Bytes: 64 << 20, Interval: 250 * time.Millisecond, Wait: time.Second}, DeadLetterLimit: 10_000},
		ClickHouse: ClickHouse{Database: "default", Username: "default", Compression: "lz4"},
		Gate:       Gate{Flag: "event_sync_worker_for_click_house", Provider: "file"},
		Log:        Log{Level: "info", Format: "json"},
	}
}
