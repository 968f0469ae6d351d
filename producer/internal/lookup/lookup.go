package lookup

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

const (
	firstWait = 100 * time.Millisecond
	lastWait  = 10 * time.Second
)

// Publisher is given the changes with their joined columns.
type Publisher interface {
	Publish(ctx context.Context, changes []change.Change) error
	Commit(end change.LSN)
	Confirmed() change.LSN
	Flush(ctx context.Context) error
	Published(ctx context.Context, tables []source.Name) (change.LSN, error)
}

// Lookup is a Publisher that joins columns in and gives the changes on.
type Lookup struct {
	Publisher
	log *zap.Logger

	columns    []*column
	tables     map[string][]*column // by the table's name
	watches    map[string][]watched // by the watched table's name
	configured map[string]bool      // the tables whose changes are published

	mu           sync.Mutex // the stream and the snapshot both publish
	session      *source.Session
	types        *source.Types
	taken        int64 // when the last snapshot was taken of which there were rows
	blind        func() []source.Name
	unseenTables []source.Name // what blind gave last
	unseen       []uint32      // transactions that have evicted answers, and may not be visible yet

	roles        map[*change.Relation]*role
	lastRelation *change.Relation
	lastRole     *role

	out    []change.Change
	values []change.Value // of out
}

// New makes a Lookup for the tables that have any; it does not connect yet.
func New(cfg *config.Config, next Publisher, log *zap.Logger) (*Lookup, error) {
	session, err := source.NewSession(cfg.Postgres.DSN)
	if err != nil {
		return nil, err
	}
	l := &Lookup{
		Publisher: next, log: log, session: session, types: source.NewTypes(session),
		tables: map[string][]*column{}, watches: map[string][]watched{}, configured: map[string]bool{},
		roles: map[*change.Relation]*role{},
	}
	for _, t := range cfg.Tables {
		name := source.ParseName(t.Source).String()
		l.configured[name] = true
		for _, c := range t.Lookups {
			column := newColumn(name, c)
			l.columns = append(l.columns, column)
			l.tables[name] = append(l.tables[name], column)
			l.watch(column, c.Watch)
		}
	}
	return l, nil
}

// Close ends the connection.
func (l *Lookup) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session.Close()
}

// Publish joins the columns in and publishes. It keeps nothing of the changes.
func (l *Lookup) Publish(ctx context.Context, changes []change.Change) error {
	if len(l.columns) == 0 {
		return l.Publisher.Publish(ctx, changes)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for retry := backoff.New(firstWait, lastWait); ; {
		joined, err := l.process(ctx, changes)
		if err == nil {
			return l.Publisher.Publish(ctx, joined)
		}
		var refusal *source.Refusal
		if errors.As(err, &refusal) || ctx.Err() != nil {
			return err
		}
		if errors.Is(err, errReshaped) {
			l.describeAgain()
		}
		// A server that restarts must not end the producer: changes that were read are not read again before it has.
		l.log.Warn("look-up failed; trying again", zap.String("server", l.session.Address()), zap.Duration("after", retry.Next()), zap.Error(err))
		if retry.Wait(ctx) != nil {
			return err
		}
	}
}

// process gives what is to be published in place of the changes: all of them that are not watched alone, with their
// joined columns. Answers are evicted by the whole batch before any is used for it.
func (l *Lookup) process(ctx context.Context, changes []change.Change) ([]change.Change, error) {
	l.lookAround()
	needed, plain := 0, true
	for i := range changes {
		c := &changes[i]
		r, err := l.role(ctx, c.Relation)
		if err != nil {
			return nil, err
		}
		if len(r.watches) > 0 {
			l.evict(c, r)
		}
		if r.joined != nil {
			needed += r.joined.size(c)
		}
		plain = plain && r.joined == nil && !r.hidden
	}
	if plain {
		return changes, nil
	}
	l.copy(changes, needed)
	sure := true
	if needed > 0 || len(l.unseen) > maxUnseen {
		var err error
		if sure, err = l.see(ctx); err != nil {
			return nil, err
		}
	}
	if err := l.fill(ctx); err != nil {
		return nil, err
	}
	if !sure {
		l.forget()
	}
	return l.out, nil
}

// evict ends the answers that a change of a watched table may have made wrong.
func (l *Lookup) evict(c *change.Change, r *role) {
	for i := range r.watches {
		r.watches[i].evict(c)
	}
	l.await(c.Transaction)
}

// describeAgain forgets what the relations were with their joined columns, and the answers of the types that those had.
func (l *Lookup) describeAgain() {
	clear(l.roles)
	l.lastRelation, l.lastRole = nil, nil
	l.forget()
}

// forget ends all answers.
func (l *Lookup) forget() {
	for _, c := range l.columns {
		c.evicted(c.cache.clear())
	}
}

// copy makes l.out of the changes, with room for the joined columns' values: needed in all.
func (l *Lookup) copy(changes []change.Change, needed int) {
	if cap(l.values) < needed { // grown at once: changes point into it
		l.values = make([]change.Value, 0, needed+needed/2)
	}
	l.values, l.out = l.values[:0], l.out[:0]
	for i := range changes {
		c := changes[i]
		r := l.roles[c.Relation]
		if r.hidden {
			continue
		}
		if r.joined != nil {
			if c.Position.IsZero() && c.CommitTime > l.taken { // the rows of a snapshot are newer than any answer so far
				l.taken = c.CommitTime
				l.forget()
			}
			c.Values, c.Before = l.extend(c.Values, r.joined), l.extend(c.Before, r.joined)
			c.Relation = r.joined.joined
		}
		l.out = append(l.out, c)
	}
}

// extend copies a row's values and makes room for the joined columns'.
func (l *Lookup) extend(values []change.Value, r *relation) []change.Value {
	if len(values) == 0 {
		return values
	}
	start := len(l.values)
	l.values = append(l.values, values...)
	for range r.columns {
		l.values = append(l.values, change.UnavailableValue())
	}
	return l.values[start:len(l.values):len(l.values)]
}

// fill looks up the joined columns of l.out, table by table.
func (l *Lookup) fill(ctx context.Context) error {
	for source, role := range l.roles {
		r := role.joined
		if r == nil {
			continue
		}
		for i, c := range r.columns {
			if err := c.fill(ctx, l.session, l.out, r, len(source.Columns)+i, r.keys[i], time.Now()); err != nil {
				return fmt.Errorf("look up %s.%s: %w", source.Name(), c.name, err)
			}
		}
	}
	return nil
}
