package endtoend

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

const closed = "127.0.0.1:1"

// Nothing is reachable: run says so with address and reason and lives on; what is to end, ends with exit code 1, and
// says the same; the password is nowhere.
func TestNothingReachable(t *testing.T) {
	f := newFixture(t)
	f.config("  - source: public.t\n")
	producer, consumer := f.run("producer", f.binaries.Producer), f.run("consumer", f.binaries.Consumer)
	for _, c := range []struct{ binary, command string }{
		{f.binaries.Producer, "check"}, {f.binaries.Consumer, "check"}, {f.binaries.Consumer, "status"},
	} {
		out, code := f.command(c.binary, c.command)
		if code != 1 || !strings.Contains(out, closed) || !strings.Contains(out, "connection refused") || strings.Contains(out, "hunter2") {
			t.Errorf("%s: exit code %d, output %s", c.command, code, out)
		}
	}
	f.says(producer, "WARN", closed, "connection refused")
	f.says(consumer, "WARN", "ClickHouse", closed, "connection refused")
	for _, p := range []interface{ Err() error }{producer, consumer} {
		if err := p.Err(); err != nil {
			t.Errorf("it did not live on: %v", err)
		}
	}
	if b, err := os.ReadFile(producer.LogFile); err != nil || strings.Contains(string(b), "hunter2") {
		t.Errorf("the password is in the log, or there is none: %v", err)
	}
}

const target = "CREATE TABLE t (id Int64, s String, _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id SETTINGS non_replicated_deduplication_window = 100"

// A flag that cannot be read holds everything, with the reason in the log; mended, everything comes.
func TestFlagThatCannotBeRead(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres("CREATE TABLE t (id bigint PRIMARY KEY, s text); INSERT INTO t VALUES (1, 'a')")
	f.clickhouse(target)
	f.config("  - source: public.t\n")
	f.must(os.WriteFile(f.files.Flag, []byte(`{"flags": {"another": {}}}`), 0o600))
	f.run("producer", f.binaries.Producer)
	consumer := f.run("consumer", f.binaries.Consumer)
	f.says(consumer, "event_sync_worker_for_click_house", "WARN")
	f.says(consumer, "paused")
	f.must(os.WriteFile(f.files.Flag, []byte(`not JSON`), 0o600))
	if n := f.clickhouse("SELECT count() AS n FROM t"); n != 0 {
		t.Fatalf("%d rows behind a flag that nobody could read", n)
	}
	f.must(f.files.SetFlag(true))
	f.eventually("row in ClickHouse", func() bool { return f.clickhouse("SELECT count() AS n FROM t") == 1 })
}

