// Package snapshot reads whole tables as they were at one moment, and publishes their rows.
//
// It promises that every row of the exported snapshot is published, at least once, before its table is reported done,
// and done means acknowledged. Several connections read at once, each a range of a table's pages at a time; rows come in
// no order. Their version is older than that of any change that the snapshot does not hold, so that they may be
// published beside the stream of changes.
//
// While it reads, each connection holds the tables as any reader does (ACCESS SHARE), so that a rewrite, which would
// show them empty to an older snapshot, waits. Where row-level security would hide rows, reading fails.
//
//	snapshotter.go  Copy: connections, chunks, tables done
//	worker.go       one connection
//	chunk.go        ranges of pages
//	rows.go         COPY's output -> changes; binary.go, text.go
//	meter.go        how far it has come
package snapshot
