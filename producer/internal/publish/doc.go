// Package publish writes changes to Kafka: one topic per table, a key's changes always to the same partition, each
// partition in the order in which the changes were given.
//
// What it promises:
//
//   - Confirmed never runs ahead: every change before it was acknowledged by all replicas in sync.
//   - After a failed publish nothing later is published: the Publisher gives the failure for ever.
//   - A change and its repeats go to one partition, also when the topic has more partitions by then.
//   - A change that is too large is never dropped in silence: it stops the Publisher, or goes to the dead letters.
//   - A topic that lost what it had acknowledged, as far as that can be seen, is refused.
//   - Nothing of a change is kept when Publish returns, and memory is bounded: Publish waits while two rounds are full.
//
// Changes are encoded at once, into the record batches of the round that is being filled, while the round before it is
// in flight. A round in flight has one Produce request under way per partition; its batches for one partition follow
// each other. When all of it is acknowledged, and the round being filled is large enough, waited for or long enough after it, that
// one is sent. A request that failed in a way that may pass is sent again, the same bytes, until the context ends; so a
// change may be in the log twice, next to each other's repeats, which its position and the previous position in each
// message tell the reader.
//
// Routes. Over how many partitions a change is spread depends on its place in the source's log alone, by routes that the
// source remembers (docs/adr/0006-routing-by-position.md). A table is held while a route may be remembered that is not
// known here: a change published by the old rule at or behind the new route's place would be repeated elsewhere.
//
// Dead letters. What makes a record batch of more than the topic's max.message.bytes, compressed and alone, goes to the
// topic of dead letters (one partition, kept for ever), within the round, so that it is acknowledged before the change's
// position is confirmed; at least once, as everything. It has the change's key; the change as Protobuf, its largest
// columns marked unavailable; and headers: eventsync.reason, topic, partition, table, position, version, epoch, op, size,
// limit. The chain of its partition passes over it: last stays what was published there. A topic that takes less from
// one moment to the next has batches of several messages cut in half; a single message that was encoded already stops
// the Publisher, since messages behind it name it as the one before them, and becomes a dead letter after a restart.
//
//	publisher.go  what the callers see: changes in
//	confirm.go    what the callers see: what is acknowledged
//	run.go        rounds are sealed, sent, acknowledged
//	round.go      a round
//	format.go     a change's messages
//	partition.go  a partition: the batches being filled, the last position
//	topic.go      topics, by relation
//	open.go       a topic is made or verified, and its routes are read
//	policy.go     what a topic should be like
//	published.go  what topics hold at their ends
//	check.go      what is wrong with topics, for the check command
//	routes.go     which partition
//	grow.go       a topic has more partitions
//	send.go       a partition's batches of a round, one after the other, with retries
//	oversize.go   a change that fits into no message
//	deadletter.go where it goes
//	refusal.go    what an operator must mend
//	stats.go      counters
package publish
