// Package lookup joins in columns that a source table lacks, by SQL over other tables: events.path, say, from projects
// and namespaces. It stands between what reads changes and what publishes them.
//
// What it promises:
//
//   - A batch costs one query per lookup, and none for keys seen lately; memory is bounded.
//   - Where a lookup watches no tables, a joined column's value is what the SQL gave at most two minutes before the
//     change was published.
//   - Where it watches the tables that its SQL reads, the value is never older than the change that it is published with:
//     it was asked for after every change of those tables that comes before this one in the stream, and was visible. For
//     that, the watched changes of a whole batch end remembered answers before any is used for the batch; and before the
//     SQL is asked, it is waited until the transactions of those changes are visible, a second at most: a commit that
//     waits longer for a synchronous standby is told in the log, and what was asked meanwhile is not remembered.
//   - A row of a snapshot has a value from after the snapshot was taken.
//
// A change of a watched table ends the answers of the key values that its column had and has, and all answers of the
// lookup where those cannot be told: no column is named; the table was truncated; an update does not come with the old
// row (REPLICA IDENTITY FULL) and the column is not of the replica identity; the column's type and the key's do not have
// the same text for equal values, as numeric has not. Changes of tables that are watched and not configured end here.
//
// Answers live for two minutes at most, and for an hour where every table is watched that the SQL's plan reads, and the
// changes of each come. They could live for ever then, were it not for what a plan does not show: the tables that a
// function reads, and its clock. What those have made wrong is mended within the hour.
//
// The SQL takes one array per key column and answers for each element in one row: its ordinality, from 1, and the value;
// an element without an answer gives NULL. Deletes are not looked up: the row is going.
//
//	lookup.go    Publish: from changes to changes with more columns
//	relation.go  what a relation is to us: one with joined columns, one that is watched
//	column.go    one joined column: which keys are missing, one query, the answers
//	key.go       keys as texts
//	cache.go     what was answered lately
//	watch.go     what a change of a watched table ends
//	lifetime.go  how long answers live
//	visible.go   waiting until a commit that was streamed is visible
//	stats.go     counters
package lookup
