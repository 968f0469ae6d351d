// Package clickhouse is the local stack's ClickHouse: the real engine (libchdb) behind a gateway that speaks ClickHouse's
// native protocol, as a child process, without Docker. Clients such as ch-go and clickhouse-go cannot tell it from a
// server; contract_test.go and its neighbours say what that means, and run against a real server too
// (CLICKHOUSE_ADDR=host:port go test ./compose/local/clickhouse). The same variable runs it against a gateway that was
// built with -race and started by hand.
//
//	server, err := clickhouse.Start(ctx, clickhouse.Config{Dir: dir})
//	...
//	defer server.Stop(ctx)
//	client, err := ch.Dial(ctx, ch.Options{Address: server.Addr()})
//
// # What is where
//
//	config.go, start.go      Start: the child process, up to the moment it is ready
//	server.go                Addr, Kill, Stop, Wait
//	program.go               Program: builds the gateway's program
//	fetch.go, engines.go     Fetch: gets libchdb, once for each user and version; which versions, with their checksums.
//	                         EVENTSYNC_LIBCHDB names one to use instead, EVENTSYNC_CACHE where it is kept
//	unpack.go                how
//	gatewayd/, daemon/       the child: a program, and what it does
//	internal/gateway         the protocol server
//	internal/native          walks blocks of columns
//	internal/chdb            binds libchdb
//	internal/report          what the child tells its parent
//	clickhousetest/          one server for the tests of a package, a database for each of them
//
// # What must stay true
//
// Each of these was found out the hard way; the code that keeps it says so.
//
//   - One process per data directory. The child locks it, so that a second one says so instead of corrupting it.
//   - One engine session stays open for as long as the process: closing the last one shuts the engine down.
//   - The directory has metadata/ in it before the engine's first start; otherwise DROP ... SYNC hangs for ever.
//   - The engine's boot replaces the handlers of SIGSEGV and others; they are put back, or a nil dereference would end
//     the process in place of a panic.
//   - An INSERT's blocks go through a file (in memory, on Linux) and an INSERT SELECT. Inline they would end at the first
//     empty line among their bytes.
//   - That INSERT SELECT needs three settings to stay one block and one part above a million rows, and one to deduplicate
//     like an INSERT. A client that sends the same settings itself goes before ours.
//   - The engine skips block columns that the table does not have; the gateway refuses them.
//   - The protocol's blocks have a byte a column, and an info in front, that Native files have not.
//   - async_insert is on by default in ClickHouse 26. Here it is off, whatever a client says: acknowledged is inserted.
//   - Settings are the session's in the engine and the query's in the protocol: the gateway sets and takes back.
//   - The engine reads any file of the disk, and lets everybody in: loopback only.
//   - Nothing is fsynced by default. Acknowledged rows survive kill -9 of the engine, not a power cut.
package clickhouse
