// Package replication streams a database's changes, in commit order, out of a logical replication slot.
//
// It promises:
//
//   - No loss: the slot never confirms more than the Publisher has confirmed. Whatever ends the stream, the next one
//     begins where the slot was confirmed, and changes after that come again, with the same positions.
//   - A change's version is the place of its own record in the write-ahead log, a position its place in the commit order;
//     both are functions of the log alone.
//   - The stream names a table as it was named when it was changed. What counts is what has the configured name: now, or
//     then, or, as long as nothing else has it, when the stream began (rename.go).
//   - A row of a table is either in the table's snapshot or streamed, never both, unless a snapshot was interrupted.
//   - A slot that was lost, made again, or moved forward by somebody is refused, and so is another cluster, or one that
//     lacks what was published: never a gap in silence.
//   - It says what is wrong with the source and how to mend it, before it starts, and does not start halfway. It adds
//     tables to its own publications so that no UPDATE or DELETE at the source can fail because of them: tables that
//     are only ever appended to are in a publication of their own, of inserts only.
//   - A table that is missing, cannot be told row from row or cannot be read does not stop the others: it is left out,
//     loudly, and taken up again when it is mended.
//   - Any number of producers may run on one slot: one streams, the others stand by. One that is not heard of for
//     wal_sender_timeout is no longer the one.
//   - Every stop is bounded.
//
// What it keeps at the source: the slot, the publications and, in the schema eventsync, what package state remembers.
//
//	replicator.go   Run: prepare, stream, and snapshots beside it, again and again
//	lease.go        one producer at a time
//	configure.go    what is replicated
//	standing.go     what it is at, for those who watch
//	prepare.go      verify the source, create what is missing; server.go, slot.go, create.go
//	tables.go       which tables are good, and which are left out; verify.go, identity.go, columns.go
//	publishing.go   which tables are in which publication; publication.go
//	watchtables.go  looks, beside the stream, whether that has changed
//	check.go        all of this beforehand; report.go, how things stand; drop.go, an end to it
//	bound.go        how far the slot may be confirmed, so that it is known whether somebody else did
//	reading.go      the slot, watched for what it holds back
//	system.go       is it the cluster that was streamed from before; timeline.go, has it all that was published
//	snapshots.go    snapshots beside the stream, those asked for too; export.go one is exported
//	stream.go       one connection's stream; wire.go, reader.go its bytes, pace.go how often (nap_*.go, roundtrip_*.go), status.go what is said back
//	decoder.go      pgoutput's messages -> changes; transaction.go, tuple.go, row.go, relation.go
//	rename.go       which configured table is meant
//	unchanged.go    values that the stream leaves out, in batches; fetch.go the query for them, current.go its answer,
//	                shape.go whether their table is still the one that it was
//
// The protocol is described at https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html.
package replication
