package clickhouse_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"eventsync/compose/local/process/processtest"
)

func openGo(t *testing.T, method clickhouse.CompressionMethod) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{addr}, Compression: &clickhouse.Compression{Method: method},
		Settings: clickhouse.Settings{"max_execution_time": 60, "async_insert": 0},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

var goMethods = map[string]clickhouse.CompressionMethod{
	"none": clickhouse.CompressionNone, "lz4": clickhouse.CompressionLZ4, "zstd": clickhouse.CompressionZSTD,
}

func TestClickHouseGoBatches(t *testing.T) {
	const rows = 5000
	for name, method := range goMethods {
		t.Run(name, func(t *testing.T) {
			conn := openGo(t, method)
			table := tableName(t, dial(t))
			ctx := t.Context()
			err := conn.Exec(ctx, "CREATE TABLE "+table+` (id UInt64, s String, lc LowCardinality(String), n Nullable(Float64), t DateTime64(6, 'UTC'),
				m Map(String, UInt64), a Array(String), d Decimal(18, 4), j JSON, tp Tuple(x UInt8, y String)
			) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100`)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				sendBatch(t, conn, table, rows)
			}
			readBatch(t, conn, table, rows)
		})
	}
}

func sendBatch(t *testing.T, conn driver.Conn, table string, rows int) {
	t.Helper()
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": "batch"}))
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO "+table+" (id, s, lc, n, t, m, a, d, j, tp)")
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		err := batch.Append(uint64(i), fmt.Sprint("s", i), []string{"a", "b"}[i%2], nil, time.UnixMicro(int64(i)), map[string]uint64{"k": uint64(i)},
			[]string{"x"}, "1.25", fmt.Sprintf(`{"a":%d}`, i), map[string]any{"x": uint8(1), "y": "q"})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

func readBatch(t *testing.T, conn driver.Conn, table string, want int) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT id, s, lc, n, t, m, a, toString(d), toString(j), tp FROM "+table+" ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	got := 0
	for ; rows.Next(); got++ {
		var id uint64
		var s, lc, d, j string
		var n *float64
		var at time.Time
		var m map[string]uint64
		var a []string
		var tp map[string]any
		if err := rows.Scan(&id, &s, &lc, &n, &at, &m, &a, &d, &j, &tp); err != nil {
			t.Fatal(err)
		}
		if id != uint64(got) || s != fmt.Sprint("s", got) || n != nil || m["k"] != id || at.UnixMicro() != int64(got) || j != fmt.Sprintf(`{"a":%d}`, got) || d != "1.25" {
			t.Fatalf("row %d: %v %v %v %v %v %v %v", got, id, s, n, m, at, j, d)
		}
	}
	if got != want || rows.Err() != nil {
		t.Errorf("%d rows, %v; want %d", got, rows.Err(), want)
	}
}

func TestClickHouseGoQueries(t *testing.T) {
	conn := openGo(t, clickhouse.CompressionLZ4)
	ctx := t.Context()
	var n uint64
	if err := conn.Ping(ctx); err != nil {
		t.Error(err)
	}
	parameters := clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"x": "41"}))
	if err := conn.QueryRow(parameters, "SELECT {x:UInt64} + 1").Scan(&n); err != nil || n != 42 {
		t.Error(n, err)
	}
	err := conn.Exec(ctx, "SELECT * FROM no_such_table")
	if exception, ok := errors.AsType[*clickhouse.Exception](err); !ok || exception.Code != 60 {
		t.Error(err)
	}
	var read uint64
	progress := clickhouse.Context(ctx, clickhouse.WithProgress(func(p *clickhouse.Progress) { read += p.Rows }))
	if err := conn.QueryRow(progress, "SELECT sum(number) FROM numbers(100000)").Scan(&n); err != nil || read != 100_000 {
		t.Error(read, err)
	}
	rows, err := conn.Query(ctx, "SELECT number FROM numbers(5) WHERE number > 9")
	if err != nil {
		t.Fatal(err)
	}
	if rows.Next() {
		t.Error("a row of an empty result")
	}
	if columns := rows.Columns(); len(columns) != 1 || columns[0] != "number" {
		t.Error(columns)
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
}

func TestClickHouseGoAsyncInsert(t *testing.T) {
	conn := openGo(t, clickhouse.CompressionLZ4)
	c := dial(t)
	table := createEvents(t, c)
	ctx := clickhouse.Context(t.Context(), clickhouse.WithAsync(true))
	if err := conn.Exec(ctx, "INSERT INTO "+table+" (id) VALUES (777)"); err != nil {
		t.Fatal(err)
	}
	expect(t, c, "SELECT sum(id) FROM "+table, "777")
}

func TestClickHouseGoCancel(t *testing.T) {
	observer := dial(t)
	conn := openGo(t, clickhouse.CompressionLZ4)
	ctx, cancel := context.WithCancel(t.Context())
	mark := fmt.Sprintf("gocancel%d", time.Now().UnixNano())
	ended := make(chan error, 1)
	go func() {
		var n uint64
		ended <- conn.QueryRow(ctx, endless(mark)).Scan(&n)
	}()
	processtest.Eventually(t, "the query runs", func() bool { return running(t, observer, mark) == "1" })
	cancel()
	if err := <-ended; err == nil {
		t.Error("no error")
	}
	processtest.Eventually(t, "the query stops", func() bool { return running(t, observer, mark) == "0" })
}

func TestDatabaseSQL(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	db, err := sql.Open("clickhouse", "clickhouse://"+addr+"/default?compress=lz4&async_insert=0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	insert, err := tx.PrepareContext(t.Context(), "INSERT INTO "+table+" (id, path)")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if _, err := insert.ExecContext(t.Context(), uint64(i), "p"); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tx.Commit(), insert.Close()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count() FROM "+table).Scan(&n); err != nil || n != 10 {
		t.Error(n, err)
	}
}
