package sink

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"eventsync/compose/local/clickhouse"
)

func TestTokenTwiceIsOnce(t *testing.T) {
	for _, compression := range []string{"none", "lz4", "zstd"} {
		t.Run(compression, func(t *testing.T) {
			cfg := newConfig(t)
			cfg.Compression = compression
			s := newSinkOf(t, cfg)
			table := s.newTable(t, "id UInt64")
			s.exec(t, "CREATE TABLE view_of_"+table+" (n UInt64) ENGINE = SummingMergeTree ORDER BY tuple() SETTINGS non_replicated_deduplication_window = 100")
			s.exec(t, "CREATE MATERIALIZED VIEW mv_of_"+table+" TO view_of_"+table+" AS SELECT count() AS n FROM "+table)
			for _, token := range []string{"one", "one", "two", "one"} {
				if err := s.Insert(t.Context(), table, token, ids(1000)); err != nil {
					t.Fatal(err)
				}
			}
			if n := s.number(t, "SELECT count() AS n FROM "+table); n != 2000 {
				t.Errorf("the table has %d rows, want 2000", n)
			}
			if n := s.number(t, "SELECT sum(n) AS n FROM view_of_"+table); n != 2000 {
				t.Errorf("the materialized view counts %d rows, want 2000", n)
			}
		})
	}
}

func TestOneBlockIsOnePart(t *testing.T) {
	s := newSink(t)
	table := s.newTable(t, "id UInt64")
	s.exec(t, "SYSTEM STOP MERGES "+table)
	const rows = 1_200_000 // more than the server's usual max_insert_block_size
	if err := s.Insert(t.Context(), table, "t", ids(rows)); err != nil {
		t.Fatal(err)
	}
	if n := s.number(t, "SELECT toUInt64(count()) AS n FROM system.parts WHERE active AND database = currentDatabase() AND table = '"+table+"'"); n != 1 {
		t.Errorf("%d parts, want 1", n)
	}
}

func TestErrorKinds(t *testing.T) {
	s := newSink(t)
	checked := s.newTable(t, "id UInt64, CONSTRAINT small CHECK id < 10")
	narrow := func() proto.Input {
		return proto.Input{{Name: "nothing_of_this_name", Data: &proto.ColUInt64{1}}}
	}
	for _, c := range []struct {
		name, table string
		block       proto.Input
		want        Kind
	}{
		{"no such table", "no_such_table", ids(1), Stop},
		{"no such column", checked, narrow(), Stop},
		{"constraint", checked, ids(100), RefuseRows},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := s.Insert(t.Context(), c.table, "t", c.block)
			var e *Error
			if !errors.As(err, &e) || e.Kind != c.want || KindOf(err) != c.want {
				t.Errorf("error %v, want the kind %v", err, c.want)
			}
			if e != nil && e.Kind == Stop && e.Remedy == "" {
				t.Errorf("no remedy in %v", err)
			}
		})
	}
	// After each error the next insert is as good as any.
	if err := s.Insert(t.Context(), checked, "after", ids(5)); err != nil {
		t.Fatal(err)
	}
	if n := s.number(t, "SELECT count() AS n FROM "+checked); n != 5 {
		t.Errorf("%d rows, want 5", n)
	}
}

func TestTooManyPartitionsAreRefused(t *testing.T) {
	s := newSink(t)
	table := tableName(t)
	s.exec(t, "CREATE TABLE "+table+" (id UInt64) ENGINE = MergeTree PARTITION BY id ORDER BY id")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Insert(ctx, table, "t", ids(101)); KindOf(err) != RefuseRows {
		t.Errorf("error %v, want it refused, and not tried for ever", err)
	}
}

// A server that is killed in the middle of inserts and comes back on the same address has each block once.
func TestServerIsKilledWhileInserting(t *testing.T) {
	config := clickhouse.Config{Dir: t.TempDir(), Log: os.Stderr}
	own, err := clickhouse.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := own.Kill(); err != nil {
			t.Error(err)
		}
	}()
	config.Addr = own.Addr()

	core, logs := observer.New(zap.WarnLevel)
	s, err := New(configOf(own.Addr()), zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table := s.newTable(t, "id UInt64")

	const blocks, rows = 60, 20_000
	inserted := make(chan int, blocks)
	done := make(chan error, 1)
	go func() {
		for i := range blocks {
			if err := s.Insert(t.Context(), table, string(rune('A'+i)), ids(rows)); err != nil {
				done <- err
				return
			}
			inserted <- i
		}
		done <- nil
	}()
	for range 3 {
		for range 10 {
			select {
			case <-inserted:
			case err := <-done:
				t.Fatalf("the inserts ended before the server was killed thrice: %v", err)
			}
		}
		if err := own.Kill(); err != nil {
			t.Fatal(err)
		}
		if own, err = clickhouse.Start(t.Context(), config); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := s.number(t, "SELECT count() AS n FROM "+table); n != blocks*rows {
		t.Errorf("%d rows, want %d", n, blocks*rows)
	}
	if logs.FilterMessageSnippet("tried again with the same token").Len() == 0 {
		t.Error("no try failed: the server was not killed in time to show anything")
	}
}

func TestInsertEndsWithItsContext(t *testing.T) {
	s := newSinkOf(t, configOf("127.0.0.1:1"))
	ctx, cancel := context.WithCancel(t.Context())
	core, logs := observer.New(zap.WarnLevel)
	s.log = zap.New(core, zap.Hooks())
	done := make(chan error, 1)
	go func() { done <- s.Insert(ctx, "t", "t", ids(1)) }()
	for logs.Len() == 0 {
		select {
		case err := <-done:
			t.Fatalf("gave up: %v", err)
		default:
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}
