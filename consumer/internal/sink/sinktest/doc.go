// Package sinktest says what exactly-once delivery takes from a table of ClickHouse's, as tests: which blocks the table
// takes and which it drops by their tokens, how long it remembers them, and what a DELETE leaves. The real engine is held
// to it, and so is every stand-in for it: what a simulation proves about a table is worth as much as that table is like the
// real one.
//
//	suite    the table that is tested, and Run
//	tokens   which blocks are taken
//	window   for how long
//	deleted  what DeleteBelow removes, of tokens too
package sinktest
