package partition_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/partition"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
)

// script is a world without chance: it notes what a worker does, in order.
type script struct {
	log      []kafkaclient.Record
	previous change.Position
	enc      codec.Encoder

	did      []string
	held     func() bool
	viewless bool
	started  time.Time // the server
	insert   func(rows []change.Version, token string) error
	present  map[change.Version]bool
	cancel   context.CancelFunc // called when the whole log is committed
}

func newScript() *script {
	return &script{held: func() bool { return true }, present: map[change.Version]bool{}}
}

// change appends a change to the topic, whose version and position are its LSN.
func (s *script) change(op change.Op, lsn change.LSN) {
	p := change.Position{Commit: lsn, Sequence: 1}
	s.append(&change.Change{Relation: relation, Op: op, Version: change.Version(lsn), Position: p}, s.previous)
	s.previous = p
}

func (s *script) append(c *change.Change, previous change.Position) {
	if c.Op != change.Truncate {
		c.Values = []change.Value{change.IntegerValue(int64(c.Version))}
	}
	s.raw(s.enc.Append(nil, c, previous))
}

func (s *script) raw(value []byte) {
	s.log = append(s.log, kafkaclient.Record{Offset: int64(len(s.log)), Value: value})
}

// run lets a worker live until it has committed everything, and gives what it did.
func (s *script) run(t *testing.T, committed int64, metadata string, with func(*partition.Config)) (did []string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	s.cancel = cancel
	cfg := partition.Config{
		Topic: "t", TopicID: "id", Reader: &scriptReader{s, max(committed, 0)}, Batches: [2]partition.Batch{&scriptBatch{s: s}, &scriptBatch{s: s}},
		Target: s, Gate: s, Claim: s, Letters: s, Budget: partition.NewBudget(100), Pace: partition.NewPace(time.Millisecond, time.Millisecond),
		Limits: partition.Limits{Rows: 100, Bytes: 1 << 20}, Settled: 50 * time.Second, Log: zap.NewNop(),
	}
	if with != nil {
		with(&cfg)
	}
	err = partition.New(cfg).Run(ctx, committed >= 0, metadata)
	if err == nil && !errors.Is(ctx.Err(), context.Canceled) {
		t.Fatalf("no end: %q", s.did)
	}
	return s.did, err
}

func (s *script) note(format string, a ...any) { s.did = append(s.did, fmt.Sprintf(format, a...)) }

func (s *script) Open() bool                     { return true }
func (s *script) Wait(ctx context.Context) error { return ctx.Err() }
func (s *script) Held() bool                     { return s.held() }

func (s *script) Commit(_ context.Context, offset int64, metadata string) error {
	var said []string
	for _, f := range strings.Fields(metadata) {
		switch tag, value, _ := strings.Cut(f, "="); tag {
		case "L", "F", "U":
			said = append(said, f)
		case "I":
			part := strings.Split(value, ":")
			said = append(said, "I="+part[0]+":"+part[2])
		}
	}
	s.note("commit %d %s", offset, strings.Join(said, " "))
	if offset == int64(len(s.log)) {
		s.cancel()
	}
	return nil
}

func (s *script) Remembers(context.Context, time.Time) (bool, error) { return true, nil }

func (s *script) Started(context.Context) (time.Time, error) { return s.started, nil }

func (s *script) HasViews(context.Context) (bool, error) { return !s.viewless, nil }

func (s *script) DeleteBelow(_ context.Context, v change.Version) error {
	s.note("delete below %d", v)
	return nil
}

func (s *script) Bury(_ context.Context, letters []partition.DeadLetter) error {
	for _, l := range letters {
		s.note("bury %d %s", l.Record.Offset, l.Code)
	}
	return nil
}

type scriptReader struct {
	s  *script
	at int64
}

func (r *scriptReader) SeekTo(o int64)       { r.at = o }
func (r *scriptReader) Offset() int64        { return r.at }
func (r *scriptReader) HighWatermark() int64 { return int64(len(r.s.log)) }

