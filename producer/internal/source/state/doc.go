// Package state is what the producer remembers at the source itself, in the schema eventsync: whose slot it is, which
// tables were snapshotted and how far, and which changes were routed over how many partitions.
//
// It is at the source so that it is as old as the slot is: a source that is restored from a backup, or fails over, takes
// its own memory with it. What is remembered belongs to one slot; several producers on several slots share the tables.
//
//	store.go     the connection, the tables' definition
//	source.go    which cluster, on which timeline
//	bound.go     how far the slot was confirmed at most
//	tables.go    which tables were snapshotted
//	chunks.go    which parts of a table a snapshot that was interrupted has read
//	routes.go    from which place in the log on a topic has how many partitions
package state
