package endtoend

import (
	"encoding/json"
	"fmt"
)

// partition is what `consumer status` says of one.
type partition struct {
	Partition int     `json:"partition"`
	Watermark int64   `json:"watermark"`
	Committed bool    `json:"committed"`
	End       int64   `json:"end"`
	Messages  int64   `json:"lag_messages"`
	Lag       float64 `json:"sync_lag_seconds"`
	Problem   string  `json:"problem"`
}

// status asks how far the consumers are.
func (f *fixture) status() []partition {
	f.Helper()
	out, code := f.command(f.binaries.Consumer, "status", "--json")
	var report struct {
		Partitions []partition `json:"partitions"`
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 {
		f.Fatalf("status: exit code %d, %v, output %s", code, err, out)
	}
	return report.Partitions
}

// holds waits until the topics hold so many messages in all.
func (f *fixture) holds(messages int64) {
	f.Helper()
	f.eventually(fmt.Sprintf("topic with %d messages", messages), func() bool {
		var n int64
		for _, p := range f.status() {
			n += p.End
		}
		return n == messages
	})
}

// caughtUp waits until everything in the topics is synced.
func (f *fixture) caughtUp() {
	f.Helper()
	f.eventually("watermark at the end of every partition", func() bool {
		for _, p := range f.status() {
			if p.Messages > 0 {
				return false
			}
		}
		return true
	})
}

// committed tells whether any offset is.
func (f *fixture) committed() bool {
	f.Helper()
	for _, p := range f.status() {
		if p.Committed {
			return true
		}
	}
	return false
}