func (r *scriptReader) Read(ctx context.Context) ([]kafkaclient.Record, error) {
	if r.at >= r.HighWatermark() {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
			return nil, nil
		}
	}
	records := slices.Clone(r.s.log[r.at:])
	r.at = r.HighWatermark()
	return records, nil
}

type scriptBatch struct {
	s    *script
	rows []change.Version
}

func (b *scriptBatch) Append(m *codec.Message) (bool, error) {
	b.rows = append(b.rows, m.Version)
	return true, nil
}
func (b *scriptBatch) Rows() int  { return len(b.rows) }
func (b *scriptBatch) Bytes() int { return len(b.rows) }
func (b *scriptBatch) Reset()     { b.rows = b.rows[:0] }

func (b *scriptBatch) Insert(_ context.Context, token string) error {
	b.s.note("insert %v", b.rows)
	if b.s.insert != nil {
		if err := b.s.insert(b.rows, token); err != nil {
			return err
		}
	}
	for _, v := range b.rows {
		b.s.present[v] = true
	}
	return nil
}

func (b *scriptBatch) Missing(context.Context) (int, error) {
	n := 0
	for _, v := range b.rows {
		if !b.s.present[v] {
			n++
		}
	}
	b.s.note("%d missing", n)
	return n, nil
}

func (b *scriptBatch) DropPresent(context.Context) (int, error) {
	b.rows = slices.DeleteFunc(b.rows, func(v change.Version) bool { return b.s.present[v] })
	b.s.note("missing %v", b.rows)
	return len(b.rows), nil
}

func wantSteps(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("did\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// A truncate is an intent of its own; the delete waits until no earlier insert can land, and what is older than it does
// not come back, however late it comes.
func TestTruncate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		s.change(change.Insert, 10)
		s.change(change.Truncate, 20)
		s.change(change.Insert, 30)
		late := change.Position{Commit: 40, Sequence: 1} // a change that was written before the truncate, and comes after
		s.append(&change.Change{Relation: relation, Op: change.Insert, Version: 15, Position: late}, s.previous)
		start := time.Now()
		did, err := s.run(t, -1, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		wantSteps(t, did,
			"commit 0 L=0:0 I=1:whole", "insert [10]",
			"commit 1 L=a:1 I=2:truncate", "delete below 20",
			"commit 2 L=14:1 F=14",
			"commit 2 L=14:1 F=14 I=4:whole", "insert [30]", "commit 4 L=28:1 F=14")
		if waited := time.Since(start); waited < 50*time.Second {
			t.Errorf("the rows were deleted within %v", waited)
		}
	})
}

// A worker that finds a truncate announced does it again.
func TestTruncateIsRecovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		s.change(change.Insert, 10)
		s.change(change.Truncate, 20)
		did, err := s.run(t, 1, "es1 T=id L=a:1 I=2:0011223344556677:truncate:1", nil)
		if err != nil {
			t.Fatal(err)
		}
		wantSteps(t, did, "delete below 20", "commit 2 L=14:1 F=14")
	})
}

// A range that is not sure is looked at before anything is sent, and not before earlier inserts have ended.
func TestUnsureRange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		for lsn := range change.LSN(5) {
			s.change(change.Insert, 10*(lsn+1))
		}
		s.present[20], s.present[30] = true, true
		start := time.Now()
		did, err := s.run(t, 1, partition.Watermark{TopicID: "id", Position: change.Position{Commit: 10, Sequence: 1}, Unsure: 4}.Metadata(), nil)
		if err != nil {
			t.Fatal(err)
		}
		wantSteps(t, did,
			"missing [40]", "commit 1 L=a:1 U=4 I=4:part", "insert [40]", "commit 4 L=28:1",
			"commit 4 L=28:1 I=5:whole", "insert [50]", "commit 5 L=32:1")
		if waited := time.Since(start); waited < 50*time.Second {
			t.Errorf("done within %v", waited)
		}
	})
}

