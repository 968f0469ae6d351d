// Package endtoend tests the real binaries on the local stack as an unlucky user meets them. What they do when all is
// well, and when they are killed, package demo tests.
//
//	stop_test.go     a consumer that is told to end while a server does not answer
//	reach_test.go    a server that is away, comes late, or takes connections and says nothing
//	restart_test.go  all servers restarted under load
//	standby_test.go  two producers on one slot
//	gate_test.go     a flag that is off, or cannot be had
//	poison_test.go   messages that become no row: buried, listed, replayed
//	types_test.go    every type, from SQL through both programs into ClickHouse and back to text
//	unlucky_test.go  tables that cannot be synced, TRUNCATE, mistakes in the config and on the command line
//
// Each test has a stack of its own, since most of them break it. A program that a test starts must live until the test
// stops it, and end in order within its drain time: the fixture fails the test otherwise.
package endtoend