// A message that cannot be decoded stops its partition with topic, partition and offset, behind everything before it;
// the other partition goes on.
func TestPoisonMessage(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres("CREATE TABLE t (id bigint PRIMARY KEY, s text); INSERT INTO t SELECT i, 'before' FROM generate_series(1, 100) i")
	f.clickhouse(target)
	f.config("  - source: public.t\n")
	f.run("producer", f.binaries.Producer)
	consumer := f.run("consumer", f.binaries.Consumer)
	f.eventually("snapshot in ClickHouse", func() bool { return f.clickhouse("SELECT count() AS n FROM t") == 100 })

	client, err := kgo.NewClient(kgo.SeedBrokers(f.stack.Broker.Addr()), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	f.must(err)
	defer client.Close()
	poison := client.ProduceSync(t.Context(), &kgo.Record{Topic: "cdc.public.t", Partition: 0, Value: []byte("poison")})
	f.must(poison.FirstErr())
	r, err := poison.First()
	f.must(err)
	f.says(consumer, "ERROR", "cdc.public.t", "partition 0", "offset "+strconv.FormatInt(r.Offset, 10), "malformed")
	f.postgres("INSERT INTO t SELECT i, 'after' FROM generate_series(101, 200) i")
	f.eventually("rows of the other partition", func() bool { return f.clickhouse("SELECT count() AS n FROM t WHERE s = 'after'") > 0 })
}

// A table without a replica identity is refused with the ALTER that mends it; so is one that does not exist.
func TestTableWithoutReplicaIdentity(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres("CREATE TABLE t (id bigint, s text); INSERT INTO t VALUES (1, 'a')")
	f.clickhouse("CREATE TABLE t (id Int64, s String, _version UInt64) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
	f.config("  - source: public.t\n")
	for _, command := range []string{"run", "check"} {
		if out, code := f.command(f.binaries.Producer, command); code != 1 || !strings.Contains(out, "ALTER TABLE") || !strings.Contains(out, `"t"`) {
			t.Errorf("%s: exit code %d, output %s", command, code, out)
		}
	}
	f.config("  - source: public.nothing\n")
	if out, code := f.command(f.binaries.Producer, "run"); code != 1 || !strings.Contains(out, "public.nothing") {
		t.Errorf("exit code %d, output %s", code, out)
	}
	f.config("  - source: public.t\n    append_only: true\n")
	f.run("producer", f.binaries.Producer)
	f.run("consumer", f.binaries.Consumer)
	f.postgres("UPDATE t SET s = 'b'") // would fail if the table's updates were published
	f.eventually("row in ClickHouse", func() bool { return f.clickhouse("SELECT count() AS n FROM t") == 1 })
}

// One table whose target is missing, has no deduplication window, or does not fit: said, with the table; the other goes on.
func TestTargetsThatDoNotFit(t *testing.T) {
	f := newFixture(t)
	f.start()
	tables := ""
	for _, name := range []string{"t", "missing", "windowless", "unfit"} {
		f.postgres("CREATE TABLE " + name + " (id bigint PRIMARY KEY, s text); INSERT INTO " + name + " VALUES (1, 'a')")
		tables += "  - source: public." + name + "\n"
	}
	f.clickhouse(target)
	f.clickhouse("CREATE TABLE windowless (id Int64, s String, _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id")
	f.clickhouse("CREATE TABLE unfit (id Int64, s DateTime, _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
	f.config(tables)
	f.run("producer", f.binaries.Producer)
	consumer := f.run("consumer", f.binaries.Consumer)
	f.says(consumer, "ERROR", "partition stopped", "missing")
	f.says(consumer, "ERROR", "partition stopped", "windowless", "MODIFY SETTING")
	f.says(consumer, "ERROR", "partition stopped", "unfit", "DateTime")
	f.eventually("row of the table that fits", func() bool { return f.clickhouse("SELECT count() AS n FROM t") == 1 })
	out, code := f.command(f.binaries.Consumer, "check")
	if code != 1 || !strings.Contains(out, "ok: target t\n") || !strings.Contains(out, "PROBLEM: target missing") || !strings.Contains(out, "PROBLEM: target windowless") {
		t.Errorf("check: exit code %d, output %s", code, out)
	}
}

// A mistake in the config is told with its place; one on the command line with where to look.
func TestMistakes(t *testing.T) {
	f := newFixture(t)
	f.config("  - source: public.t\n    partitons: 3\n")
	for _, binary := range []string{f.binaries.Producer, f.binaries.Consumer} {
		if out, code := f.command(binary, "run"); code != 1 || !strings.Contains(out, "eventsync.yaml:9:5: tables[0].partitons") || !strings.Contains(out, "partitions") {
			t.Errorf("exit code %d, output %s", code, out)
		}
		if out, code := f.command(binary, "run", "--nonsense"); code != 2 || !strings.Contains(out, "--help") {
			t.Errorf("exit code %d, output %s", code, out)
		}
	}
}

// TRUNCATE is not synced yet: the consumer says so and stops, rather than let the tables differ in silence.
func TestTruncate(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres("CREATE TABLE t (id bigint PRIMARY KEY, s text); INSERT INTO t VALUES (1, 'a')")
	f.clickhouse(target)
	f.config("  - source: public.t\n")
	f.run("producer", f.binaries.Producer)
	consumer := f.run("consumer", f.binaries.Consumer)
	f.eventually("row in ClickHouse", func() bool { return f.clickhouse("SELECT count() AS n FROM t") == 1 })
	f.postgres("TRUNCATE t")
	f.says(consumer, "ERROR", "cdc.public.t", "the source table was truncated")
}
