package partition_test

import (
	"context"
	"errors"
	"flag"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"eventsync/consumer/internal/partition"
	"eventsync/pkg/kafkaclient"
)

var (
	seeds = flag.Uint64("seeds", 300, "how many seeds to run")
	seed  = flag.Uint64("seed", 0, "run this seed alone")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Workers crash at every step of the protocol, producers repeat themselves, the gate closes and opens: in the end each
// change is in the target exactly once.
func TestExactlyOnce(t *testing.T) {
	first, last := uint64(1), *seeds
	if *seed > 0 {
		first, last = *seed, *seed
	}
	for s := first; s <= last; s++ {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(s)
			for lives := 0; w.committed < int64(len(w.log)); lives++ {
				if lives > 200 {
					t.Fatalf("seed %d: no end; replay with: go test ./consumer/internal/partition -run TestExactlyOnce -seed %d", s, s)
				}
				if err := w.run(t.Context()); err != nil && !errors.Is(err, errCrash) {
					t.Fatalf("seed %d: %v", s, err)
				}
			}
			if err := w.check(); err != nil {
				t.Fatalf("seed %d: %v; replay with: go test ./consumer/internal/partition -run TestExactlyOnce -seed %d", s, err, s)
			}
		})
	}
}

// A message that cannot be decoded is a dead letter, and its neighbours are synced; one too many stops the partition
// with its place, after everything before it is committed.
func TestTooManyDeadLettersStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		w.calm = true
		w.refused = nil
		for _, o := range []int64{7, 12} {
			w.log[o] = kafkaclient.Record{Offset: o, Value: []byte("poison")}
		}
		cfg := w.config(&reader{w: w, done: func() {}})
		cfg.Budget, cfg.Limits.Rows = partition.NewBudget(1), 5
		err := partition.New(cfg).Run(t.Context(), false, "")
		var stop *partition.StopError
		if !errors.As(err, &stop) || stop.Offset != 12 || stop.Partition != 3 || stop.Topic != "t" || !strings.Contains(err.Error(), "dead_letter_limit") {
			t.Fatalf("error %v", err)
		}
		if w.committed != 12 {
			t.Fatalf("committed %d, want 12", w.committed)
		}
	})
}

func TestMetadataThatCannotBeReadStops(t *testing.T) {
	for metadata, want := range map[string]string{
		"":                                       "has no metadata",
		"hello":                                  "cannot be read",
		"es2 L=0:0":                              "cannot be read",
		"es1 T=id":                               "cannot be read",
		"es1 L=0:0 X=1":                          "cannot be read",
		"es1 L=0:0 U=0":                          "cannot be read",
		"es1 L=0:0 F=x":                          "cannot be read",
		"es1 T=other L=0:0":                      "another topic of this name",
		"es1 L=0:0 I=9:zz:whole:1":               "cannot be read",
		"es1 L=0:0 I=9:0011223344556677:x:1":     "cannot be read",
		"es1 L=0:0 I=9:0011223344556677:whole":   "cannot be read",
		"es1 L=0:0 I=2:0011223344556677:whole:1": "before the offset itself",
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(1)
			w.committed, w.metadata = 5, metadata
			err := w.run(t.Context())
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "topic t, partition 3, offset 5") {
				t.Fatalf("metadata %q: error %v, want %q", metadata, err, want)
			}
		})
	}
}

// The flush interval counts from a batch's first row, and an idle partition commits the end of its last batch.
func TestIdlePartitionCommitsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(2)
		w.calm = true
		start := time.Now()
		if err := w.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if w.committed != int64(len(w.log)) || strings.Contains(w.metadata, "I=") {
			t.Fatalf("committed %d of %d with %q after %v", w.committed, len(w.log), w.metadata, time.Since(start))
		}
	})
}

// The end of the generation is no error, whatever it interrupts.
func TestEndOfGenerationIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(3)
		w.open.Store(false)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := partition.New(w.config(&reader{w: w, done: cancel})).Run(ctx, false, "")
		if err != nil || w.committed != -1 {
			t.Fatalf("error %v, committed %d", err, w.committed)
		}
	})
}
