// Package gateway serves ClickHouse's native TCP protocol in front of an engine that runs in the same process, so that
// unmodified clients (ch-go, clickhouse-go) talk to it as to a server.
//
// What the package promises:
//
//   - A query's settings and parameters hold for that query; what SET sets holds for the connection.
//   - An INSERT runs when the client's last block is here, as one statement, one block and one part per partition of the
//     table. A client that goes away before leaves nothing. INSERT is always synchronous: async_insert is accepted and
//     has no effect, and an acknowledged row is in the table.
//   - A SELECT that fails gives the engine's error code, and its connection goes on.
//   - A query whose client cancels or disappears is killed.
//   - Nothing outside this machine can connect: Listen refuses addresses other than loopback, because the engine reads
//     and writes any file that its process may, and every user and password is let in.
//
// What it refuses, each with a sentence: several statements in one text, external tables, and results with columns
// that have no fixed walk (Variant, Dynamic, AggregateFunction).
//
// The files: server.go, listen.go and shutdown.go accept and end; session.go and handshake.go are one connection; query.go
// runs a query with settings.go, watch.go (cancellation), result.go (blocks to the client), describe.go (their columns),
// insert.go, intake.go, block.go (blocks from the client) and spool*.go (where they wait); lex.go, statement.go and
// insertstatement.go read what little of SQL the gateway must know; exception.go turns errors into the protocol's;
// engine.go is what it wants of an engine.
package gateway
