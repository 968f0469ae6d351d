package endtoend

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	frame "eventsync/pkg/program"
)

// checks are the findings of consumer check, by what was looked at.
func (f *fixture) checks(want int) map[string][]frame.Finding {
	f.Helper()
	out, code := f.command(f.binaries.Consumer, "check", "--json")
	array := out[max(0, strings.Index(out, "[\n")) : strings.LastIndexByte(out, ']')+1] // between the log's lines
	var all []frame.Finding
	if err := json.Unmarshal([]byte(array), &all); err != nil || code != want {
		f.Fatalf("exit code %d, not %d, %v: %s", code, want, err, out)
	}
	found := map[string][]frame.Finding{}
	for _, one := range all {
		found[one.What] = append(found[one.What], one)
	}
	return found
}

// Each way in which a target can be wrong is found, as a problem or as advice, with what mends it; and what is well is
// said to be.
func TestConsumerCheck(t *testing.T) {
	f := newFixture(t)
	f.start()
	const columns, engine = " (id Int64, k Int64, s String, _version UInt64, _deleted UInt8) ENGINE = ", "ReplacingMergeTree(_version, _deleted) "
	const window, narrow = " SETTINGS non_replicated_deduplication_window = 10000", " SETTINGS non_replicated_deduplication_window = 100"
	targets := map[string]string{
		"collapsing": columns + engine + "ORDER BY id" + window,
		"twice":      columns + engine + "ORDER BY (id, k, s)" + window,
		"unordered":  columns + "ReplacingMergeTree(k) ORDER BY (id, k)" + window,
		"windowless": columns + engine + "ORDER BY (id, k)",
		"narrow":     columns + engine + "ORDER BY (id, k)" + narrow,
		"wide":       strings.Replace(columns, "_deleted UInt8", "_deleted UInt8, INDEX i _version TYPE minmax", 1) + engine + "ORDER BY (id, k)" + window,
		"unfit":      strings.Replace(columns, "s String", "s Date", 1) + engine + "ORDER BY (id, k)" + window,
		"missing":    "",
	}
	tables := "  - source: public.unpublished\n"
	for name, sql := range targets {
		f.postgres("CREATE TABLE " + name + " (id bigint, k bigint, s text, PRIMARY KEY (id, k)); INSERT INTO " + name + " VALUES (1, 2, 'a')")
		tables += "  - source: public." + name + "\n"
		if sql != "" {
			f.query("CREATE TABLE " + name + sql)
		}
	}
	f.query("CREATE TABLE unpublished" + targets["wide"])
	f.config(strings.Replace(tables, "  - source: public.unpublished\n", "", 1))
	f.runProducer()
	f.eventually("message of each table", func() bool {
		out, code := f.command(f.binaries.Consumer, "migrate")
		return code == 1 && !strings.Contains(out, "start the producer")
	})
	f.config(tables)
	text, err := os.ReadFile(f.files.Config)
	f.must(err)
	f.must(os.WriteFile(f.files.Config, []byte(strings.Replace(string(text), "partitions: 2", "partitions: 2, retention: 720h", 1)), 0o600))

	found := f.checks(1)
	for _, c := range []struct {
		what         string
		ok           bool
		problem, fix string
	}{
		{"target collapsing", false, "lacks k of the source's key", "RENAME TABLE"},
		{"target twice", false, "s is not of the source's key (id, k)", "RENAME TABLE"},
		{"target unordered", false, "ReplacingMergeTree(k)", "RENAME TABLE"},
		{"target windowless", false, "deduplication window", "MODIFY SETTING"},
		{"target narrow", true, "it remembers 100 inserts", "consumer migrate --apply"},
		{"target narrow", true, "+ index eventsync_version", "consumer migrate --apply"},
		{"target unfit", false, "does not hold the source's text", "MODIFY COLUMN"},
		{"target missing", false, "does not exist", "consumer migrate --apply"},
		{"target wide", true, "", ""},
		{"target unpublished", true, "", ""},
		{"topic cdc.public.wide", false, "it forgets messages after 168h", "retention.ms=2592000000"},
		{"topic cdc.public.unpublished", false, "does not exist", "producer"},
		{"table sync_cursors", true, "it lacks table sync_cursors", "consumer migrate --apply"},
		{"Kafka", true, "", ""},
		{"ClickHouse", true, "", ""},
		{"flag event_sync_worker_for_click_house", true, "", ""},
	} {
		there := false
		for _, one := range found[c.what] {
			there = there || one.OK == c.ok && strings.Contains(one.Problem, c.problem) && strings.Contains(one.Fix, c.fix) && (c.problem != "" || one.Problem == "")
		}
		if !there {
			t.Errorf("%s: ok %v, %q, to be mended by %q, is not among %+v", c.what, c.ok, c.problem, c.fix, found[c.what])
		}
	}
	if out, _ := f.command(f.binaries.Consumer, "check", "--offline", "--json"); !strings.Contains(out, `"what": "config: 9 tables`) {
		t.Errorf("offline: %s", out)
	}

	f.config("  - source: public.wide\n  - source: public.missing\n")
	f.migrate(0, "--apply")
	for what, all := range f.checks(0) {
		for _, one := range all {
			if !one.OK || one.Problem != "" {
				t.Errorf("%s after migrate: %+v", what, one)
			}
		}
	}
}

// A database that is missing is created; until then check says so.
func TestMissingDatabase(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres(source)
	f.insert(1, 1, "a")
	f.config("  - source: public.t\n")
	text, err := os.ReadFile(f.files.Config)
	f.must(err)
	f.must(os.WriteFile(f.files.Config, []byte(strings.Replace(string(text), "clickhouse: {", "clickhouse: {database: new-one, ", 1)), 0o600))
	f.runProducer()
	f.pending()
	if found := f.checks(1)["ClickHouse"]; len(found) != 1 || found[0].OK || !strings.Contains(found[0].Problem, "new-one") || found[0].Fix != "consumer migrate --apply" {
		t.Errorf("%+v", found)
	}
	f.migrate(0, "--apply")
	f.checks(0)
	f.runConsumer()
	f.eventually("a row", func() bool { return f.query("SELECT count() AS n FROM `new-one`.t") == 1 })
}
