package endtoend

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"eventsync/compose/local/clickhouse"
	"eventsync/compose/local/compare"
)

// migrate runs consumer migrate, which must end with the exit code.
func (f *fixture) migrate(want int, args ...string) string {
	f.Helper()
	out, code := f.command(f.binaries.Consumer, append([]string{"migrate"}, args...)...)
	if code != want {
		f.Fatalf("migrate %v: exit code %d, not %d\n%s", args, code, want, out)
	}
	return out
}

// pending waits until there is something to make a target of.
func (f *fixture) pending() {
	f.Helper()
	f.eventually("relation in the topic", func() bool {
		_, code := f.command(f.binaries.Consumer, "migrate")
		return code == 3
	})
}

// The target of a table with every type is made by the plan that was shown, and holds what PostgreSQL has.
func TestMigrateMakesEveryType(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres(typesSQL)
	source, values := "CREATE TABLE t (id int PRIMARY KEY", ""
	pair := compare.Table{Source: "t", Target: "t", Versioned: true, Columns: []compare.Column{{Name: "id"}}}
	for i, c := range everyType {
		if strings.HasPrefix(c.target, "Enum") || strings.HasPrefix(c.target, "Low") || c.kind == "time(0)" {
			continue // somebody's choice
		}
		column := fmt.Sprintf("c%d", i)
		source += fmt.Sprintf(", %s %s", column, c.kind)
		values += ", '" + strings.ReplaceAll(c.literals[0], "'", "''") + "'"
		pair.Columns = append(pair.Columns, compare.Column{Name: column, Postgres: expression(c.postgres, printedText, column), ClickHouse: expression(c.clickhouse, "toString(%s)", column)})
	}
	f.postgres(source + ")")
	f.config("  - source: public.t\n")
	if out := f.migrate(1); !strings.Contains(out, "start the producer first") {
		t.Errorf("without a message: %s", out)
	}
	f.runProducer()
	f.postgres("INSERT INTO t VALUES (1" + values + "); INSERT INTO t (id) VALUES (2)")
	f.pending()
	if n := f.query("SELECT count() AS n FROM system.tables WHERE database = 'default'"); n != 0 {
		t.Errorf("a plan that was only shown made %d tables", n)
	}
	out := f.migrate(0, "--apply")
	for _, says := range []string{"+ table sync_cursors", "+ table t (id, c0, ", "ENGINE = ReplacingMergeTree(_version, _deleted)", "2 statements were run"} {
		if !strings.Contains(out, says) {
			t.Errorf("apply says nothing of %q: %s", says, out)
		}
	}
	if out := f.migrate(0); !strings.Contains(out, "public.t -> t: as it must be") {
		t.Errorf("afterwards: %s", out)
	}
	f.runConsumer()
	f.becomesEqual("every type", pair)
	f.postgres("UPDATE t SET id = 3 WHERE id = 1")
	f.becomesEqual("another key", pair)
}

// What stops half-way is gone on with: what was run stays, and the rest is run.
func TestMigrateGoesOn(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres("CREATE TABLE a (id bigint PRIMARY KEY, n bigint); CREATE TABLE b (id bigint PRIMARY KEY, n bigint); CREATE TABLE c (id bigint PRIMARY KEY); INSERT INTO a VALUES (1, 2); INSERT INTO b VALUES (1, 2); INSERT INTO c VALUES (1)")
	const columns = " (id Int64, n Nullable(Int32), _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) "
	f.query("CREATE TABLE a" + columns + "ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
	f.query("CREATE TABLE b" + strings.Replace(columns, "Nullable(Int32)", "Int32", 1) + "PARTITION BY n ORDER BY id") // whose type no ALTER changes
	f.config("  - source: public.a\n  - source: public.b\n  - source: public.c\n")
	f.runProducer()
	f.eventually("relation in each topic", func() bool {
		out, _ := f.command(f.binaries.Consumer, "migrate")
		return !strings.Contains(out, "start the producer")
	})
	var plans []struct {
		Target string
		Steps  []struct{ Sign, Text, SQL string }
	}
	out := f.migrate(3, "--json", "a", "c")
	if err := json.Unmarshal([]byte(out[:strings.LastIndexByte(out, ']')+1]), &plans); err != nil || len(plans) != 3 || plans[1].Target != "a" || len(plans[1].Steps) != 4 {
		t.Errorf("as JSON: %v\n%s", err, out)
	}
	out = f.migrate(1, "--apply")
	if !strings.Contains(out, "the plan of b") || !strings.Contains(out, "~ column n type Nullable(Int32) -> Nullable(Int64)") || !strings.Contains(out, "window 100 -> 10000") {
		t.Errorf("half-way: %s", out)
	}
	if n := f.query("SELECT count() AS n FROM system.columns WHERE table = 'a' AND name = 'n' AND type = 'Nullable(Int64)'"); n != 1 {
		t.Error("a was not altered")
	}
	f.query("DROP TABLE b SYNC")
	f.migrate(0, "--apply")
	if out := f.migrate(0); strings.Count(out, "as it must be") != 4 {
		t.Errorf("afterwards: %s", out)
	}
	if out := f.migrate(1, "none"); !strings.Contains(out, "none") {
		t.Errorf("of no table: %s", out)
	}
	f.runConsumer()
	for _, name := range []string{"a", "b", "c"} {
		f.eventually("a row in "+name, func() bool { return f.query("SELECT count() AS n FROM "+name) == 1 })
	}
}

// With shards every one is made what it must be, and altered when the source is.
func TestMigrateShards(t *testing.T) {
	f := newFixture(t)
	f.start()
	gateway, err := gateway()
	f.must(err)
	second, err := clickhouse.Start(t.Context(), clickhouse.Config{Dir: t.TempDir(), Program: gateway})
	f.must(err)
	f.Cleanup(func() { f.must(second.Stop(context.WithoutCancel(t.Context()))) })
	f.postgres(source)
	f.insert(1, 100, "a")
	f.config("  - {source: public.t, on_new_column: add}\n")
	text, err := os.ReadFile(f.files.Config)
	f.must(err)
	one, two := f.stack.ClickHouse.Addr(), second.Addr()
	f.must(os.WriteFile(f.files.Config, []byte(strings.Replace(string(text), fmt.Sprintf("addresses: [%q]", one), fmt.Sprintf("shards: [{addresses: [%q]}, {addresses: [%q]}]", one, two), 1)), 0o600))
	f.runProducer()
	f.pending()
	if out := f.migrate(0, "--apply"); !strings.Contains(out, "shard "+one) || !strings.Contains(out, "shard "+two) || !strings.Contains(out, "4 statements were run") {
		t.Errorf("apply: %s", out)
	}
	f.migrate(0)
	f.runConsumer()
	onBoth := func(what, sql string, want uint64) {
		f.Helper()
		f.eventually(what, func() bool {
			n, m := f.queryAt(one, sql), f.queryAt(two, sql)
			return n > 0 && m > 0 && n+m == want
		})
	}
	onBoth("rows on both shards", "SELECT count() AS n FROM t", 100)
	f.postgres("ALTER TABLE t ADD COLUMN x int")
	f.postgres("INSERT INTO t SELECT i, 'b', i FROM generate_series(101, 200) i")
	onBoth("the new column", "SELECT count() AS n FROM system.columns WHERE database = 'default' AND table = 't' AND name = 'x'", 2)
	onBoth("new columns' values on both shards", "SELECT count(x) AS n FROM t", 100)
	f.checks(0)
}
