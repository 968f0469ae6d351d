package app

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/partition"
)

// claims are the partitions that this member has, as they are seen from outside. A partition is one of them until its
// generation ends, whether its worker runs or waits to be tried again. What was counted stays.
type claims struct {
	mu      sync.Mutex
	held    map[group.Partition]*claimed
	running map[*claimed]struct{} // those of generations that have ended among them, until their workers have
	counted map[string]counts     // by table, of the workers that have ended
}

func newClaims() *claims {
	return &claims{held: map[group.Partition]*claimed{}, running: map[*claimed]struct{}{}, counted: map[string]counts{}}
}

// claimed is one claim of a partition.
type claimed struct {
	group.Partition
	table  string
	claims *claims

	// The rest is under the lock of claims.
	worker    *partition.Worker  // nil where none runs
	last      partition.Progress // of the worker that ran; before it, where the claim begins
	committed time.Time          // when a commit was last acknowledged
	outlook   outlook
}

// outlook is what was found out about a claimed partition without asking its worker.
type outlook struct {
	end     int64     // of the topic's partition; -1 while it is not known
	at      int64     // the watermark that the rest belongs to
	waiting time.Time // when the change at the watermark was committed, zero where there is none
	moved   time.Time // when progress was last seen, or none was to be made
	seen    partition.Progress
}

// claim adds a claim until its generation ends, with ctx.
func (s *claims) claim(ctx context.Context, c *group.Claim, table string) *claimed {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := group.Partition{Topic: c.Topic, ID: c.Partition}
	h := &claimed{Partition: p, table: table, claims: s, last: partition.Progress{Committed: c.Offset, Next: c.Offset}, outlook: outlook{end: -1, at: -1, moved: time.Now()}}
	s.held[p] = h
	context.AfterFunc(ctx, h.revoked)
	return h
}

func (h *claimed) revoked() {
	h.claims.mu.Lock()
	defer h.claims.mu.Unlock()
	if h.claims.held[h.Partition] == h {
		delete(h.claims.held, h.Partition)
	}
}

// run runs the claim's worker, which is seen meanwhile.
func (h *claimed) run(w *partition.Worker, run func() error) error {
	h.claims.begin(h, w)
	defer h.claims.end(h)
	return run()
}

func (s *claims) begin(h *claimed, w *partition.Worker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.worker = w
	s.running[h] = struct{}{}
}

func (s *claims) end(h *claimed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.last, h.worker = h.worker.Progress(), nil
	delete(s.running, h)
	s.counted[h.table] = s.counted[h.table].plus(countsOf(&h.last))
}

func (h *claimed) marked() {
	h.claims.mu.Lock()
	defer h.claims.mu.Unlock()
	h.committed = time.Now()
}

// standing is how one claimed partition stands.
type standing struct {
	group.Partition
	table     string
	running   bool
	progress  partition.Progress
	committed time.Time
	outlook   outlook
}

// standings are those of all claimed partitions, in order.
func (s *claims) standings() []standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]standing, 0, len(s.held))
	for _, h := range s.held {
		all = append(all, standing{
			Partition: h.Partition, table: h.table, running: h.worker != nil, progress: h.progress(), committed: h.committed, outlook: h.outlook,
		})
	}
	slices.SortFunc(all, func(a, b standing) int { return comparePartitions(a.Partition, b.Partition) })
	return all
}

func (h *claimed) progress() partition.Progress {
	if h.worker == nil {
		return h.last
	}
	return h.worker.Progress()
}

// noteOutlook keeps what was found out about the partition, unless it has been given away.
func (s *claims) noteOutlook(p group.Partition, o outlook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.held[p]; h != nil {
		h.outlook = o
	}
}

// counts are what the workers have counted since the process began, by table.
func (s *claims) counts() map[string]counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := maps.Clone(s.counted)
	for h := range s.running {
		p := h.worker.Progress()
		all[h.table] = all[h.table].plus(countsOf(&p))
	}
	return all
}

// waiting is when the oldest change was committed that is not in ClickHouse, as far as is known; zero where there is none.
func (s *standing) waiting() time.Time {
	if !s.progress.Oldest.IsZero() {
		return s.progress.Oldest
	}
	if s.outlook.at == s.progress.Committed && s.outlook.end > s.progress.Committed {
		return s.outlook.waiting
	}
	return time.Time{}
}

// end is that of the partition, as far as is known.
func (s *standing) end() int64 { return max(s.outlook.end, s.progress.End) }
