package batch

import (
	"context"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse/clickhousetest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// engine is a connection to a database of the test's own.
type engine struct {
	t      *testing.T
	client *ch.Client
}

func newEngine(t *testing.T) *engine {
	t.Helper()
	db := clickhousetest.New(t)
	c, err := ch.Dial(t.Context(), ch.Options{Address: db.Addr, Database: db.Name, Compression: ch.CompressionLZ4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &engine{t, c}
}

// suspicious lets LowCardinality be of any type.
var suspicious = []ch.Setting{{Key: "allow_suspicious_low_cardinality_types", Value: "1"}}

func (e *engine) exec(statement string) {
	e.t.Helper()
	if err := e.client.Do(e.t.Context(), ch.Query{Body: statement, Settings: suspicious}); err != nil {
		e.t.Fatalf("%s: %v", statement, err)
	}
}

// strings runs a query that gives one column of text.
func (e *engine) strings(query string) (all []string) {
	e.t.Helper()
	var c proto.ColStr
	err := e.client.Do(e.t.Context(), ch.Query{Body: query, Result: proto.Results{{Name: "s", Data: &c}}, OnResult: func(context.Context, proto.Block) error {
		return c.ForEach(func(_ int, s string) error {
			all = append(all, s)
			return nil
		})
	}})
	if err != nil {
		e.t.Fatalf("%s: %v", query, err)
	}
	return all
}

// Insert makes the engine a Server.
func (e *engine) Insert(ctx context.Context, table, _ string, block proto.Input) error {
	return e.client.Do(ctx, ch.Query{Body: block.Into(table), Input: block, Settings: suspicious})
}

// Select makes the engine a Server.
func (e *engine) Select(ctx context.Context, query string, result proto.Results, onBlock func(int) error) error {
	return e.client.Do(ctx, ch.Query{Body: query, Result: result, OnResult: func(_ context.Context, b proto.Block) error {
		return onBlock(b.Rows)
	}})
}

// target creates a table and reads its columns as the consumer does.
func (e *engine) target(name, columns, engine string) *Target {
	e.t.Helper()
	e.exec("CREATE TABLE " + name + " (" + columns + ") ENGINE = " + engine)
	var all []TargetColumn
	for _, line := range e.strings("SELECT concat(name, '|', default_kind, '|', type) AS s FROM system.columns WHERE database = currentDatabase() AND table = '" + name + "' ORDER BY position") {
		parts := strings.SplitN(line, "|", 3)
		all = append(all, TargetColumn{Name: parts[0], Type: parts[2], DefaultKind: parts[1]})
	}
	kind := e.strings("SELECT engine AS s FROM system.tables WHERE database = currentDatabase() AND name = '" + name + "'")
	return target(e.t, name, kind[0], all)
}
