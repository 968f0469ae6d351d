// Package clickhousetest gives each test a ClickHouse database of its own, on one server for the package's tests.
//
//	func TestMain(m *testing.M) { clickhousetest.Main(m) }
//
//	func TestInsert(t *testing.T) {
//		db := clickhousetest.New(t)
//		... a client of db.Addr, with the database db.Name ...
//	}
//
// The server is started when the first test needs it, and stopped by Main, which also fails a package whose tests leave
// goroutines behind. A test that kills its server starts one of its own.
package clickhousetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"go.uber.org/goleak"

	"eventsync/compose/local/clickhouse"
	"eventsync/compose/local/internal/testserver"
)

var shared = testserver.New("ClickHouse", "clickhousetest", func(ctx context.Context, dir string) (*clickhouse.Server, error) {
	return clickhouse.Start(ctx, clickhouse.Config{Dir: dir})
})

// statementTimeout bounds the making of a database, and its end.
const statementTimeout = 30 * time.Second

// Database is a test's own. It is dropped at the end of the test.
type Database struct {
	Addr string // of the server
	Name string
}

// Main is what TestMain of a package calls that uses New. It does not return.
func Main(m *testing.M, ignore ...goleak.Option) { shared.Main(m, ignore...) }

// Around is for the Main of another shared server: it stops ClickHouse too.
func Around(m testserver.Runner) testserver.Runner { return shared.Around(m) }

// New makes a database.
func New(t testing.TB) Database {
	t.Helper()
	db := Database{Addr: shared.Get(t).Addr(), Name: "test_" + strings.ToLower(rand.Text()[:8])}
	if err := db.do("CREATE DATABASE " + db.Name + " ENGINE = Atomic"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.do("DROP DATABASE " + db.Name + " SYNC"); err != nil {
			t.Error(err)
		}
	})
	return db
}

func (db Database) do(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), statementTimeout) // a cleanup's test has no context any more
	defer cancel()
	client, err := ch.Dial(ctx, ch.Options{Address: db.Addr})
	if err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	defer client.Close() //nolint:errcheck // what it was for is done, or has failed with its own reason
	if err := client.Do(ctx, ch.Query{Body: statement}); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
