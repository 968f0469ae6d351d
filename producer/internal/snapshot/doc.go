// Package snapshot reads whole tables as they were at one moment, and publishes their rows.
//
// It promises that every row of the exported snapshot is published, at least once, before its table is noted as done,
// and done means acknowledged. Several connections read at once, each a range of a table's pages at a time; rows come in
// no order. Their version is older than that of any change that the snapshot does not hold, so that they may be
// published beside the stream of changes.
//
// A snapshot that was interrupted goes on where it was: package state has the chunks whose rows are in Kafka, and only
// the others are read, of a new exported snapshot. That leaves nothing out, because the stream of the table's changes
// still begins where the first snapshot ended. A row that is on a page of a chunk that was read is either the row that was
// read, since PostgreSQL moves no row but by a change, or was written after that chunk's snapshot, and so is in the
// stream. The same holds for pages that were added since. What moves rows without a change in the log is a rewrite of
// the table (VACUUM FULL, CLUSTER, some ALTER TABLE); it gives the table another file, and the chunks of another file
// count for nothing.
//
// While it reads, each connection holds the tables and their partitions as any reader does (ACCESS SHARE), so that a
// rewrite waits. One that came between the snapshot and the locks is found, and refused: the table may look empty to the
// older snapshot. Where row-level security would hide rows, reading fails.
//
// What exported the snapshot is let go of as soon as all connections have taken it: a temporary slot would hold the log
// back for as long as reading takes.
//
// The partitions of a partitioned table are read each by itself, as rows of the root. Where the role may not read one of
// them by itself, the table is read as a whole, by one connection.
//
//	snapshotter.go  Copy: connections, chunks
//	plan.go         what is to be read; table.go the relations behind a table, chunk.go their pages
//	worker.go       one connection
//	rows.go         COPY's output -> changes; binary.go, text.go
//	ledger.go       what is in Kafka is noted
//	progress.go     how far it has come; meter.go the log of it
package snapshot
