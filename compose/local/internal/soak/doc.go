// Package soak runs the product under load for as long as one wants, and tells whether it could go on for ever: pgbench
// at full speed and GitLab's events beside it, through one producer and two consumers, as processes of their own.
//
// What it promises: without an error every table was equal row for row at the end; no write-ahead log was held back
// beyond a bound; no program's memory grew beyond a bound, was started again, or logged an error.
//
//	soak.go    the run
//	sample.go  how far everything is, as the lines show it
//	memory.go  what the programs hold, and whether that grows
//	wal.go     what the slot holds back
//	logs.go    what the programs logged
//	disk.go    what is kept, and how much room is left
package soak
