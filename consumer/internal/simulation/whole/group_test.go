package whole

import (
	"fmt"
	"strings"
	"time"
)

// committed is what the group has committed of a partition: -1 for nothing.
func (w *world) committed() (offsets [partitions]int64, metadata [partitions]string) {
	for p := range offsets {
		offsets[p] = -1
	}
	if g := w.cluster.GroupInfo(groupID); g != nil {
		for p, c := range g.Commits[topic] {
			offsets[p], metadata[p] = c.Offset, c.Metadata
		}
	}
	return offsets, metadata
}

// arrived reports whether everything is committed, and nothing is announced.
func (w *world) arrived() bool {
	offsets, metadata := w.committed()
	for p := range offsets {
		if offsets[p] < int64(len(w.source.log(p))) || strings.Contains(metadata[p], " I=") || strings.Contains(metadata[p], " U=") {
			return false
		}
	}
	return true
}

func (w *world) stand() string {
	var b strings.Builder
	offsets, metadata := w.committed()
	for p := range offsets {
		if p == 0 {
			g := w.cluster.GroupInfo(groupID)
			fmt.Fprintf(&b, "group %s %d:", g.State, g.Epoch)
			for _, m := range g.Members {
				fmt.Fprintf(&b, " %s %d;", m.MemberID, m.NumAssigned())
			}
		}
		fmt.Fprintf(&b, "partition %d at %d of %d with %q; ", p, offsets[p], len(w.source.log(p)), metadata[p])
	}
	return b.String()
}

// unjam holds a request to join the group back while kfake, which has miscounted those who have joined, waits for one
// more: each that comes would begin its wait anew, where Kafka's goes on.
func (w *world) unjam() {
	for w.jammed() {
		select {
		case <-w.over:
			return
		case <-time.After(time.Second):
		}
	}
}

func (w *world) jammed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.preparing.IsZero() && time.Since(w.preparing) > 2*session
}

// prepares looks since when the group waits for its members to join.
func (w *world) prepares() {
	g := w.cluster.GroupInfo(groupID)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case g == nil || g.State != "PreparingRebalance":
		w.preparing = time.Time{}
	case w.preparing.IsZero():
		w.preparing = time.Now()
	}
}
