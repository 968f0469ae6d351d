package replication

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/producer/internal/source"
)

// configured gives the configured name of a table that the stream describes, by the name that it had when the changes were
// made. That may not be the one that it is configured by:
//
//   - It has the configured name now: it had none or another one then.
//   - It had the configured name when the stream began, and no table has that now: it was renamed while it is streamed,
//     and goes on under the configured name, until the next start asks for the new one.
//
// Where another table has the configured name now, the two were exchanged, and it is the name that counts: what was changed
// under the other name is not what is configured.
func (g *catalog) configured(ctx context.Context, d *description) (name source.Name, ok bool, err error) {
	if _, ok := g.from[d.name]; ok {
		return d.name, true, nil
	}
	conn, err := g.session.Conn(ctx)
	if err != nil {
		return name, false, err
	}
	now, err := nameOf(ctx, conn, d.oid)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return name, false, err
	}
	if _, ok := g.from[now]; ok {
		return now, true, nil
	}
	name, ok = g.names[d.oid]
	if !ok {
		return d.name, false, nil
	}
	var taken bool
	const sql = "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2)"
	if err := conn.QueryRow(ctx, sql, name.Schema, name.Table).Scan(&taken); err != nil {
		return name, false, err
	}
	if taken {
		return d.name, false, nil
	}
	g.log.Warn("a table was renamed: its changes go on under the name that is configured; the next start needs the new one, and reads the table anew",
		zap.Stringer("table", name), zap.Stringer("renamed_to", now))
	return name, true, nil
}
