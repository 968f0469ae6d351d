package partition

import (
	"maps"
	"sync"
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient"
)

// Progress is how far a worker has come, and what it has met on the way.
type Progress struct {
	// Committed is the watermark, Next the offset of the message to be taken next, End that of the one to be written
	// next, by the last answer of the broker.
	Committed, Next, End int64
	// Held says that the gate is closed, and the worker waits.
	Held bool
	// Oldest is when the oldest change was committed at the source that was read and is not in the target; zero when
	// there is none. Newest is when the newest change was that is in the target.
	Oldest, Newest time.Time

	Rows, Inserts uint64        // that the target has acknowledged
	InsertTime    time.Duration // from an insert's first try until it was sure
	Commits       uint64
	Retries       uint64            // of inserts and questions to the target
	Recoveries    uint64            // announced batches of earlier owners that were made sure of
	Redone        uint64            // batches that were gone through by pieces
	Repeats, Late uint64            // messages that had come before, and that came late, by the chain
	Letters       map[string]uint64 // dead letters by their code
	// Failure is what the target said to the last try, nil once it has taken what was sent.
	Failure error
}

// progress is a Progress that others may read at any time.
type progress struct {
	mu sync.Mutex
	p  Progress
	// When the oldest change was committed of the batch in flight, of the one that fills, and of what is held; in
	// microseconds since 1970, 0 for none.
	flight, fill, hold int64
}

// Progress is how far the worker has come. It may be called at any time.
func (w *Worker) Progress() Progress {
	g := &w.progress
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.p
	p.Letters = maps.Clone(p.Letters)
	for _, t := range []int64{g.flight, g.fill, g.hold} {
		if t != 0 {
			p.Oldest = time.UnixMicro(t)
			break
		}
	}
	return p
}

// change changes what others see.
func (g *progress) change(f func(*Progress)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(&g.p)
}

func (g *progress) filling(s *span) { g.change(func(*Progress) { g.fill = s.oldest }) }

func (g *progress) passed(s *span) {
	g.change(func(p *Progress) {
		p.Repeats += uint64(s.repeats) //nolint:gosec // G115: it is a count
		p.Late += uint64(s.late)       //nolint:gosec // G115: it is a count
	})
}

func (g *progress) inserting(s *span) { g.change(func(*Progress) { g.flight, g.fill = s.oldest, 0 }) }

func (g *progress) inserted(i *insert) {
	g.change(func(p *Progress) {
		g.flight, p.Failure = 0, nil
		p.Inserts++
		p.Rows += uint64(i.rows) //nolint:gosec // G115: it is a count
		p.InsertTime += time.Since(i.began)
		if t := time.UnixMicro(i.span.newest); t.After(p.Newest) {
			p.Newest = t
		}
	})
}

func (g *progress) retrying(err error) {
	g.change(func(p *Progress) { p.Retries, p.Failure = p.Retries+1, err })
}

func (g *progress) recovering() { g.change(func(p *Progress) { p.Recoveries++ }) }

func (g *progress) redoing() { g.change(func(p *Progress) { p.Redone++ }) }

func (g *progress) buried(letters []DeadLetter) {
	g.change(func(p *Progress) {
		if p.Letters == nil {
			p.Letters = map[string]uint64{}
		}
		for i := range letters {
			p.Letters[letters[i].Code]++
		}
	})
}

// holding notes the first message that the closed gate holds back, if it was read: its record was written when the
// change was committed.
func (g *progress) holding(rest []kafkaclient.Record) {
	g.change(func(p *Progress) {
		p.Held = true
		if len(rest) > 0 {
			g.hold = rest[0].Timestamp * 1000
		}
	})
}

func (g *progress) released() { g.change(func(p *Progress) { p.Held, g.hold = false, 0 }) }

// Mark is a commit.
type Mark struct {
	// Offset is the watermark, and Position the last one that the chain reached before it.
	Offset   int64
	Position change.Position
	// Rows is how many were inserted since the mark before.
	Rows int
	// Newest is when the newest change of all that this worker inserted was committed at the source; zero when it has
	// inserted none.
	Newest time.Time
	// End says that nothing follows in the topic, as far as is known.
	End bool
}

// tell says that a place was committed.
func (w *Worker) tell(at cursor) {
	var m Mark
	w.progress.change(func(p *Progress) {
		p.Commits++
		p.Committed, p.Next, p.End = at.offset, w.at.offset, w.reader.HighWatermark()
		m = Mark{
			Offset: at.offset, Position: change.Position(at.chain), Rows: int(p.Rows - w.told), //nolint:gosec // G115: it is a count
			Newest: p.Newest, End: at.offset >= p.End,
		}
		w.told = p.Rows
	})
	if w.committedMark != nil {
		w.committedMark(m)
	}
}
