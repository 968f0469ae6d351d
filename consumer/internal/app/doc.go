// Package app wires the consumer's parts together and owns their life cycle; it decides nothing itself.
//
//	app.go     what all commands share: clients to Kafka and ClickHouse
//	run.go     the run command: a group whose workers sync their partitions
//	worker.go  one claim: the target's columns, two batches, a reader, a worker
//	check.go   the check command
//	status.go  the status command
package app
