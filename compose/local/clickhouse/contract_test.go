package clickhouse_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// The contract: what a client may expect of the server, in the files beside this one by theme. Every test has tables of
// its own and may run beside the others.

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// dial connects with ch-go for the time of the test.
func dial(t *testing.T, change ...func(*ch.Options)) *ch.Client {
	t.Helper()
	return dialTo(t, addr, change...)
}

func dialTo(t *testing.T, addr string, change ...func(*ch.Options)) *ch.Client {
	t.Helper()
	options := ch.Options{Address: addr, DialTimeout: patience}
	for _, c := range change {
		c(&options)
	}
	client, err := ch.Dial(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func compressed(c ch.Compression) func(*ch.Options) {
	return func(o *ch.Options) { o.Compression = c }
}

// exec runs a statement that must succeed.
func exec(t *testing.T, c *ch.Client, sql string, settings ...ch.Setting) {
	t.Helper()
	if err := c.Do(t.Context(), ch.Query{Body: sql, Settings: settings}); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// value gives the single value of an expression or subquery, as text.
func value(t *testing.T, c *ch.Client, sql string, settings ...ch.Setting) string {
	t.Helper()
	v, err := tryValue(t, c, sql, settings...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func tryValue(t *testing.T, c *ch.Client, sql string, settings ...ch.Setting) (string, error) {
	t.Helper()
	var column proto.ColStr
	var last string
	err := c.Do(t.Context(), ch.Query{
		Body:     "SELECT assumeNotNull(toString((" + sql + "))) AS v",
		Settings: settings,
		Result:   proto.Results{{Name: "v", Data: &column}},
		OnResult: each(func(proto.Block) error {
			if n := column.Rows(); n > 0 {
				last = column.Row(n - 1)
			}
			return nil
		}),
	})
	return last, err
}

func expect(t *testing.T, c *ch.Client, sql, want string, settings ...ch.Setting) {
	t.Helper()
	if got := value(t, c, sql, settings...); got != want {
		t.Errorf("%s is %s, want %s", sql, got, want)
	}
}

// tableName gives a name of the test's own and sees to it that the table is gone before and after.
func tableName(t *testing.T, c *ch.Client) string {
	t.Helper()
	name := "t_" + strings.NewReplacer("/", "_", "=", "_", "-", "_", " ", "_").Replace(t.Name())
	dropAround(t, c, "TABLE "+name)
	return name
}

// dropAround drops something before the test's use of it and after.
func dropAround(t *testing.T, c *ch.Client, what string) {
	t.Helper()
	drop := "DROP " + strings.Replace(what, " ", " IF EXISTS ", 1) + " SYNC"
	exec(t, c, drop)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context()) // the test's own has ended
		cleaner, err := ch.Dial(ctx, ch.Options{Address: addr})
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = cleaner.Close() }()
		if err := cleaner.Do(ctx, ch.Query{Body: drop}); err != nil {
			t.Errorf("%s: %v", drop, err)
		}
	})
}

func setting(name, value string) ch.Setting {
	return ch.Setting{Key: name, Value: value, Important: true}
}

func token(value string) ch.Setting { return setting("insert_deduplication_token", value) }

// wantCode expects an exception of one of the codes, or of any code if there is none.
func wantCode(t *testing.T, err error, codes ...proto.Error) {
	t.Helper()
	exception, ok := errors.AsType[*ch.Exception](err)
	if !ok {
		t.Fatalf("got %v, want an exception", err)
	}
	for _, code := range codes {
		if exception.Code == code {
			return
		}
	}
	if len(codes) > 0 {
		t.Errorf("got %v, want code %v", exception, codes)
	}
}

// gatewayOnly skips what a real server does otherwise.
func gatewayOnly(t *testing.T) {
	t.Helper()
	if real {
		t.Skip("about the local gateway; CLICKHOUSE_ADDR names another server")
	}
}

// compressions are what a client can ask for.
var compressions = map[string]ch.Compression{
	"none": ch.CompressionDisabled, "frames": ch.CompressionNone, "lz4": ch.CompressionLZ4, "zstd": ch.CompressionZSTD,
}
