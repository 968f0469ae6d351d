package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"eventsync/compose/local/postgres"
)

var server *postgres.Server

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run gives the tests one server.
func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "eventsync-snapshot-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err = postgres.Start(context.Background(), postgres.Config{Dir: dir})
	if err != nil {
		return 1, err
	}
	code = m.Run()
	if err := server.Stop(context.Background()); err != nil {
		return 1, err
	}
	return code, goleak.Find()
}
