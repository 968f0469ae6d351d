package clickhouse_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"eventsync/compose/local/clickhouse"
	"eventsync/compose/local/process/processtest"
)

// addr is the server that the contract is checked against: the one of CLICKHOUSE_ADDR, or one of ours.
var addr string

// real tells that it is not ours.
var real bool

func TestMain(m *testing.M) {
	processtest.Help(map[string]func([]string) error{"server": helpServer})
	os.Exit(run(m))
}

// helpServer runs a server, given its directory and the gateway's command (a helper is outside the module), says its address, and waits to be killed.
func helpServer(args []string) error {
	server, err := clickhouse.Start(context.Background(), clickhouse.Config{Dir: args[0], Program: args[1:]})
	if err != nil {
		return err
	}
	processtest.Say(server.Addr())
	processtest.UntilKilled()
	return nil
}

func run(m *testing.M) int {
	if addr = os.Getenv("CLICKHOUSE_ADDR"); addr != "" {
		real = true
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "eventsync-clickhouse-")
	if err != nil {
		return failed(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := clickhouse.Start(context.Background(), clickhouse.Config{Dir: dir, Log: os.Stderr})
	if err != nil {
		return failed(err)
	}
	addr = server.Addr()
	code := m.Run()
	if err := server.Stop(context.Background()); err != nil {
		return failed(err)
	}
	if err := goleak.Find(); err != nil {
		return failed(err)
	}
	return code
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
