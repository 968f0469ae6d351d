package clickhouse_test

import (
	"fmt"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse"
)

func TestInsertCompressions(t *testing.T) {
	const rows = 50_000
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			c := dial(t, compressed(compression))
			table := createEvents(t, c)
			insertEvents(t, c, table, newEvents(0, rows))
			expect(t, c, "SELECT (count(), sum(id), max(created_at)) FROM "+table,
				fmt.Sprintf("(%d,%d,'2026-01-02 03:04:55.677901')", rows, rows*(rows-1)/2))
		})
	}
}

func TestInsertIsOnePart(t *testing.T) {
	gatewayOnly(t) // a real server makes a part of each block above a million rows
	c := dial(t)
	table := createEvents(t, c)
	exec(t, c, "SYSTEM STOP MERGES "+table)
	if err := streamEvents(t.Context(), c, table, 13, 100_000, always); err != nil {
		t.Fatal(err)
	}
	expect(t, c, "SELECT groupArray(rows) FROM system.parts WHERE active AND table = '"+table+"'", "[1300000]")
}

func TestInsertShowsNothingBeforeItsEnd(t *testing.T) {
	gatewayOnly(t) // a real server squashes blocks up to a million rows, and shows those
	c, reader := dial(t, compressed(ch.CompressionLZ4)), dial(t)
	table := createEvents(t, c)
	err := streamEvents(t.Context(), c, table, 4, 50_000, func(block int) error {
		seen, err := tryValue(t, reader, "SELECT count() FROM "+table)
		if err == nil && seen != "0" {
			err = fmt.Errorf("%s rows before block %d", seen, block)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, c, "SELECT count() FROM "+table, "200000")
}

func TestInsertWithoutRows(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	if err := streamEvents(t.Context(), c, table, 0, 0, always); err != nil {
		t.Fatal(err)
	}
	expect(t, c, "SELECT count() FROM "+table, "0")
}

func TestInsertWithRowsInTheText(t *testing.T) {
	c := dial(t)
	table := tableName(t, c)
	exec(t, c, "CREATE TABLE "+table+" (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	exec(t, c, "INSERT INTO "+table+" (a, b) VALUES (1, 'x;y'), (2, 'z')")
	exec(t, c, "INSERT INTO "+table+" SELECT number, 'n' FROM numbers(10)")
	exec(t, c, "INSERT INTO "+table+" (a) WITH 7 AS x SELECT x")
	expect(t, c, "SELECT (count(), countIf(b = 'x;y')) FROM "+table, "(13,1)")
}

func TestInsertStatementForms(t *testing.T) {
	c := dial(t)
	table := tableName(t, c)
	exec(t, c, "CREATE TABLE "+table+" (`a b` UInt64, `q``q` UInt64 DEFAULT 7, m UInt64 MATERIALIZED `a b` + 1, l UInt64 ALIAS 1) ENGINE = MergeTree ORDER BY tuple()")
	forms := []string{
		"INSERT INTO " + table + " (`a b`) VALUES",
		"insert into table `" + table + "` -- comment (;)\n (* EXCEPT (`q``q`)) /* x */ values ;",
		"INSERT INTO default." + table + " (\"a b\") SETTINGS max_threads = 1, async_insert = 0 FORMAT Native",
		"INSERT INTO " + table + " (`a b`)",
	}
	for i, form := range forms {
		var a proto.ColUInt64
		a.Append(uint64(i))
		if err := c.Do(t.Context(), ch.Query{Body: form, Input: proto.Input{{Name: "a b", Data: &a}}}); err != nil {
			t.Errorf("%s: %v", form, err)
		}
	}
	expect(t, c, "SELECT groupArray((`a b`, `q``q`, m)) FROM (SELECT `a b`, `q``q`, m FROM "+table+" ORDER BY 1)", "[(0,7,1),(1,7,2),(2,7,3),(3,7,4)]")
}

func TestInsertAnswersWhenRowsAreThere(t *testing.T) {
	c, reader := dial(t), dial(t)
	table := createEvents(t, c)
	e := newEvents(0, 1)
	for i := range 5 {
		e.fill(i, 1)
		err := c.Do(t.Context(), ch.Query{
			Body: "INSERT INTO " + table + eventColumns, Input: e.input(),
			Settings: []ch.Setting{setting("async_insert", "1"), setting("wait_for_async_insert", "1")},
		})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, reader, "SELECT count() FROM "+table, fmt.Sprint(i+1))
	}
}

func TestInsertOverTheLimit(t *testing.T) {
	t.Parallel()
	gatewayOnly(t)
	server := start(t, clickhouse.Config{Dir: t.TempDir(), MaxInsertBytes: 1_000_000})
	c := dialTo(t, server.Addr())
	exec(t, c, "CREATE TABLE small (id UInt64) ENGINE = MergeTree ORDER BY id")
	ids := make(proto.ColUInt64, 200_000)
	err := c.Do(t.Context(), ch.Query{Body: "INSERT INTO small VALUES", Input: proto.Input{{Name: "id", Data: ids}}})
	wantCode(t, err, proto.ErrMemoryLimitExceeded)
	expect(t, dialTo(t, server.Addr()), "SELECT count() FROM small", "0")
}
