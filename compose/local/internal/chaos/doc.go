// Package chaos kills the product's programs and ClickHouse under load, for as long as one wants, and counts what arrived.
//
// What it promises: without an error, every change that PostgreSQL streamed is in ClickHouse once. The raw count of an
// append-only target, that of a versioned one, and the sum of a SummingMergeTree view of each are the number of changes that
// a second replication slot saw; and the tables are equal row for row. Nothing is merged meanwhile that would hide a
// row that came twice.
//
// Consumers die by SIGKILL in bursts, 100 to 900 ms apart, and some are stopped instead and wake up after their session
// has ended. Between bursts there is time for rows to arrive, since a group that never has a generation would
// test nothing but Kafka: after each burst the next waits until the targets have grown.
//
//	chaos.go       the run
//	tables.go      the tables of both sides, and the config
//	load.go        what changes the source
//	members.go     the consumers, and how they die
//	servers.go     the producer and ClickHouse, and how they die
//	count.go       what is counted, and by whom
//	settle.go      the wait for the last change
//	verdict.go     whether the counts are equal
package chaos
