package replication

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// ensurePublications creates or verifies both, and gives the names of those to subscribe to. A table that cannot be put
// into its publication is left out.
func (r *Replicator) ensurePublications(ctx context.Context, conn *pgx.Conn, slotExists bool, t *tables, known map[source.Name]state.Table) ([]string, error) {
	if err := r.separate(ctx, conn, t); err != nil {
		return nil, err
	}
	r.withdraw(ctx, conn, t)
	keyed, appended := r.publications(t)
	var names []string
	for _, p := range []*publication{keyed, appended} {
		found, err := p.verify(ctx, conn)
		switch {
		case err != nil:
			return nil, err
		case found:
			err = r.addMissing(ctx, conn, p, t, known)
		case slotExists && len(p.tables) == 0:
			continue
		case slotExists:
			err = r.publicationGone(p)
		default:
			err = r.create(ctx, conn, p, t)
		}
		if err != nil {
			return nil, err
		}
		names = append(names, p.name)
	}
	return names, nil
}

func (r *Replicator) publicationGone(p *publication) error {
	return &source.Refusal{
		Problem: fmt.Sprintf("the publication %s is missing, and the slot %s stands before where it could be created again: what was written until then cannot be decoded", p.name, r.cfg.Slot),
		Fix:     r.startOver(),
	}
}

// create makes the publication, of the tables that the role owns. Where it owns none, somebody else must make it whole.
func (r *Replicator) create(ctx context.Context, conn *pgx.Conn, p *publication, t *tables) error {
	mine, others, err := owned(ctx, conn, p.tables)
	if err != nil {
		return err
	}
	if len(mine) == 0 {
		mine, others = p.tables, nil
	}
	if err := p.exec(ctx, conn, p.createSQL(mine)); err != nil {
		return err
	}
	r.log.Info("created the publication", zap.String("publication", p.name), zap.Stringers("tables", mine))
	for _, name := range others {
		t.leaveOut(name, p.notOwner(p.add(name), nil))
	}
	return nil
}

// addMissing adds the tables that the publication does not have yet. The changes of one that was snapshotted before have
// passed unseen, so that it is snapshotted again.
func (r *Replicator) addMissing(ctx context.Context, conn *pgx.Conn, p *publication, t *tables, known map[source.Name]state.Table) error {
	published, err := publishedTables(ctx, conn, p.name)
	if err != nil {
		return err
	}
	for _, name := range p.tables {
		if published[name] {
			continue
		}
		if _, before := known[name]; before { // asked for first: added and not asked for would be a silent gap
			if _, err := r.state.Request(ctx, name); err != nil {
				return err
			}
			r.log.Warn("the table was not in the publication for a while: it is snapshotted again; rows that were deleted meanwhile stay in ClickHouse", zap.Stringer("table", name))
		}
		err := p.exec(ctx, conn, p.add(name))
		switch {
		case t.leaveOut(name, err):
		case err != nil:
			return err
		default:
			r.log.Info("added a table to the publication", zap.String("publication", p.name), zap.Stringer("table", name))
		}
	}
	return nil
}

// separate leaves append-only tables out that are in the publication that publishes updates too.
func (r *Replicator) separate(ctx context.Context, conn *pgx.Conn, t *tables) error {
	keyed, appended := r.publications(t)
	published, err := publishedTables(ctx, conn, keyed.name)
	if err != nil {
		return err
	}
	for _, name := range appended.tables {
		if published[name] {
			t.leaveOut(name, &source.Refusal{
				Problem: fmt.Sprintf("append-only tables are in the publication %s, which publishes updates too: %s", keyed.name, name),
				Fix:     keyed.drop(name),
			})
		}
	}
	return nil
}

// wholeSQL says whether a publication names a table, and neither columns nor rows of it.
const wholeSQL = `
SELECT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
	JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE p.pubname = $1 AND n.nspname = $2 AND c.relname = $3
	AND to_jsonb(r) ->> 'prattrs' IS NULL AND to_jsonb(r) ->> 'prqual' IS NULL)`

// withdraw takes tables out of the publication that have lost their replica identity: there, every UPDATE and DELETE of
// theirs fails at the source. Columns and rows that somebody has chosen are not given up for that.
func (r *Replicator) withdraw(ctx context.Context, conn *pgx.Conn, t *tables) {
	keyed, _ := r.publications(t)
	for _, b := range t.bad {
		if !b.harmful {
			continue
		}
		var whole bool
		err := conn.QueryRow(ctx, wholeSQL, keyed.name, b.Table.Schema, b.Table.Table).Scan(&whole)
		if err == nil && whole {
			err = keyed.exec(ctx, conn, keyed.drop(b.Table))
		}
		if err != nil {
			r.log.Error("UPDATE and DELETE may fail at the source: the table has no replica identity, and could not be taken out of the publication", zap.Stringer("table", b.Table), zap.Error(err))
		} else if whole {
			r.log.Error("took the table out of the publication, where UPDATE and DELETE of it would fail for want of a replica identity", zap.Stringer("table", b.Table), zap.String("publication", keyed.name))
		}
	}
}
