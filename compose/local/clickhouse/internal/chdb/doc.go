// Package chdb binds the part of libchdb that the gateway needs: open sessions on one data directory, run statements,
// read their results. libchdb is ClickHouse's engine as a shared library; it is loaded at run time through purego, so
// nothing here needs cgo or a C compiler.
//
// What the package promises:
//
//   - Load fails with the name of a missing symbol, and never panics on a library of another version.
//   - After Open, faults in Go code are still Go panics: the engine's signal handlers do not stay (see signals.go).
//   - A result's bytes belong to the engine and live until the callback that was given them returns, no longer.
//   - A Conn runs one statement at a time; several Conns run truly in parallel.
//
// What it leaves to its caller: one process per data directory, and one Conn kept open for as long as the engine shall
// live, since closing the last one shuts the engine down.
package chdb
