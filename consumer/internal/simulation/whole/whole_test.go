package whole

import (
	"flag"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

var (
	seeds = flag.Uint64("seeds", 24, "how many seeds to run")
	seed  = flag.Uint64("seed", 0, "run this seed alone, and say what happened")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestExactlyOnce(t *testing.T) {
	first, last := uint64(1), *seeds
	if *seed > 0 {
		first, last = *seed, *seed
	}
	for s := first; s <= last; s++ {
		var w *world
		began := time.Now()
		synctest.Test(t, func(t *testing.T) {
			w = newWorld(s)
			if err := w.run(t.Context()); err != nil && w.Wrong() == nil {
				w.Fail("%v", err)
			}
			w.lasted = time.Since(w.Began)
		})
		t.Logf("seed %d, %s: %v in %v: %s", s, w.name, w.lasted.Round(time.Second), time.Since(began).Round(time.Millisecond), &w.seen)
		if *seed > 0 {
			t.Log("what happened:\n" + strings.Join(w.Lines(), "\n"))
		}
		if w.Wrong() != nil {
			t.Fatalf("seed %d, %s: %v; what happened is told by: go test ./consumer/internal/simulation/whole -run TestExactlyOnce -seed %d -v", s, w.name, w.Wrong(), s)
		}
	}
}
