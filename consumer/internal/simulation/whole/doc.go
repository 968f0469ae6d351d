// Package whole runs consumers as they are, from Kafka's protocol to the columns of a block, on a fake clock: members of a
// group by kafka-go, fetching, workers, batches and dead letters, against kfake over a network in memory and a stand-in for
// the table. It has tests only. Package simulation plays many more seeds of the workers alone; here is what only the whole
// can show, and what is too slow or too fickle for many.
//
// # What is simulated
//
// Two to four members share three partitions of a topic that is being written: inserts, updates, truncates, poison,
// repeats of producers that were killed. Members join, stop, are killed, or freeze, and wake up as zombies. Commits are
// lost, lose their answers, come late, are answered with errors that are true or not; leaders and coordinators move. The
// server is away, dies in the middle of an insert, burns tokens, forgets them, refuses rows, answers late or never. The gate
// closes and opens. The table is a MergeTree or a ReplacingMergeTree by its name, with views or without.
//
// # What must hold
//
// At every moment: the committed offset never goes back, and what is before it is in the table, was truncated, or is a dead
// letter. At every insert: no row is there twice, and none comes back from below its partition's floor. In the end: every
// change is in the table once, and counted by the view once, but for rows whose token was lost by a dying server or by the
// window. A worker that stops for another reason than its lost partition is a failure.
//
// # How to run it
//
//	go test ./consumer/internal/simulation/whole                 some seeds
//	go test ./consumer/internal/simulation/whole -seeds 1000     more of them
//	go test ./consumer/internal/simulation/whole -seed 11 -v     one, with what happened
//
// A seed decides what goes wrong, and when; not to the last step what follows from it, since kafka-go, kfake and the runtime
// have chances of their own. Run a seed that has failed some times over (-count 20).
//
// # What is not simulated
//
// A clock that jumps; replicas and merges; TLS; a broker that loses records. A process that freezes longer than its session
// and the longest insert together while it sends a block: what comes of that is not promised. kfake forgets the
// session of a member whose connection has gone, and waits anew with each that joins; here connections stay until the end,
// and joins are held back when it waits too long.
//
//	world_test.go    the world, and its run
//	trouble_test.go  what goes wrong, and the gate
//	group_test.go    what the group has committed
//	facts_test.go    what is known, and what is checked by it
//	topic_test.go    what is in the topic: the source and its producers
//	member_test.go   one consumer, wired as app does it
//	network_test.go  its way to the brokers
//	server_test.go   its way to the table
//	mutants_test.go  parts broken on purpose, which seeds must show
package whole
