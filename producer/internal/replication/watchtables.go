package replication

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"eventsync/producer/internal/source"
)

// lookAtTables is how often it is looked, while the stream goes on, whether a table has to be left out or taken up.
const lookAtTables = 30 * time.Second

// errTablesChanged ends a stream that goes on with other tables.
var errTablesChanged = errors.New("a table was mended, or has to be left out")

// watchTables ends when ctx does, or when other tables are good than those that are streamed. Where none would be left, the
// stream goes on as it is: a table that was renamed is still in it.
func (r *Replicator) watchTables(ctx context.Context, p *plan) error {
	session, err := source.NewSession(r.cfg.DSN)
	if err != nil {
		return err
	}
	session.UseCatalogOnly()
	defer session.Close()
	reported := p.tables.bad
	for {
		sleep(ctx, r.look)
		if ctx.Err() != nil {
			return nil
		}
		now, some, err := r.lookAtTables(ctx, session)
		switch {
		case err != nil: // if it is the server, the stream will say so
			r.log.Debug("the tables could not be looked at", zap.Error(err))
		case sameLeftOut(now.bad, reported):
		case some:
			return errTablesChanged
		default:
			r.report(now)
			reported = now.bad
		}
	}
}

// lookAtTables is what prepare would find, and whether any table is good, with what it would do to the publications still
// to be done: it changes nothing.
func (r *Replicator) lookAtTables(ctx context.Context, session *source.Session) (_ *tables, some bool, _ error) {
	known, err := r.state.Tables(ctx)
	if err != nil {
		return nil, false, err
	}
	now, err := r.describeTables(ctx, session, known)
	if err != nil {
		return nil, false, err
	}
	conn, err := session.Conn(ctx)
	if err != nil {
		return nil, false, err
	}
	if err := r.separate(ctx, conn, now); err != nil {
		return nil, false, err
	}
	some = now.refusal() == nil
	keyed, appended := r.publications(now)
	for _, p := range []*publication{keyed, appended} {
		published, err := publishedTables(ctx, conn, p.name)
		if err != nil {
			return nil, false, err
		}
		for _, name := range p.tables {
			if !published[name] {
				now.leaveOut(name, p.notOwner(p.add(name), nil))
			}
		}
	}
	return now, some, nil
}
