package endtoend

import (
	"flag"
	"strings"
	"testing"
	"time"

	"eventsync/compose/local/internal/proxytest"
)

// faulty starts a stack whose consumer reaches ClickHouse through a proxy, with everything of t synced and nothing in the
// target ever merged: raw counts show what came twice.
func (f *fixture) faulty() (*proxytest.Proxy, *program) {
	f.Helper()
	f.start()
	f.postgres(source)
	f.query(target)
	f.query("ALTER TABLE t MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1")
	f.query("CREATE MATERIALIZED VIEW counted (k UInt8, n UInt64) ENGINE = SummingMergeTree ORDER BY k SETTINGS non_replicated_deduplication_window = 100 AS SELECT toUInt8(1) AS k, count() AS n FROM t GROUP BY k")
	p := proxytest.Start(f, f.addresses.ClickHouse)
	f.addresses.ClickHouse = p.Listen
	f.insert(1, 10, "a")
	f.config("  - source: public.t\n")
	f.runProducer()
	consumer := f.runConsumer()
	f.arrives(10)
	return p, consumer
}

// once waits until everything is synced: each change is there once, in the target and in its view, and no partition has
// stopped.
func (f *fixture) once(consumer *program, changes uint64) {
	f.Helper()
	f.arrives(changes)
	f.published()
	f.caughtUp()
	if n := f.query("SELECT count() AS n FROM t"); n != changes {
		f.Errorf("%d raw rows, and %d changes", n, changes)
	}
	if n := f.query("SELECT sum(n) AS n FROM counted"); n != changes {
		f.Errorf("%d rows in the view's count, and %d changes", n, changes)
	}
	f.equal(pair())
	if lines := consumer.lines("ERROR"); len(lines) > 0 {
		f.Errorf("what passes is no error: %v", lines)
	}
}

// away makes it long: go test ./compose/local/internal/endtoend -run TestClickHouseAway -away 5m
var away = flag.Duration("away", 0, "for how much longer than the longest pause ClickHouse is away")

// ClickHouse is away until the pauses between the tries are as long as they get: the consumer keeps its partitions, passes
// nothing, and goes on when the server is there again.
func TestClickHouseAway(t *testing.T) {
	f := newFixture(t)
	_, consumer := f.faulty()
	before := f.status()
	joined := len(consumer.lines("joined the group"))
	f.must(f.stack.ClickHouse.Stop(t.Context()))
	f.addresses.ClickHouse = f.stack.ClickHouse.Addr()
	f.insert(11, 1_000, "b")
	consumer.says("WARN", "tried again", `"pause": "10s"`)
	<-time.After(*away)
	for i, p := range f.status() {
		if p.Watermark > before[i].End {
			t.Errorf("partition %d: the watermark is %d, and all after %d is not in ClickHouse", i, p.Watermark, before[i].End)
		}
	}
	f.must(f.restartClickHouse())
	f.once(consumer, 1_000)
	if n := len(consumer.lines("joined the group")); n != joined {
		t.Errorf("it joined the group %d times, not %d", n, joined)
	}
}

// Rows are in ClickHouse, but the answer never comes, and then the connection breaks: they are not there twice, nor does
// the view count them twice.
func TestInsertWithoutAnAnswer(t *testing.T) {
	f := newFixture(t)
	p, consumer := f.faulty()
	for i := range 3 {
		from := 11 + 100*i
		p.Add("latency", proxytest.Attributes{"latency": 2_000}, proxytest.FromServer)
		f.insert(from, from+99, "b")
		f.arrives(uint64(from + 99)) // seen past the proxy, before the consumer hears of it
		p.Cut()                      // before the fault is mended, which lets the answer through
		p.Mend()
	}
	f.once(consumer, 310)
	if len(consumer.lines("tried again under the same token")) == 0 {
		t.Error("no insert was tried again")
	}
}

// The line to ClickHouse is slow, and far.
func TestSlowLineToClickHouse(t *testing.T) {
	f := newFixture(t)
	p, consumer := f.faulty()
	p.Add("latency", proxytest.Attributes{"latency": 100, "jitter": 50})
	p.Add("bandwidth", proxytest.Attributes{"rate": 100}) // kB/s
	f.insert(11, 5_000, strings.Repeat("b", 50))
	f.once(consumer, 5_000)
}

// A table with too many parts takes nothing until they are merged, or the limit is raised.
func TestTooManyParts(t *testing.T) {
	f := newFixture(t)
	_, consumer := f.faulty()
	f.query("ALTER TABLE t MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1")
	f.insert(11, 500, "b")
	consumer.says("WARN", "tried again under the same token", "TOO_MANY_PARTS")
	if n := f.query("SELECT count() AS n FROM t"); n != 10 {
		t.Errorf("%d rows", n)
	}
	f.query("ALTER TABLE t MODIFY SETTING parts_to_throw_insert = 10000, parts_to_delay_insert = 10000")
	f.once(consumer, 500)
}
