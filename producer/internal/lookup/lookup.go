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

	mu      sync.Mutex // the stream and the snapshot both publish
	session *source.Session
	types   *source.Types
	tables  map[string][]*column // by the table's name
	joined  map[*change.Relation]*relation
	out     []change.Change
	values  []change.Value // of out
}

// New makes a Lookup for the tables that have any; it does not connect yet.
func New(cfg *config.Config, next Publisher, log *zap.Logger) (*Lookup, error) {
	session, err := source.NewSession(cfg.Postgres.DSN)
	if err != nil {
		return nil, err
	}
	l := &Lookup{
		Publisher: next, log: log, session: session, types: source.NewTypes(session),
		tables: map[string][]*column{}, joined: map[*change.Relation]*relation{},
	}
	for _, t := range cfg.Tables {
		for _, c := range t.Lookups {
			name := source.ParseName(t.Source).String()
			l.tables[name] = append(l.tables[name], newColumn(c))
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
	if len(l.tables) == 0 {
		return l.Publisher.Publish(ctx, changes)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for retry := backoff.New(firstWait, lastWait); ; {
		joined, err := l.join(ctx, changes)
		if err == nil {
			return l.Publisher.Publish(ctx, joined)
		}
		var refusal *source.Refusal
		if errors.As(err, &refusal) || ctx.Err() != nil {
			return err
		}
		// A server that restarts must not end the producer: changes that were read are not read again before it has.
		l.log.Warn("look-up failed; trying again", zap.String("server", l.session.Address()), zap.Duration("after", retry.Next()), zap.Error(err))
		if retry.Wait(ctx) != nil {
			return err
		}
	}
}

func (l *Lookup) join(ctx context.Context, changes []change.Change) ([]change.Change, error) {
	l.out = append(l.out[:0], changes...)
	needed := 0
	for i := range l.out {
		r, err := l.relation(ctx, l.out[i].Relation)
		if err != nil {
			return nil, err
		}
		if r != nil && len(l.out[i].Values) > 0 {
			needed += len(l.out[i].Values) + len(r.columns)
		}
	}
	if needed == 0 {
		return l.out, nil
	}
	if cap(l.values) < needed { // grown at once: changes point into it
		l.values = make([]change.Value, 0, needed+needed/2)
	}
	l.values = l.values[:0]
	for i := range l.out {
		c := &l.out[i]
		r := l.joined[c.Relation]
		if r == nil {
			continue
		}
		if len(c.Values) > 0 {
			start := len(l.values)
			l.values = append(l.values, c.Values...)
			for range r.columns {
				l.values = append(l.values, change.UnavailableValue())
			}
			c.Values = l.values[start:len(l.values):len(l.values)]
		}
		c.Relation = r.joined
	}
	return l.out, l.fill(ctx)
}

// fill looks up the joined columns of l.out, table by table.
func (l *Lookup) fill(ctx context.Context) error {
	for source, r := range l.joined {
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
