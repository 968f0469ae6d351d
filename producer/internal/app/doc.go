// Package app wires the producer's parts together and owns their life cycle; it decides nothing itself.
//
//	run.go       the run command: replication -> lookup -> publish, and the snapshot beside it
//	check.go     the check command
//	status.go    the status command
//	drop.go      the drop command
//	snapshot.go  the snapshot command
package app
