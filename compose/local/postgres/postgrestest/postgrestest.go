// Package postgrestest gives each test a PostgreSQL database of its own, on one server for the package's tests.
//
//	func TestMain(m *testing.M) { postgrestest.Main(m) }
//
//	func TestRead(t *testing.T) {
//		db := postgrestest.New(t)
//		... a client of db.DSN ...
//	}
//
// The server is started when the first test needs it, and stopped by Main, which also fails a package whose tests leave
// goroutines behind. It has places for the slots and connections of many tests at once. A test that stops or crashes its
// server starts one of its own.
package postgrestest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"eventsync/compose/local/internal/testserver"
	"eventsync/compose/local/postgres"
)

var shared = testserver.New("PostgreSQL", "postgrestest", func(ctx context.Context, dir string) (*postgres.Server, error) {
	return postgres.Start(ctx, postgres.Config{Dir: dir, Settings: map[string]string{
		"max_connections": "200", "max_prepared_transactions": "20", "max_replication_slots": "40", "max_wal_senders": "40",
	}})
})

// statementTimeout bounds the making of a database, and its end.
const statementTimeout = 30 * time.Second

// Database is a test's own. At the end of the test it is dropped with its replication slots, whoever still uses them.
type Database struct {
	DSN  string // for the superuser
	Name string
}

// Main is what TestMain of a package calls that uses New. It does not return.
func Main(m testserver.Runner, ignore ...goleak.Option) { shared.Main(m, ignore...) }

// Server is the server that the tests share, for its version and its programs.
func Server(t testing.TB) *postgres.Server { return shared.Get(t) }

// New makes an empty database.
func New(t testing.TB) Database {
	t.Helper()
	admin := shared.Get(t).DSN()
	name := "test_" + strings.ToLower(rand.Text()[:8])
	dsn, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	dsn.Path = "/" + name
	if err := do(admin, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(admin, name); err != nil {
			t.Error(err)
		}
	})
	return Database{DSN: dsn.String(), Name: name}
}

// Connect opens a connection that is closed at the end of the test.
func Connect(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// drop ends whoever still reads the database's slots, which would hold the log for all tests, and then the database.
func drop(admin, name string) error {
	return do(admin,
		"SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE database = '"+name+"' AND active",
		"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '"+name+"'",
		"DROP DATABASE "+name+" WITH (FORCE)")
}

func do(dsn string, statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), statementTimeout) // a cleanup's test has no context any more
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("%s: %w", statements[0], err)
	}
	defer conn.Close(ctx) //nolint:errcheck // what it was for is done, or has failed with its own reason
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
