package endtoend

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A flag that cannot be had pauses the consumer, which says why, and commits nothing; once mended, everything comes.
func TestFlagThatCannotBeRead(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres(source)
	f.insert(1, 10, "a")
	f.query(target)
	f.config("  - source: public.t\n")
	f.runProducer()
	f.holds(10)
	const definition = `{"flags": {%q: {"state": "ENABLED", "variants": {"on": %s}, "defaultVariant": "on"}}}`
	var last *program
	for _, c := range []struct{ name, text, reason string }{
		{"missing", "", "no such file"},
		{"unreadable", "a directory", "not a regular file"},
		{"malformed", "not JSON", "malformed"},
		{"unknown", fmt.Sprintf(definition, "another", "true"), "no such flag"},
		{"of-the-wrong-type", fmt.Sprintf(definition, "event_sync_worker_for_click_house", `"yes"`), "not true and false"},
	} {
		f.must(os.RemoveAll(f.files.Flag))
		switch c.name {
		case "missing":
		case "unreadable":
			f.must(os.Mkdir(f.files.Flag, 0o700))
		default:
			f.must(os.WriteFile(f.files.Flag, []byte(c.text), 0o600))
		}
		if last != nil {
			last.stop()
		}
		last = f.run("consumer-"+c.name, f.binaries.Consumer)
		last.says("WARN", "the flag cannot be evaluated", c.reason)
		last.says("paused")
		out, code := f.command(f.binaries.Consumer, "check")
		if code != 1 || !strings.Contains(out, "PROBLEM: flag event_sync_worker_for_click_house") || !strings.Contains(out, c.reason) {
			t.Errorf("check with a flag %s: exit code %d, output %s", c.name, code, out)
		}
		if n := f.query("SELECT count() AS n FROM t"); n != 0 || f.committed() {
			t.Errorf("with a flag %s: %d rows, offsets committed: %v", c.name, n, f.committed())
		}
	}
	f.must(f.files.SetFlag(true))
	f.arrives(10)
	f.caughtUp()
}

// Off holds: nothing arrives and no offset moves, while the topic grows. On again loses nothing.
func TestFlagOffAndOnAgain(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres(source)
	f.insert(1, 10, "before")
	f.query(target)
	f.config("  - source: public.t\n")
	f.runProducer()
	consumer := f.runConsumer()
	f.arrives(10)
	f.caughtUp()
	before := f.status()

	f.must(f.files.SetFlag(false))
	consumer.says("the gate's verdict changed", `"pass": false`)
	f.insert(11, 100, "while off")
	f.postgres("UPDATE t SET s = 'changed' WHERE id <= 5; DELETE FROM t WHERE id = 6")
	f.holds(10 + 90 + 5 + 1)
	for id := range before {
		consumer.says("paused", `"partition": `+strconv.Itoa(id))
	}
	for id, p := range f.status() {
		if p.Watermark != before[id].Watermark || p.Lag == 0 {
			t.Errorf("partition %d: the watermark went from %d to %d, the lag is %v s", id, before[id].Watermark, p.Watermark, p.Lag)
		}
	}
	if n := f.query("SELECT count() AS n FROM t"); n != 10 {
		t.Errorf("%d rows in ClickHouse, 10 of them from before", n)
	}

	f.must(f.files.SetFlag(true))
	f.caughtUp()
	f.equal(pair())
	if n := f.query("SELECT count() AS n FROM t FINAL"); n != 99 {
		t.Errorf("%d rows, not 99", n)
	}
}
