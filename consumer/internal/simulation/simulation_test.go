package simulation

import (
	"flag"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

var (
	seeds = flag.Uint64("seeds", 600, "how many seeds to run")
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
		synctest.Test(t, func(t *testing.T) {
			w = newWorld(s)
			_ = w.run(t.Context()) // it is in w.Wrong()
		})
		if *seed > 0 {
			t.Logf("the world of seed %d is %q:\n%s", s, w.name, strings.Join(w.Lines(), "\n"))
		}
		if w.Wrong() != nil {
			t.Fatalf("seed %d, %s: %v; what happened is told by: go test ./consumer/internal/simulation -run TestExactlyOnce -seed %d -v", s, w.name, w.Wrong(), s)
		}
	}
}
