// Package app wires the consumer's parts together and owns their life cycle; it decides nothing itself.
//
//	run.go       the run command: a group whose workers sync their partitions
//	worker.go    one claim: the target's columns, two batches, a reader, a worker
//	owner.go     whether a claimed partition is this group's to sync
//	shared.go    what the workers of a process have in common
//	letters.go   where a worker's dead letters go
//	verdicts.go  the gate as a worker asks for it
//	seen.go      what can be seen of it: over HTTP, in sync_cursors, in the log
//	claims.go    the partitions that this member has, and how their workers stand
//	counts.go    what workers count
//	lookout.go   whether Kafka and ClickHouse answer, and what waits that no worker reads
//	health.go    whether there is progress
//	reason.go    why a partition has stopped, in a word
//	metrics.go   what /metrics tells; names.go: how it is called; measured.go: the distributions of inserts
//	cursors.go   sync_cursors; lines.go: the log's lines about tables
//	connect.go   both servers, for a command
//	wait.go      waiting for a server that is away
//	policy.go    what becomes of a relation that the target does not fit: it is asked at the relation's first change
//	newest.go    the newest relation that a topic tells of
//	check*.go    the check command
//	migrate.go   the migrate command
//	plans.go     what it, and check, compare
//	status.go    the status command
//	deadletter.go  the commands about dead letters
//	watermark.go   those about watermarks; watermark_state.go: what is known of one, and what mends it
package app
