package clickhousetest_test

import (
	"errors"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse/clickhousetest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

func dial(t *testing.T, db clickhousetest.Database) *ch.Client {
	t.Helper()
	c, err := ch.Dial(t.Context(), ch.Options{Address: db.Addr, Database: db.Name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestDatabasesAreApartAndDropped(t *testing.T) {
	var dropped clickhousetest.Database
	for _, name := range []string{"one", "other"} { // with a table of the same name, and a client that stays
		t.Run(name, func(t *testing.T) {
			dropped = clickhousetest.New(t)
			if err := dial(t, dropped).Do(t.Context(), ch.Query{Body: "CREATE TABLE t (id UInt64) ENGINE = MergeTree ORDER BY id"}); err != nil {
				t.Error(err)
			}
		})
	}
	err := dial(t, clickhousetest.New(t)).Do(t.Context(), ch.Query{Body: "CREATE TABLE " + dropped.Name + ".t (id UInt64) ENGINE = Memory"})
	if exception, ok := errors.AsType[*ch.Exception](err); !ok || exception.Code != proto.ErrUnknownDatabase {
		t.Errorf("the database is still there: %v", err)
	}
}
