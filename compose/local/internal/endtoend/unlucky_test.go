package endtoend

import (
	"os"
	"strings"
	"testing"
)

// A table without a replica identity is refused with the ALTER that mends it; so is one that does not exist.
func TestTableWithoutReplicaIdentity(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres("CREATE TABLE t (id bigint, s text); INSERT INTO t VALUES (1, 'a')")
	f.query("CREATE TABLE t (id Int64, s String, _version UInt64) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
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
	f.runProducer()
	f.runConsumer()
	f.postgres("UPDATE t SET s = 'b'") // would fail if the table's updates were published
	f.arrives(1)
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
	f.query(target)
	f.query("CREATE TABLE windowless (id Int64, s String, _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id")
	f.query("CREATE TABLE unfit (id Int64, s DateTime, _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
	f.config(tables)
	f.runProducer()
	consumer := f.runConsumer()
	consumer.says("ERROR", "partition stopped", "missing")
	consumer.says("ERROR", "partition stopped", "windowless", "MODIFY SETTING")
	consumer.says("ERROR", "partition stopped", "unfit", "DateTime")
	f.arrives(1)
	out, code := f.command(f.binaries.Consumer, "check")
	if code != 1 || !strings.Contains(out, "ok: target t\n") || !strings.Contains(out, "PROBLEM: target missing") || !strings.Contains(out, "PROBLEM: target windowless") {
		t.Errorf("check: exit code %d, output %s", code, out)
	}

	f.query(strings.Replace(target, "TABLE t", "TABLE missing", 1))
	f.query("ALTER TABLE windowless MODIFY SETTING non_replicated_deduplication_window = 100")
	f.query("DROP TABLE unfit SYNC")
	f.query(strings.Replace(target, "TABLE t", "TABLE unfit", 1))
	consumer.stop() // they are tried again after half a minute, or when the consumer starts
	f.run("consumer-again", f.binaries.Consumer)
	f.caughtUp()
	for _, name := range []string{"t", "missing", "windowless", "unfit"} {
		if n := f.query("SELECT count() AS n FROM " + name); n != 1 {
			t.Errorf("%s has %d rows", name, n)
		}
	}
}

// A mistake in the config is told with its place, one on the command line with where to look, both before anything is
// connected to.
func TestMistakes(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		tables string
		says   []string
	}{
		{"  - source: public.t\n    partitons: 3\n", []string{"eventsync.yaml:9:5: tables[0].partitons", "partitions"}},
		{"  - source: public.t\n    partitions: many\n", []string{"eventsync.yaml:9:17: tables[0].partitions"}},
		{"  - source: ${EVENTSYNC_TEST_UNSET}\n", []string{"eventsync.yaml:8:13: tables[0].source", "EVENTSYNC_TEST_UNSET"}},
		{"  - [public.t\n", []string{"eventsync.yaml:8:", "YAML"}},
	} {
		f.config(c.tables)
		for _, binary := range []string{f.binaries.Producer, f.binaries.Consumer} {
			for _, command := range []string{"run", "check"} {
				out, code := f.command(binary, command)
				if code != 1 {
					t.Errorf("%s: exit code %d", command, code)
				}
				for _, words := range c.says {
					if !strings.Contains(out, words) {
						t.Errorf("%s says nothing of %q: %s", command, words, out)
					}
				}
			}
		}
	}
	f.must(os.Remove(f.files.Config))
	for _, binary := range []string{f.binaries.Producer, f.binaries.Consumer} {
		if out, code := f.command(binary, "run"); code != 1 || !strings.Contains(out, "eventsync.yaml") {
			t.Errorf("without a config: exit code %d, output %s", code, out)
		}
		for _, args := range [][]string{{"run", "--nonsense"}, {"run", "nonsense"}} {
			if out, code := f.command(binary, args...); code != 2 || !strings.Contains(out, "--help") {
				t.Errorf("%v: exit code %d, output %s", args, code, out)
			}
		}
	}
}

// TRUNCATE empties the target of what came before it, in every partition, and of nothing else.
func TestTruncate(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres(source)
	f.insert(1, 100, "a")
	f.query(target)
	f.config("  - source: public.t\n    partitions: 2\n")
	f.runProducer()
	consumer := f.runConsumer()
	f.arrives(100)
	f.postgres("INSERT INTO t VALUES (101, 'b'); TRUNCATE t; INSERT INTO t VALUES (3, 'c')")
	consumer.says("INFO", "the source table was truncated")
	f.eventually("the row behind the truncate alone", func() bool {
		return f.query("SELECT count() AS n FROM t FINAL") == 1 && f.query("SELECT toUInt64(id) AS n FROM t FINAL") == 3
	})
	f.eventually("everything committed", func() bool {
		for _, p := range f.status() {
			if p.Messages != 0 {
				return false
			}
		}
		return true
	})
	if n := f.query("SELECT count() AS n FROM t"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}
