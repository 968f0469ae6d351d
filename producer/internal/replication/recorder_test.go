package replication

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
	"eventsync/producer/internal/source/state"
)

// recorder is a Publisher that keeps everything, as text, and confirms it at once unless it is held.
type recorder struct {
	mu        sync.Mutex
	changes   []recorded
	relations []*change.Relation
	committed change.LSN
	confirmed change.LSN
	held      bool
	published change.LSN    // what was in the topics before
	block     chan struct{} // Publish waits for it to be closed
	waits     bool          // and does so
	fail      error
	also      func([]change.Change) // sees them too
	shapes    bool                  // tables are recorded with their columns and key
}

type recorded struct {
	table    string
	op       change.Op
	version  change.Version
	position change.Position
	time     int64
	xid      uint32
	values   []string
	before   []string
}

func (r recorded) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %v %s", r.table, r.op, strings.Join(r.values, " ")))
}

func (r *recorder) Publish(ctx context.Context, changes []change.Change) error {
	r.mu.Lock()
	block := r.block
	r.waits = block != nil
	r.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	if r.also != nil {
		r.also(changes)
	}
	for i := range changes {
		c := &changes[i]
		r.changes = append(r.changes, record(c))
		if r.shapes {
			r.changes[len(r.changes)-1].table += shape(c.Relation)
		}
		if n := len(r.relations); n == 0 || r.relations[n-1] != c.Relation {
			r.relations = append(r.relations, c.Relation)
		}
	}
	return nil
}

// shape is a relation's columns; those of the key have a star.
func shape(r *change.Relation) string {
	var names []string
	for _, c := range r.Columns {
		names = append(names, c.Name+map[bool]string{true: "*"}[c.Key])
	}
	return "(" + strings.Join(names, ",") + ")"
}

func record(c *change.Change) recorded {
	return recorded{
		table: c.Relation.Table, op: c.Op, version: c.Version, position: c.Position, time: c.CommitTime, xid: c.Transaction,
		values: texts(c.Relation, c.Values), before: texts(c.Relation, c.Before),
	}
}

func texts(r *change.Relation, values []change.Value) (all []string) {
	for i := range values {
		all = append(all, text(r.Columns[i].Type, &values[i]))
	}
	return all
}

func text(t change.Type, v *change.Value) string {
	switch v.Kind {
	case change.Null:
		return "NULL"
	case change.Unavailable:
		return "?"
	default:
		return string(pgvalue.AppendText(nil, t, v))
	}
}

func (r *recorder) Commit(end change.LSN) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.committed = max(r.committed, end)
	if !r.held {
		r.confirmed = r.committed
	}
}

func (r *recorder) Confirmed() change.LSN {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.confirmed
}

func (r *recorder) Flush(context.Context) error { return nil }

// Published gives the last commit, unless published says something else.
func (r *recorder) Published(context.Context, []source.Name) (change.LSN, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.published
	for _, c := range r.changes {
		last = max(last, c.position.Commit)
	}
	return last, nil
}

// all gives what was published so far.
func (r *recorder) all() []recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]recorded(nil), r.changes...)
}

func (r *recorder) lines() []string {
	var lines []string
	for _, c := range r.all() {
		lines = append(lines, c.String())
	}
	return lines
}

// noRows is a Snapshotter of tables that have no rows yet.
type noRows struct{}

func (noRows) Copy(ctx context.Context, s *source.Snapshot, remembered *state.Store) error {
	for _, t := range s.Tables {
		if err := remembered.Done(ctx, t.Name, t.Round); err != nil {
			return err
		}
	}
	return nil
}

// describe gives a table's shape from the catalog.
func describe(t testing.TB, db *database, r *change.Relation) *change.Relation {
	t.Helper()
	session, err := source.NewSession(db.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer session.UseCatalogOnly().Close()
	found, err := source.Describe(t.Context(), session, source.NewTypes(session), source.Name{Schema: r.Schema, Table: r.Table}, []string{"pub", "pub_append"})
	if err != nil {
		t.Fatal(err)
	}
	return found.Relation
}
