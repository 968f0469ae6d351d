// Package faults breaks what is around the producer's real binary, under load, and looks at the topics afterwards with a
// reader of its own.
//
// The source's own triggers note what happened to each row; so the reader knows what must be in the topics, however
// often a connection, a server or the producer died. After each fault: every change noted is there, in its order; the
// chain of previous positions holds, so that a consumer drops nothing but repeats; the rows with the greatest versions
// are the table's.
//
//	world_test.go    the source, the broker, the producer, the load
//	ledger_test.go   what the triggers noted and what the topics hold, compared
//	proxy_test.go    connections that are cut, slow, or dead
//	*_test.go        the faults
package faults
