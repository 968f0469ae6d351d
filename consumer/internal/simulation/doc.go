// Package simulation runs the consumer's workers on a fake clock, against everything that can happen to them, driven by a
// seed. It has tests only, and what they are made of.
//
// # What is simulated
//
// A table with two topic partitions. The owners of a partition follow each other by generations; an owner is stopped,
// killed, or frozen in any of its calls, and wakes up as a zombie that others have taken over from. Commits are refused,
// unanswered, or land late. Inserts fail before they are sent, fail with an answer, are left without one and land, or
// never, or up to the server's limits later; some ClickHouse partitions of a block land and others not; a server that dies
// keeps a token and loses its rows; tokens leave the deduplication window; the server is away for minutes; rows are
// refused. Producers repeat what they published. The topic holds messages that nobody can read, truncates, holes of
// compaction; it is deleted and made anew; another program blanks the metadata. The gate closes and opens.
//
// # What must hold
//
// At every commit: what is before the offset is in the table, was truncated, or is a dead letter. At every insert: no row is
// there twice, and none from below the floor. In the end: every change is in the table exactly once, and was counted by
// the view exactly once, but for blocks whose tokens a dying server or the window has lost.
//
// # How to run it
//
//	go test ./consumer/internal/simulation                    some hundreds of seeds
//	go test ./consumer/internal/simulation -seeds 100000      more of them
//	go test ./consumer/internal/simulation -seed 4711 -v      one, with what happened
//
// TestRulesAreNeeded takes the protocol's rules out one by one, and demands that seeds fail.
//
// # What is not simulated
//
// Kafka's own protocol and kafka-go (see package whole), the bytes of blocks, merges, replicas, and clocks that disagree.
//
//	standin        the table
//	stage          chance, the story, the gate: for package whole too
//	mutant         how a rule is taken out
//	world_test.go  what happens, and what is checked
//	topic_test.go  what is in the topic
//	owner_test.go  generations, claims, commits
//	server_test.go the way to the table and back
package simulation
