package sink

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"

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
				if err := s.shard().Insert(t.Context(), table, token, ids(1000)); err != nil {
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
	if err := s.shard().Insert(t.Context(), table, "t", ids(rows)); err != nil {
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
			err := s.shard().Insert(t.Context(), c.table, "t", c.block)
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
	if err := s.shard().Insert(t.Context(), checked, "after", ids(5)); err != nil {
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
	if err := s.shard().Insert(ctx, table, "t", ids(101)); KindOf(err) != RefuseRows {
		t.Errorf("error %v, want it refused, and not tried for ever", err)
	}
}

// What a failed INSERT says of itself: whether it was sent, and answered.
func TestUnanswered(t *testing.T) {
	own, err := clickhouse.Start(t.Context(), clickhouse.Config{Dir: t.TempDir(), Log: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	defer own.Kill() //nolint:errcheck // it is dead by then
	s := newSinkOf(t, configOf(own.Addr()))
	table := s.newTable(t, "id UInt64, CONSTRAINT small CHECK id < 10")
	failure := func(err error) *Error {
		t.Helper()
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("error %v", err)
		}
		return e
	}
	if e := failure(s.shard().Insert(t.Context(), table, "t", ids(100))); e.Unanswered() || e.Again() || !e.RefusesRows() {
		t.Errorf("refused rows: %v, unanswered %v", e, e.Unanswered())
	}
	if err := s.shard().Insert(t.Context(), table, "t", ids(1)); err != nil {
		t.Fatal(err)
	}
	if err := own.Kill(); err != nil { // under a connection that is trusted
		t.Fatal(err)
	}
	if e := failure(s.shard().Insert(t.Context(), table, "t", ids(1))); !e.Unanswered() || !e.Again() {
		t.Errorf("sent to a server that was killed: %v, unanswered %v", e, e.Unanswered())
	}
	if e := failure(s.shard().Insert(t.Context(), table, "t", ids(1))); e.Unanswered() || !e.Again() {
		t.Errorf("not sent: %v, unanswered %v", e, e.Unanswered())
	}
}

// Every change is a row, whatever else of its key is in the block.
func TestVersionsOfAKeyAreRows(t *testing.T) {
	s := newSink(t)
	s.exec(t, "CREATE TABLE t (id UInt64, _version UInt64) ENGINE = ReplacingMergeTree(_version) ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
	s.exec(t, "SYSTEM STOP MERGES t")
	block := proto.Input{{Name: "id", Data: &proto.ColUInt64{1, 1, 1, 2}}, {Name: "_version", Data: &proto.ColUInt64{1, 2, 3, 4}}}
	for range 2 {
		if err := s.shard().Insert(t.Context(), "t", "token", block); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.number(t, "SELECT count() AS n FROM t"); n != 4 {
		t.Errorf("%d rows, want 4", n)
	}
}

func TestInsertEndsWithItsContext(t *testing.T) {
	s := newSinkOf(t, configOf("127.0.0.1:1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.shard().Insert(ctx, "t", "t", ids(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}
