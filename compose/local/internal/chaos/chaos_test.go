package chaos

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"eventsync/compose/local/kafka"
)

// lines logs what is told.
type lines struct{ t *testing.T }

func (l lines) Write(b []byte) (int, error) {
	l.t.Logf("%s", b[:max(0, len(b)-1)])
	return len(b), nil
}

// A minute of it.
func TestShortChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute and a half")
	}
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
				t.Logf("%s:\n%s", filepath.Base(f), b[max(0, len(b)-8000):])
			}
		}
	})
	o := Options{Dir: dir, For: time.Minute, Rate: 500, Seed: rand.Uint64(), ApacheKafka: kafka.Available() == nil, Out: lines{t}}
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}
