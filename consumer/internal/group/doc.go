// Package group is the consumer's membership in its group: which partitions it has, and the offsets that it commits
// for them, with metadata.
//
// What it promises:
//
//   - Each claimed partition has a Worker of its own. One that stops with an error leaves the others running: the error is
//     logged and shown by Stopped, and the Worker is tried again after a while, or with the next generation.
//   - A Claim's offset and metadata are what is committed when its Worker starts, and no commit of an earlier Worker can
//     land later: after one without an answer this member leaves the group before it joins again, since a follower that
//     merely joins again keeps its generation.
//   - A commit is answered, refused (ErrFenced) or without an answer (ErrUncertain); it is never sent twice.
//   - A Worker that does not stop in time is left behind, told in the log, and its commits are refused.
//   - Brokers out of reach and topics that do not exist yet are waited for, with a line in the log.
//   - Run ends with its context within StopTimeout and LeaveTimeout, having left the group.
//
// Membership itself is kafka-go's ConsumerGroup, with traps that this package keeps to itself: a function given to
// Generation.Start ends the generation for all partitions when it returns, so there is one, for all of them; its offsets
// come without metadata, and its commits blank what was there; its watch of partitions makes topics, and joins again
// without end while one is missing, so the watch here is our own.
//
//	group.go       Group, Config, Run
//	topics.go      which topics exist, and with how many partitions
//	session.go     one membership: from joining to leaving
//	generation.go  one generation: its workers, and why it ends
//	workers.go     the goroutines of a generation
//	worker.go      one claimed partition: start, stop, try again
//	membership.go  how this member stands in its group
//	stopped.go     the claimed partitions whose workers failed
//	claim.go       Claim and Commit
//	offsets.go     committed offsets with metadata
//	network.go     the session's connections, which can be cut
//	repeated.go    how often to say what lasts
package group
