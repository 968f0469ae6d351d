// Gatewayd is the local stack's ClickHouse as a program of its own. Package clickhouse builds and runs it.
package main

import (
	"os"

	"eventsync/compose/local/clickhouse/daemon"
)

func main() {
	os.Exit(daemon.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
