// Package sink is the consumer's only way to ClickHouse: connections, inserts, and what a target table looks like.
//
// What it promises: an Insert is one block under one deduplication token, sent once, and returns nil only when the server
// has acknowledged it. What goes wrong on the way is an *Error of one of three kinds: Retry, where the same again can
// succeed, and under the same token does no harm; RefuseRows, where other rows would have been taken; and Stop, where a
// person must mend something first. It also tells whether the block may be in the table though, or may be yet. A
// connection that has seen an error is closed and never used again, since ch-go leaves unread bytes in it.
//
// A token is worth only as much as the deduplication windows of the table and of the tables behind its materialized views.
// Describe tells which of them has none, and a Target's Remembers whether a token may have left them. What else is taken
// from the server is in package sinktest, which the real engine and its stand-ins are held to.
//
// The rows of a topic's partition are all on one shard. Its replicas are tried in turn, beginning with the one that
// answered last.
//
//	sink          shards
//	pool, dial    connections, and what they are trusted with
//	insert        one block; settings: what an INSERT means
//	select        streamed rows
//	kind, codes   what an error says of itself; remedy: and what a person can do
//	target        a table as a worker uses it; remembers: which tokens it still knows
//	table, window what a target looks like; views: and what is behind it
//	ddl           definitions, and statements that change them
//	cursors       what we write of ourselves
package sink
