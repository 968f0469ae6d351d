package replication

import (
	"context"
	"slices"
	"strings"

	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// plan is what is to be done over one connection's life.
type plan struct {
	publications []string
	binary       bool
	tables       *tables
	confirmed    change.LSN // where the slot is
	from         map[source.Name]change.LSN

	snapshot   *source.Snapshot // nil where none is due
	everything bool             // it is the first, of all tables
	exporter   *exporter
}

// release ends the snapshot.
func (p *plan) release() {
	p.snapshot = nil
	p.letGo()
}

// letGo ends the export of the snapshot, and with it a temporary slot.
func (p *plan) letGo() {
	if p.exporter != nil {
		p.exporter.close()
		p.exporter = nil
	}
}

func (p *plan) close() { p.release() }

// prepare verifies what is at the source and creates what is missing. The order counts: publications before the slot, which cannot
// decode what was written before they existed; the slot before the progress, which says that there was one.
func (r *Replicator) prepare(ctx context.Context) (*plan, error) {
	conn, err := r.control.Conn(ctx)
	if err != nil {
		return nil, err
	}
	origin, err := r.verifySource(ctx)
	if err != nil {
		return nil, err
	}
	known, err := r.state.Tables(ctx)
	if err != nil {
		return nil, err
	}
	tables, err := r.describeTables(ctx, r.control, known)
	if err != nil {
		return nil, err
	}
	if err := tables.refusal(); err != nil {
		return nil, err
	}
	slot, err := r.findSlot(ctx, conn)
	if err != nil {
		return nil, err
	}
	if err := r.ensureFailover(ctx, slot); err != nil {
		return nil, err
	}
	p := &plan{binary: !r.textOnly && tables.binary(), tables: tables}
	if p.publications, err = r.ensurePublications(ctx, conn, slot != nil, tables, known); err != nil {
		return nil, err
	}
	r.report(tables)
	if err := tables.refusal(); err != nil {
		return nil, err
	}
	if err := r.remember(ctx, origin); err != nil {
		return nil, err
	}
	if known, err = r.known(ctx); err != nil {
		return nil, err
	}
	if slot == nil && len(known) > 0 {
		return nil, r.lostSlot()
	}
	if len(known) > 0 {
		if err := r.verifyBound(ctx, slot, origin); err != nil {
			return nil, err
		}
	}
	if slot != nil {
		p.confirmed = slot.confirmed
	}
	synced := tables.synced()
	due := unfinished(synced, known)
	p.everything = slot == nil || firstOfAll(due, len(synced))
	if p.everything || slices.ContainsFunc(synced, func(n source.Name) bool { _, ok := known[n]; return !ok }) {
		if err := r.export(ctx, conn, p, slot == nil, due); err != nil {
			p.close()
			return nil, err
		}
		if known, err = r.known(ctx); err != nil {
			p.close()
			return nil, err
		}
	}
	p.from = map[source.Name]change.LSN{}
	for _, t := range tables.good {
		p.from[t.Name] = known[t.Name].From
	}
	for name, t := range known { // also of what is left out now: its changes until then
		p.from[name] = t.From
	}
	r.log.Debug("the source is ready", zap.Bool("binary", p.binary), zap.Strings("publications", p.publications), zap.Stringer("confirmed", p.confirmed))
	return p, nil
}

// names gives the configured tables but those that are only watched.
func (r *Replicator) names() []source.Name {
	var names []source.Name
	for _, t := range r.cfg.Tables {
		if !t.Watched {
			names = append(names, t.Name)
		}
	}
	return names
}

// known gives what is remembered of the configured tables.
func (r *Replicator) known(ctx context.Context) (map[source.Name]state.Table, error) {
	if err := r.state.Forget(ctx, r.names()); err != nil {
		return nil, err
	}
	return r.state.Tables(ctx)
}

// unfinished gives the tables of which no snapshot is safe, in order.
func unfinished(names []source.Name, known map[source.Name]state.Table) []source.Due {
	var due []source.Due
	for _, n := range names {
		if t := known[n]; !t.Done {
			due = append(due, source.Due{Name: n, Round: t.Round})
		}
	}
	return due
}

// firstOfAll reports whether the snapshot that is due is the first, of all tables.
func firstOfAll(due []source.Due, tables int) bool {
	again := slices.ContainsFunc(due, func(d source.Due) bool { return d.Round > 0 })
	return len(due) > 0 && len(due) == tables && !again
}

// list joins quoted names.
func list(names []source.Name) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = n.SQL()
	}
	return strings.Join(quoted, ", ")
}