// An owner that has to wait takes back what is announced first, so that the next one waits only for what is left.
func TestQuarantineGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		s.change(change.Insert, 10)
		s.change(change.Insert, 20)
		start := time.Now()
		quiet := start.Add(-40 * time.Second).Unix()
		did, err := s.run(t, 0, fmt.Sprintf("es1 T=id L=0:0 U=2 Q=%d", quiet), nil)
		if err != nil {
			t.Fatal(err)
		}
		wantSteps(t, did, "missing [10 20]", "commit 0 L=0:0 U=2 I=2:whole", "insert [10 20]", "commit 2 L=14:1")
		if waited := time.Since(start); waited < 14*time.Second || waited > 20*time.Second {
			t.Errorf("waited %v, want 10 s and what clocks may differ by", waited)
		}
	})
}

// An announced batch is sent whole, and then looked for; rows that the token has swallowed are sent under another.
func TestBurntToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		for lsn := range change.LSN(3) {
			s.change(change.Insert, 10*(lsn+1))
		}
		s.present[10] = true
		burnt := "0011223344556677"
		s.insert = func(_ []change.Version, token string) error {
			if token == burnt {
				return errSwallowed
			}
			return nil
		}
		did, err := s.run(t, 0, "es1 T=id L=0:0 I=3:"+burnt+":whole:1", func(c *partition.Config) {
			c.Batches = [2]partition.Batch{&swallowing{scriptBatch{s: s}}, &swallowing{scriptBatch{s: s}}}
		})
		if err != nil {
			t.Fatal(err)
		}
		wantSteps(t, did,
			"insert [10 20 30]", "missing [20 30]", "commit 0 L=0:0 U=3",
			"missing [20 30]", "commit 0 L=0:0 U=3 I=3:part", "insert [20 30]", "commit 3 L=1e:1")
	})
}

// Where no view can lack what the table has, an announced batch is looked for first, and what is missing is sent.
func TestRecoveryWithoutViews(t *testing.T) {
	for _, c := range []struct {
		present []change.Version
		steps   []string
	}{
		{[]change.Version{10, 20, 30}, []string{"missing []", "commit 3 L=1e:1"}},
		{[]change.Version{20}, []string{"missing [10 30]", "insert [10 30]", "missing []", "commit 3 L=1e:1"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScript()
			s.viewless = true
			for lsn := range change.LSN(3) {
				s.change(change.Insert, 10*(lsn+1))
			}
			for _, v := range c.present {
				s.present[v] = true
			}
			did, err := s.run(t, 0, "es1 T=id L=0:0 I=3:0011223344556677:whole:1", nil)
			if err != nil {
				t.Fatal(err)
			}
			wantSteps(t, did, c.steps...)
		})
	}
}

// A server that died with nothing of a block has nothing of it in its views either, and may have its token.
func TestRecoveryFromADeadServer(t *testing.T) {
	for _, c := range []struct {
		present []change.Version
		steps   []string
	}{
		{nil, []string{"3 missing", "commit 0 L=0:0 U=3", "missing [10 20 30]", "commit 0 L=0:0 U=3 I=3:whole", "insert [10 20 30]", "commit 3 L=1e:1"}},
		{[]change.Version{10, 20, 30}, []string{"0 missing", "insert [10 20 30]", "missing []", "commit 3 L=1e:1"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScript()
			s.started = time.Now()
			for lsn := range change.LSN(3) {
				s.change(change.Insert, 10*(lsn+1))
			}
			for _, v := range c.present {
				s.present[v] = true
			}
			did, err := s.run(t, 0, "es1 T=id L=0:0 I=3:0011223344556677:whole:1", nil)
			if err != nil {
				t.Fatal(err)
			}
			wantSteps(t, did, c.steps...)
		})
	}
}

