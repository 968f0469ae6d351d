package daemon_test

import (
	"bytes"
	"strings"
	"testing"

	"eventsync/compose/local/clickhouse/daemon"
	"eventsync/compose/local/clickhouse/internal/report"
)

// TestMainRefuses checks what ends a gateway before it has an engine; what it does with one is tested from outside, in
// package clickhouse.
func TestMainRefuses(t *testing.T) {
	dir := t.TempDir()
	for want, args := range map[string][]string{
		"no data directory":   {},
		"no engine":           {"-dir", dir},
		"unexpected argument": {"-dir", dir, "-library", "x", "more"},
		"not defined":         {"-nosuch"},
		"loopback":            {"-dir", dir, "-library", "x", "-addr", "0.0.0.0:0"},
		"none.so":             {"-dir", dir, "-library", dir + "/none.so", "-addr", "127.0.0.1:0"},
		"make the data":       {"-dir", "/dev/null/x", "-library", "x"},
	} {
		var stdout, stderr bytes.Buffer
		if code := daemon.Main(args, strings.NewReader(""), &stdout, &stderr); code != 1 {
			t.Errorf("%q: exit code %d", args, code)
		}
		if _, err := report.Read(&stdout); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: reported %v, want %q", args, err, want)
		}
	}
}
