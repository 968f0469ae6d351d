package faults

import (
	"syscall"
	"testing"
)

// Of two producers the second takes over when the first is killed, or stopped for longer than the source waits for a
// word of it; the first, once it goes on, stands by in turn. What it had in its hands may come late.
func TestTakeover(t *testing.T) {
	w := newWorld(t, 1_000)
	first := w.run("producer-1")
	first.says(1, "streaming")
	second := w.run("producer-2")
	second.says(1, "standing by")
	l := w.load()
	l.changes(500)
	if len(second.lines("streaming")) > 0 {
		t.Error("both stream")
	}
	w.must(first.Signal(syscall.SIGSTOP))
	second.says(1, "INFO", "streaming")
	l.changes(500)
	w.must(first.Signal(syscall.SIGCONT))
	first.says(1, "standing by")
	l.changes(500)

	second.kill()
	first.says(2, "INFO", "streaming")
	l.changes(500)
	l.stop()
	w.verify(expectation{late: true})
}
