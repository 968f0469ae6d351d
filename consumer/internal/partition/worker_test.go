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
	"go.uber.org/zap"

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

// A message that cannot be decoded stops the partition with its place, after everything before it is committed.
func TestPoisonStopsBehindItsPredecessors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1)
		w.crashes = 1000 // no more of them
		w.log[7] = kafkaclient.Record{Offset: 7, Value: []byte("poison")}
		w.run(t.Context()) //nolint:errcheck // asserted below with the second run, which must say the same
		err := w.run(t.Context())
		var stop *partition.StopError
		if !errors.As(err, &stop) || stop.Offset != 7 || stop.Partition != 3 || stop.Topic != "t" {
			t.Fatalf("error %v", err)
		}
		if w.committed != 7 {
			t.Fatalf("committed %d, want 7", w.committed)
		}
	})
}

func TestMetadataThatCannotBeReadStops(t *testing.T) {
	for metadata, want := range map[string]string{
		"":                                     "has no metadata",
		"hello":                                "cannot be read",
		"es2 L=0:0":                            "cannot be read",
		"es1 L=0:0 I=9:zz:whole":               "cannot be read",
		"es1 L=0:0 I=9:0011223344556677:x":     "cannot be read",
		"es1 L=0:0 I=2:0011223344556677:whole": "before the offset itself",
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
		w.crashes = 1000
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
		err := partition.New(partition.Config{
			Topic: "t", Reader: &reader{w: w, done: cancel}, Batches: [2]partition.Batch{&batch{w: w}, &batch{w: w}}, Gate: w,
			Commit: w.commit, Limits: partition.Limits{Rows: 1, Bytes: 1, Interval: time.Second}, Log: zap.NewNop(),
		}).Run(ctx, false, "")
		if err != nil || w.committed != -1 {
			t.Fatalf("error %v, committed %d", err, w.committed)
		}
	})
}
