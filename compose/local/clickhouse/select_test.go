package clickhouse_test

import (
	"fmt"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

func TestSelectManyBlocks(t *testing.T) {
	const rows = 100_000
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			c := dial(t, compressed(compression))
			table := createEvents(t, c)
			insertEvents(t, c, table, newEvents(0, rows))
			e := newEvents(0, 0)
			got, blocks := 0, 0
			err := c.Do(t.Context(), ch.Query{
				Body: "SELECT id, path, author_id, target_type, deleted, created_at, _version FROM " + table + " FINAL ORDER BY id", Result: e.results(),
				Settings: []ch.Setting{setting("max_block_size", "20000")},
				OnResult: each(func(b proto.Block) error {
					for i := range b.Rows {
						if e.id[i] != uint64(got+i) || e.kind.Row(i) != eventKinds[(got+i)%len(eventKinds)] {
							return fmt.Errorf("row %d is %d, %s", got+i, e.id[i], e.kind.Row(i))
						}
					}
					got += b.Rows
					if b.Rows > 0 {
						blocks++
					}
					return nil
				}),
			})
			if err != nil || got != rows || blocks < 2 {
				t.Errorf("%d rows in %d blocks, %v; want %d rows in several", got, blocks, err, rows)
			}
		})
	}
}

func TestSelectWithoutRowsHasColumns(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	for sql, want := range map[string]string{
		"SELECT id, path FROM " + table:                                              "[id UInt64 path String]",
		"SELECT count() AS n, target_type AS k FROM " + table + " GROUP BY k":        "[n UInt64 k LowCardinality(String)]",
		"WITH 5 AS x SELECT id FROM " + table + " WHERE id = x -- (;)\nFORMAT JSON;": "[id UInt64]",
		"(SELECT id FROM " + table + ") UNION ALL (SELECT id FROM " + table + ")":    "[id UInt64]",
		"SHOW TABLES LIKE 'no such table'":                                           "[name String]",
	} {
		var columns proto.Results
		if err := c.Do(t.Context(), ch.Query{Body: sql, Result: columns.Auto()}); err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		var got []string
		for _, column := range columns {
			got = append(got, column.Name, string(column.Data.Type()))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s has columns %v, want %s", sql, got, want)
		}
	}
}

func TestCommandsWithResults(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	for _, sql := range []string{"SHOW TABLES", "DESCRIBE TABLE " + table, "EXISTS " + table, "EXPLAIN SELECT 1", "SHOW CREATE TABLE " + table} {
		var columns proto.Results
		rows := 0
		err := c.Do(t.Context(), ch.Query{Body: sql, Result: columns.Auto(), OnResult: each(func(b proto.Block) error {
			rows += b.Rows
			return nil
		})})
		if err != nil || rows == 0 {
			t.Errorf("%s: %d rows, %v", sql, rows, err)
		}
	}
}

func TestSelectParameters(t *testing.T) {
	c := dial(t)
	var number proto.ColUInt64
	var text proto.ColStr
	err := c.Do(t.Context(), ch.Query{
		Body:       "SELECT {x:UInt64} + 1 AS a, {s:String} AS b",
		Parameters: ch.Parameters(map[string]any{"x": 41, "s": `it\'s; (a) "text"`}),
		Result:     proto.Results{{Name: "a", Data: &number}, {Name: "b", Data: &text}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if number.Row(0) != 42 || text.Row(0) != `it's; (a) "text"` {
		t.Errorf("got %d and %q", number.Row(0), text.Row(0))
	}
}

func TestSelectDropsFormat(t *testing.T) {
	c := dial(t)
	for _, sql := range []string{
		"SELECT 1 AS x, 'a;b' AS y FORMAT JSON",
		"/* ; */ SELECT 1 AS x, 'a;b' AS y -- no; end\nFORMAT Null;",
		"SELECT 1 AS x, 'a;b' AS y ; ; # ! not a comment's end\n",
	} {
		if sql[len(sql)-1] == '\n' && real {
			continue // comments after the end differ between versions
		}
		var x proto.ColUInt8
		var y proto.ColStr
		err := c.Do(t.Context(), ch.Query{Body: sql, Result: proto.Results{{Name: "x", Data: &x}, {Name: "y", Data: &y}}})
		if err != nil || x.Rows() != 1 || y.Row(0) != "a;b" {
			t.Errorf("%s: %d rows, %v", sql, x.Rows(), err)
		}
	}
}

func TestSessionState(t *testing.T) {
	c := dial(t)
	exec(t, c, "CREATE TEMPORARY TABLE scratch (a UInt8)")
	exec(t, c, "INSERT INTO scratch VALUES (1), (2)")
	expect(t, c, "SELECT count() FROM scratch", "2")
	if _, err := tryValue(t, dial(t), "SELECT count() FROM scratch"); err == nil {
		t.Error("another session sees a temporary table")
	}
}

func TestDatabaseOfTheClient(t *testing.T) {
	admin := dial(t)
	dropAround(t, admin, "DATABASE contract")
	exec(t, admin, "CREATE DATABASE contract ENGINE = Atomic")
	c := dial(t, func(o *ch.Options) { o.Database = "contract" })
	expect(t, c, "SELECT currentDatabase()", "contract")
	exec(t, c, "CREATE TABLE here (a UInt8) ENGINE = MergeTree ORDER BY a")
	expect(t, admin, "SELECT count() FROM contract.here", "0")
}
