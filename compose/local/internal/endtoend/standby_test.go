package endtoend

import "testing"

// Of two producers on one slot one publishes and the other stands by, which takes over when the first is killed, and
// nothing comes twice.
func TestSecondProducer(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres(source)
	f.insert(1, 10, "a")
	f.query(target)
	f.query("SYSTEM STOP MERGES t")
	f.config("  - source: public.t\n")
	first := f.run("producer-1", f.binaries.Producer)
	first.says("INFO", "streaming")
	second := f.run("producer-2", f.binaries.Producer)
	second.says("INFO", "standing by", "another producer")
	f.runConsumer()
	f.insert(11, 20, "b")
	f.arrives(20)
	if lines := second.lines("streaming"); len(lines) > 0 {
		t.Errorf("both stream: %v", lines)
	}

	first.kill()
	second.says("INFO", "streaming")
	f.insert(21, 30, "c")
	f.arrives(30) // raw rows: a repeat would be one more
	f.caughtUp()
	f.equal(pair())
}