// A piece that was whole is recovered as such, under its token; what may be there in part is looked for.
func TestPiecesAreRecovered(t *testing.T) {
	for kind, steps := range map[string][]string{
		"whole": {"insert [10 20]", "missing []", "commit 2 L=14:1 U=3", "missing [30]", "commit 2 L=14:1 U=3 I=3:whole", "insert [30]", "commit 3 L=1e:1"},
		"part":  {"commit 0 L=0:0 U=3", "missing [20 30]", "commit 0 L=0:0 U=3 I=3:part", "insert [20 30]", "commit 3 L=1e:1"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScript()
			for lsn := range change.LSN(3) {
				s.change(change.Insert, 10*(lsn+1))
			}
			s.present[10] = true
			did, err := s.run(t, 0, "es1 T=id L=0:0 U=3 I=2:0011223344556677:"+kind+":1", nil)
			if err != nil {
				t.Fatal(err)
			}
			wantSteps(t, did, steps...)
		})
	}
}

var errSwallowed = errors.New("the server has acknowledged, and kept nothing")

// swallowing is a batch of a server that acknowledges what it does not keep.
type swallowing struct{ scriptBatch }

func (b *swallowing) Insert(ctx context.Context, token string) error {
	if err := b.scriptBatch.Insert(ctx, token); !errors.Is(err, errSwallowed) {
		return err
	}
	return nil
}

// Before an insert is sent again, a lease that has ended is renewed by the same commit.
func TestLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		s.change(change.Insert, 10)
		tries := 0
		s.insert = func([]change.Version, string) error {
			if tries++; tries < 3 {
				return failure{again: true}
			}
			return nil
		}
		ended := true // once
		s.held = func() bool {
			held := tries != 2 || !ended
			ended = ended && held
			return held
		}
		did, err := s.run(t, -1, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		wantSteps(t, did, "commit 0 L=0:0 I=1:whole", "insert [10]", "insert [10]", "commit 0 L=0:0 I=1:whole", "insert [10]", "commit 1 L=a:1")
	})
}

// What the server refuses is halved down to the row, which is buried before the commit that passes it.
func TestRefusedRowIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		for lsn := range change.LSN(4) {
			s.change(change.Insert, 10*(lsn+1))
		}
		s.raw([]byte("poison"))
		s.insert = func(rows []change.Version, _ string) error {
			if slices.Contains(rows, 30) {
				return failure{refuses: true}
			}
			return nil
		}
		did, err := s.run(t, -1, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		wantSteps(t, did,
			"bury 4 undecodable", "commit 0 L=0:0 I=5:whole", "insert [10 20 30 40]", "commit 0 L=0:0 U=5",
			"missing [10 20]", "commit 0 L=0:0 U=5 I=2:whole", "insert [10 20]", "commit 2 L=14:1 U=5",
			"bury 4 undecodable", "missing [30 40]", "commit 2 L=14:1 U=5 I=5:whole", "insert [30 40]",
			"missing [30]", "commit 2 L=14:1 U=5 I=3:whole", "insert [30]", "bury 2 refused_by_clickhouse", "commit 3 L=1e:1 U=5",
			"bury 4 undecodable", "missing [40]", "commit 3 L=1e:1 U=5 I=5:whole", "insert [40]", "commit 5 L=28:1")
	})
}

// Repeats are dropped by the chain, except in a topic that is compacted; the late write of a stopped producer is kept.
func TestChain(t *testing.T) {
	for _, compacted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newScript()
			s.change(change.Insert, 10)
			s.change(change.Insert, 20)
			s.previous = change.Position{}
			s.change(change.Insert, 20) // a new producer begins with what was confirmed
			s.change(change.Insert, 30)
			far := change.Position{Commit: 50, Sequence: 1}
			s.append(&change.Change{Relation: relation, Op: change.Insert, Version: 60, Position: change.Position{Commit: 60, Sequence: 1}}, far)
			did, err := s.run(t, -1, "", func(c *partition.Config) { c.Compacted = compacted })
			if err != nil {
				t.Fatal(err)
			}
			rows := "insert [10 20 30 60]"
			if compacted {
				rows = "insert [10 20 20 30 60]"
			}
			wantSteps(t, did, "commit 0 L=0:0 I=5:whole", rows, "commit 5 L=1e:1")
		})
	}
}
