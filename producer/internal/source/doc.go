// Package source is what replication, snapshot and lookup know of the source database in common: how to connect, the
// shape of a table and of its types, an exported snapshot, and the errors that an operator must mend.
//
// It is a leaf: it imports pkg and libraries only, so that its three users need not know each other.
//
// It promises that one table, unchanged, is described alike whoever asks: the catalog (Describe) and the replication
// stream (Types) give equal relations, of the columns that the publications have.
//
//	connect.go   connections, with the settings that package pgvalue relies on
//	session.go   an ordinary connection that is opened again when it broke
//	name.go      qualified names
//	types.go     column types, by OID and modifier
//	table.go     a table's shape, from the catalog; published.go the part of it that is published
//	snapshot.go  an exported snapshot and its tables
//	errors.go    refusals: errors that say how to mend what is wrong
package source
