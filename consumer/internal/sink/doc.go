// Package sink is the consumer's only way to ClickHouse: connections, inserts, and what a target table looks like.
//
// What it promises: an Insert is one block under one deduplication token, and returns nil only when the server has
// acknowledged it. What goes wrong on the way is sorted into three kinds: Retry, where Insert tries again by itself,
// with the same token, until its context ends, so that the row is kept once however often it is sent; RefuseRows, where
// other rows would have been taken; and Stop, where a person must mend something first. A connection that has seen an
// error is closed and never used again, since ch-go leaves unread bytes in it.
//
// A token is worth only as much as the table's deduplication window: Describe tells when a table has none.
//
// The files: sink, insert (the loop of tries), pool and dial (connections), settings (what each INSERT is sent with),
// kind and codes (errors), table and window (what the target looks like), cursors (what we write of ourselves).
package sink
