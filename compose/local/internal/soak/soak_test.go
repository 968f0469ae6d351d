package soak

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// lines logs what is told.
type lines struct{ t *testing.T }

func (l lines) Write(b []byte) (int, error) {
	l.t.Logf("%s", b[:max(0, len(b)-1)])
	return len(b), nil
}

// A soak that is over soon.
func TestShortSoak(t *testing.T) {
	dir := t.TempDir()
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
		if err != nil {
			t.Error(err)
		}
		for _, f := range logs {
			if b, err := os.ReadFile(f); err == nil {
				t.Logf("%s:\n%s", filepath.Base(f), b[max(0, len(b)-4000):])
			}
		}
	})
	o := Options{Dir: dir, For: 15 * time.Second, Scale: 1, Rows: 5_000, Rate: 200, Out: lines{t}, ApacheKafka: os.Getenv("EVENTSYNC_KAFKA") == "real"}
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func TestMemoryThatGrows(t *testing.T) {
	const total, mib = 10 * time.Minute, 1 << 20
	for _, c := range []struct {
		name  string
		at    func(elapsed time.Duration) int64
		grows bool
	}{
		{"flat", func(time.Duration) int64 { return 100 * mib }, false},
		{"warming up", func(e time.Duration) int64 { return min(int64(e/time.Second)*mib, 120*mib) }, false},
		{"one peak", func(e time.Duration) int64 {
			if e == 9*time.Minute {
				return 900 * mib
			}
			return 100 * mib
		}, false},
		{"a leak", func(e time.Duration) int64 { return 100*mib + int64(e/time.Second)*mib/2 }, true},
	} {
		var all []held
		for e := time.Duration(0); e <= total; e += 5 * time.Second {
			all = append(all, held{e, c.at(e)})
		}
		if first, last := thirds(all, total); (last > limit(first)) != c.grows {
			t.Errorf("%s: from %d to %d, whose limit is %d", c.name, first, last, limit(first))
		}
	}
}

func TestReadLog(t *testing.T) {
	l := read("2026-01-01T00:00:00.000Z\tINFO\tstreaming\t{\"from\": \"0/1\"}\n" +
		"2026-01-01T00:00:01.000Z\tWARN\tslow\t{}\n" +
		"2026-01-01T00:00:02.000Z\tERROR\tbroken\t{}\n" +
		"panic: oh\n" +
		"2026-01-01T00:00:03.000Z\tINFO\tstreaming\t{}\n")
	if len(l.errors) != 2 || len(l.warnings) != 1 || l.streams != 2 {
		t.Errorf("%+v", l)
	}
}
