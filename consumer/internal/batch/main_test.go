package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"go.uber.org/goleak"

	"eventsync/compose/local/clickhouse"
)

// start starts the engine that the tests share, when the first one needs it.
var start = sync.OnceValues(func() (*clickhouse.Server, error) {
	dir, err := os.MkdirTemp("", "eventsync-batch-")
	if err != nil {
		return nil, err
	}
	server, err := clickhouse.Start(context.Background(), clickhouse.Config{Dir: dir, Log: os.Stderr})
	if err != nil {
		return nil, err
	}
	stop = func() error { return errors.Join(server.Stop(context.Background()), os.RemoveAll(dir)) }
	return server, nil
})

var stop = func() error { return nil }

func TestMain(m *testing.M) {
	code := m.Run()
	if err := errors.Join(stop(), goleak.Find()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// engine is a connection to the server.
type engine struct {
	t      *testing.T
	client *ch.Client
}

func newEngine(t *testing.T) *engine {
	t.Helper()
	server, err := start()
	if err != nil {
		t.Fatal(err)
	}
	c, err := ch.Dial(t.Context(), ch.Options{Address: server.Addr(), Compression: ch.CompressionLZ4})
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

// Insert makes the engine an Inserter.
func (e *engine) Insert(ctx context.Context, table, _ string, block proto.Input) error {
	return e.client.Do(ctx, ch.Query{Body: block.Into(table), Input: block, Settings: suspicious})
}

// target creates a table and reads its columns as the consumer does.
func (e *engine) target(name, columns, engine string) *Target {
	e.t.Helper()
	e.exec("CREATE TABLE " + name + " (" + columns + ") ENGINE = " + engine)
	var all []TargetColumn
	for _, line := range e.strings("SELECT concat(name, '|', default_kind, '|', type) AS s FROM system.columns WHERE database = 'default' AND table = '" + name + "' ORDER BY position") {
		parts := strings.SplitN(line, "|", 3)
		all = append(all, TargetColumn{Name: parts[0], Type: parts[2], DefaultKind: parts[1]})
	}
	return target(e.t, name, all)
}
