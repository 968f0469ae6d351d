package sink

import (
	"context"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse/clickhousetest"
	"eventsync/pkg/config"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

func configOf(addresses ...string) config.ClickHouse {
	cfg := config.Default().ClickHouse
	cfg.Addresses = addresses
	return cfg
}

// newConfig is of a database of the test's own.
func newConfig(t *testing.T) config.ClickHouse {
	t.Helper()
	db := clickhousetest.New(t)
	cfg := configOf(db.Addr)
	cfg.Database = db.Name
	return cfg
}

// newSink makes a sink on a database of the test's own.
func newSink(t *testing.T) *Sink {
	t.Helper()
	return newSinkOf(t, newConfig(t))
}

func newSinkOf(t *testing.T, cfg config.ClickHouse) *Sink {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// shard is the only one.
func (s *Sink) shard() *Server { return s.servers[0] }

// exec runs a statement.
func (s *Sink) exec(t *testing.T, statement string) {
	t.Helper()
	err := s.shard().pool.use(t.Context(), func(ctx context.Context, c *client) error { return c.Do(ctx, ch.Query{Body: statement}) })
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// number runs a query that gives one UInt64.
func (s *Sink) number(t *testing.T, query string) uint64 {
	t.Helper()
	var n proto.ColUInt64
	err := s.shard().pool.use(t.Context(), func(ctx context.Context, c *client) error {
		return c.Do(ctx, ch.Query{Body: query, Result: proto.Results{{Name: "n", Data: &n}}})
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n[0]
}

// newTable creates a table of the test's own with a window, and gives its name.
func (s *Sink) newTable(t *testing.T, columns string) string {
	t.Helper()
	name := tableName(t)
	s.exec(t, "CREATE TABLE "+identifier(name)+" ("+columns+") ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
	return name
}

func tableName(t *testing.T) string {
	return strings.NewReplacer("/", "_", " ", "_").Replace(t.Name())
}

// ids is a block of one column.
func ids(n int) proto.Input {
	var c proto.ColUInt64
	for i := range n {
		c = append(c, uint64(i))
	}
	return proto.Input{{Name: "id", Data: &c}}
}
