// Package deadletter is the topic of messages that become no row: it buries them, lists them, and publishes them again
// where they belong.
//
// What it promises: a Letter is acknowledged by all replicas in sync when Bury returns, so that a commit that passes the
// message can follow; it may be there more than once, and is known by its place (topic, partition, offset). It holds the
// message's own key, value and headers as they were. What is too large for the topic of dead letters is left out, which
// a header says; the rest is there, and the original stays where it is.
//
// Headers and topic are those of package letter, which the producer's letters share.
//
//	letter.go  a Letter, and the message that it becomes
//	writer.go  Bury: the topic is made, letters are sent, what fails is sent again
//	entry.go   a letter as it is read back
//	reader.go  which letters there are
//	show.go    a letter for people
//	replay.go  a letter's original, published again
package deadletter
