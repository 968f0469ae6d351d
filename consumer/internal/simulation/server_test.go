package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/simulation/standin"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// maxPartitions is how many of the table's partitions the server takes a block for.
const maxPartitions = 3

// server is the way of one owner to the table, and to the dead letters.
type server struct {
	p     *topicPartition
	claim *claim
}

// failure is an error of the server's.
type failure struct {
	what                       string
	again, refuses, unanswered bool
}

func (f *failure) Error() string     { return f.what }
func (f *failure) Again() bool       { return f.again }
func (f *failure) RefusesRows() bool { return f.refuses }
func (f *failure) Unanswered() bool  { return f.unanswered }

// ask is a question to the server, which may be away.
func (s *server) ask(ctx context.Context) error {
	w := s.p.w
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.claim.dice.UpTo(50 * time.Millisecond)):
	}
	w.mu.Lock()
	away := time.Now().Before(w.away)
	w.mu.Unlock()
	if away || s.claim.dice.perhaps(30) {
		return &failure{what: "connection refused", again: true}
	}
	return nil
}

func (s *server) Remembers(ctx context.Context, since time.Time) (bool, error) {
	s.claim.freeze(s.claim.dice, "before it asks for tokens")
	if err := s.ask(ctx); err != nil {
		return false, err
	}
	is := s.p.w.table.Remembers(since)
	if is {
		s.p.w.trust()
	}
	return is, nil
}

func (s *server) Started(ctx context.Context) (time.Time, error) {
	if err := s.ask(ctx); err != nil {
		return time.Time{}, err
	}
	w := s.p.w
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.started, nil
}

func (s *server) HasViews(ctx context.Context) (bool, error) {
	return s.p.w.views, s.ask(ctx)
}

func (s *server) DeleteBelow(ctx context.Context, v change.Version) error {
	if err := s.ask(ctx); err != nil {
		return err
	}
	w := s.p.w
	w.Say("partition %d: rows below %d are deleted", s.p.id, v)
	w.mu.Lock()
	w.empty = max(w.empty, v)
	w.mu.Unlock()
	w.table.DeleteBelow(v)
	return nil
}

func (s *server) Bury(ctx context.Context, letters []partition.DeadLetter) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.claim.dice.UpTo(20 * time.Millisecond)):
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	for _, l := range letters {
		r := s.p.log[l.Record.Offset]
		if r.change != 0 && s.p.kind[r.change] != "refused" {
			s.p.w.Fail("partition %d: change %d is buried without a reason: %s", s.p.id, r.change, l.Reason)
		}
		s.p.buried[l.Record.Offset]++
	}
	return nil
}

// insert sends a block, of which everything can become.
func (s *server) insert(ctx context.Context, token string, rows []standin.Row) error {
	w, d := s.p.w, s.claim.dice
	if len(rows) == 0 {
		return fmt.Errorf("the block has no rows")
	}
	if err := s.ask(ctx); err != nil {
		return err
	}
	var partitions []int
	for _, r := range rows {
		if s.p.kindOf(r.ID) == "refused" {
			return &failure{what: fmt.Sprintf("change %d violates a constraint", r.ID), refuses: true}
		}
		if !slices.Contains(partitions, r.Partition) {
			partitions = append(partitions, r.Partition)
		}
	}
	if len(partitions) > maxPartitions {
		return &failure{what: "too many partitions for a single INSERT block", refuses: true}
	}
	rows = slices.Clone(rows) // the batch is used again while they are on their way
	w.note(token, rows)
	parts := len(partitions) + 1 // the view's among them
	switch what := d.Intn(30); {
	case w.isQuiet() || what > 8:
		s.land(token, rows, nil)
		return nil
	case what == 0: // too many parts, say
		return &failure{what: "too many parts", again: true}
	case what == 1:
		s.land(token, rows, &standin.Death{Parts: d.Intn(parts)})
		return &failure{what: "the server died", again: true, unanswered: true}
	case what == 2 && w.can.burnt && d.Intn(2) == 0 && !w.views: // with views nothing can be promised then
		s.land(token, rows, &standin.Death{Parts: d.Intn(parts - 1), Forgot: true})
		return &failure{what: "the server died", again: true, unanswered: true}
	case what == 2 && w.can.burnt:
		w.excuse(rows)
		s.land(token, rows, &standin.Death{Parts: d.Intn(parts), Burnt: true})
		return &failure{what: "the server died", again: true, unanswered: true}
	case what <= 4: // it lands later, if at all
		if what == 3 {
			late := d.UpTo(landing)
			before := w.died.Load()
			go func() {
				w.pass(late)
				if w.died.Load() != before {
					return
				}
				w.Say("partition %d: the late insert of %d rows with token %s arrives", s.p.id, len(rows), token)
				s.land(token, rows, nil)
			}()
		}
		return &failure{what: "no answer", again: true, unanswered: true}
	default:
		s.land(token, rows, nil)
		return &failure{what: "the answer is lost", again: true, unanswered: true}
	}
}

