package snapshot

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"

	"eventsync/compose/local/postgres"
)

var server *postgres.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "eventsync-snapshot-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if server, err = postgres.Start(context.Background(), postgres.Config{Dir: dir}); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := server.Stop(context.Background()); err != nil {
		panic(err)
	}
	if err := goleak.Find(); err != nil && code == 0 {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return code
}
