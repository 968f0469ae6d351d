// Package lookup joins in columns that a source table lacks, by SQL over other tables: events.path, say, from projects
// and namespaces. It stands between what reads changes and what publishes them.
//
// What it promises: a joined column's value is what the SQL gave at most two minutes before the change was published; a
// batch costs one query per lookup, and none for keys seen lately; memory is bounded. The SQL takes one array per key
// column and answers for each element in one row: its ordinality, from 1, and the value; an element without an answer
// gives NULL. Deletes are not looked up: the row is going.
//
//	lookup.go    Publish: from changes to changes with more columns
//	column.go    one joined column: which keys are missing, one query, the answers
//	cache.go     what was answered lately
//	relation.go  a relation with its joined columns
package lookup