// land is what the table makes of a block, and checks that no row comes twice, or back.
func (s *server) land(token string, rows []standin.Row, death *standin.Death) {
	w := s.p.w
	if death != nil {
		w.died.Add(1)
		w.mu.Lock()
		w.started = time.Now()
		w.mu.Unlock()
	}
	w.table.Insert(token, rows, death)
	w.Say("partition %d: generation %d inserts %v under %s, death %+v", s.p.id, s.claim.generation, ids(rows), token, death)
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	for _, r := range rows {
		if n := w.table.Has(r); n > 1 && !s.p.compacted(r.ID) {
			w.Fail("partition %d: change %d is in the table twice", s.p.id, r.ID)
		}
	}
	w.below(s.p)
}

func ids(rows []standin.Row) (list []int64) {
	for _, r := range rows {
		list = append(list, r.ID)
	}
	return list
}

func (p *topicPartition) kindOf(id int64) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kind[id]
}

// compacted reports whether records of the change were taken out of the log.
func (p *topicPartition) compacted(id int64) bool {
	return slices.ContainsFunc(p.log, func(r record) bool { return r.change == id && r.gone })
}

// note remembers under which tokens rows were sent. A row that was sent under two has outlived its first token.
func (w *world) note(token string, rows []standin.Row) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range rows {
		if w.sent[r.ID] == nil {
			w.sent[r.ID] = map[string]bool{}
		}
		w.sent[r.ID][token] = true
		if len(w.sent[r.ID]) > 1 {
			w.excused[r.ID] = true
		}
	}
}

// excuse is for rows whose token is worth nothing: what the view makes of them is not promised.
func (w *world) excuse(rows []standin.Row) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range rows {
		w.excused[r.ID] = true
	}
}

// batch is a block of rows of the table.
type batch struct {
	server *server
	rows   []standin.Row
}

func (b *batch) Append(m *codec.Message) (bool, error) {
	b.rows = append(b.rows, b.server.p.row(m.Values[0].Integer()))
	return true, nil
}
func (b *batch) Rows() int  { return len(b.rows) }
func (b *batch) Bytes() int { return len(b.rows) }
func (b *batch) Reset()     { b.rows = b.rows[:0] }

func (b *batch) Insert(ctx context.Context, token string) error {
	return b.server.insert(ctx, token, b.rows)
}

func (b *batch) Missing(ctx context.Context) (n int, err error) {
	if err := b.server.ask(ctx); err != nil {
		return 0, err
	}
	for _, r := range b.rows {
		if b.server.p.w.table.Has(r) == 0 {
			n++
		}
	}
	return n, nil
}

func (b *batch) DropPresent(ctx context.Context) (int, error) {
	b.server.claim.freeze(b.server.claim.dice, "before it looks at the table")
	if err := b.server.ask(ctx); err != nil {
		return 0, err
	}
	b.rows = slices.DeleteFunc(b.rows, func(r standin.Row) bool { return b.server.p.w.table.Has(r) > 0 })
	return len(b.rows), nil
}
