package replication

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.uber.org/zap"

	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// LeftOut is a configured table that is not replicated until somebody mends it. The others are.
type LeftOut struct {
	Table  source.Name
	Reason *source.Refusal

	harmful bool // UPDATE and DELETE would fail at the source if it was published
}

// tables are the configured ones, as they were found.
type tables struct {
	good []*found
	bad  []LeftOut
}

// found is a table that can be replicated.
type found struct {
	*source.Table
	cfg Table
}

// LeftOut gives the tables that are not replicated now. It may be called from any goroutine, and never waits.
func (r *Replicator) LeftOut() []LeftOut {
	if bad := r.leftOut.Load(); bad != nil {
		return *bad
	}
	return nil
}

// describeTables verifies of each table that it is there, and that its changes can be streamed.
func (r *Replicator) describeTables(ctx context.Context, session *source.Session, known map[source.Name]state.Table) (*tables, error) {
	conn, err := session.Conn(ctx)
	if err != nil {
		return nil, err
	}
	types := source.NewTypes(session)
	var all tables
	for _, c := range r.cfg.Tables {
		t, err := describeTable(ctx, session, types, c)
		if err == nil {
			err = r.verifyTable(ctx, conn, t, c, known[c.Name].Done)
		}
		if !all.leaveOut(c.Name, err) && err != nil {
			return nil, err
		}
		if err == nil {
			all.good = append(all.good, &found{t, c})
		}
	}
	return &all, nil
}

func describeTable(ctx context.Context, session *source.Session, types *source.Types, cfg Table) (*source.Table, error) {
	t, err := source.Describe(ctx, session, types, cfg.Name, nil) // all of it: what the publication leaves out may be what it must not
	if !errors.Is(err, source.ErrNoTable) {
		return t, err
	}
	where := "its source under tables"
	if cfg.Watched {
		where = "it under a lookup's watch"
	}
	return nil, &source.Refusal{
		Problem: fmt.Sprintf("the table %s does not exist", cfg.Name),
		Fix:     "create it, or correct " + where,
	}
}

// leaveOut takes a table out if the error is one that must be mended, and reports whether it was.
func (t *tables) leaveOut(name source.Name, err error) bool {
	var refusal *source.Refusal
	if !errors.As(err, &refusal) {
		return false
	}
	var identity *noIdentity
	t.good = slices.DeleteFunc(t.good, func(f *found) bool { return f.Name == name })
	t.bad = append(t.bad, LeftOut{name, refusal, errors.As(err, &identity)})
	return true
}

// refusal is what is wrong if no table at all is good.
func (t *tables) refusal() error {
	if slices.ContainsFunc(t.good, func(f *found) bool { return !f.cfg.Watched }) || len(t.bad) == 0 {
		return nil
	}
	if len(t.bad) == 1 {
		return t.bad[0].Reason
	}
	var problems, fixes []string
	for _, b := range t.bad {
		problems = append(problems, b.Reason.Problem)
		fixes = append(fixes, b.Reason.Fix)
	}
	return &source.Refusal{Problem: "no table can be replicated: " + strings.Join(problems, "; "), Fix: strings.Join(fixes, "; ")}
}

// report says loudly which tables are left out.
func (r *Replicator) report(t *tables) {
	r.leftOut.Store(&t.bad)
	for _, b := range t.bad {
		r.log.Error("a table is left out: "+b.Reason.Problem, append(r.where(), zap.Stringer("table", b.Table), zap.String("fix", b.Reason.Fix), zap.NamedError("error", b.Reason.Err))...)
	}
}

// sameLeftOut reports whether the same tables are left out for the same reasons.
func sameLeftOut(a, b []LeftOut) bool {
	return slices.EqualFunc(a, b, func(a, b LeftOut) bool { return a.Table == b.Table && a.Reason.Problem == b.Reason.Problem })
}

// synced gives the names of the good tables that are snapshotted and published.
func (t *tables) synced() []source.Name {
	var names []source.Name
	for _, f := range t.good {
		if !f.cfg.Watched {
			names = append(names, f.Name)
		}
	}
	return names
}

func (t *tables) binary() bool {
	return !slices.ContainsFunc(t.good, func(f *found) bool { return !f.Binary() })
}
