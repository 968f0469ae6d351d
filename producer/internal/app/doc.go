// Package app wires the producer's parts together and owns their life cycle; it decides nothing itself. It shows what is
// seen of them: metrics, which docs/metrics.md lists, and whether it is ready.
//
// Ready is progress. The producer is not ready before it streams or takes its first snapshot; nor when for half a minute
// it could do neither, a change that it has read was not acknowledged, or a snapshot that is under way has read nothing. A
// producer that stands by is ready: it has no work, and waits to take over. /readyz says which it is, in a sentence.
//
//	run.go       the run command: replication -> intake -> lookup -> publish, and the snapshot beside it
//	check.go     the check command
//	status.go    the status command
//	drop.go      the drop command
//	snapshot.go  the snapshot command
//	show.go      what is served over HTTP
//	intake.go    what the stream gives, and since when it waits
//	health.go    ready, or why not
//	lag.go       seconds
//	metrics.go   metrics out of the parts' counters; names.go
package app
