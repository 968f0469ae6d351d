package endtoend

import (
	"syscall"
	"testing"

	"eventsync/compose/local/workload"
)

// A consumer is frozen under load until another has its partitions, and wakes up: it leaves nothing behind that is not
// there already, and works on.
func TestZombie(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.createEvents(500)
	f.query("CREATE MATERIALIZED VIEW counted (k UInt8, n UInt64) ENGINE = SummingMergeTree ORDER BY k SETTINGS non_replicated_deduplication_window = 10000 AS SELECT toUInt8(1) AS k, count() AS n FROM events GROUP BY k")
	f.must(f.files.WriteConfig(f.addresses, false))
	f.runProducer()
	first := f.run("consumer-1", f.binaries.Consumer)
	f.holds(500)
	f.eventually("the snapshot", func() bool { return f.query("SELECT count() AS n FROM events") == 500 })
	load := &load{f: f}
	load.start()
	defer load.stop()
	second := f.run("consumer-2", f.binaries.Consumer)
	second.says("joined the group")
	for _, frozen := range []*program{first, second, first} {
		load.changes(500)
		other := first
		if frozen == first {
			other = second
		}
		alone := func() int { return len(other.lines("joined the group", `"partitions": 4`)) }
		before := alone()
		f.must(syscall.Kill(frozen.Pid(), syscall.SIGSTOP))
		f.eventually("the other one alone in the group", func() bool { return alone() > before })
		rows := f.query("SELECT count() AS n FROM events")
		f.eventually("its rows", func() bool { return f.query("SELECT count() AS n FROM events") > rows+500 })
		joined := len(frozen.lines("joined the group"))
		f.must(syscall.Kill(frozen.Pid(), syscall.SIGCONT))
		f.eventually("it back in the group", func() bool { return len(frozen.lines("joined the group")) > joined })
	}
	load.changes(500)
	load.stop()
	f.published()
	f.caughtUp()
	f.equal(workload.Events())
	want := uint64(500 + load.runner.Changes())
	if n := f.query("SELECT count() AS n FROM events"); n != want {
		t.Errorf("%d raw rows, and %d changes", n, want)
	}
	if n := f.query("SELECT sum(n) AS n FROM counted"); n != want {
		t.Errorf("the view counts %d, and there were %d changes", n, want)
	}
}
