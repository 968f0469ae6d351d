package replication

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/producer/internal/source"
)

// publication is what one of our two publications should be.
type publication struct {
	name    string
	publish string // operations, as the publication's option has them
	tables  []source.Name
}

const (
	allOperations = "insert, update, delete, truncate"
	insertsOnly   = "insert"
)

// publications are the one of the tables with a replica identity, and the one of those that are only appended to: an
// UPDATE of a table without a replica identity fails at the source if a publication has it and publishes updates.
func (r *Replicator) publications() (keyed, appended publication) {
	keyed = publication{name: r.cfg.Publication, publish: allOperations}
	appended = publication{name: r.cfg.Publication + "_append", publish: insertsOnly}
	for _, t := range r.cfg.Tables {
		if t.AppendOnly {
			appended.tables = append(appended.tables, t.Name)
		} else {
			keyed.tables = append(keyed.tables, t.Name)
		}
	}
	return keyed, appended
}

// ensurePublications creates or verifies both, and gives the names of those to subscribe to.
func (r *Replicator) ensurePublications(ctx context.Context, conn *pgx.Conn, slotExists bool) ([]string, error) {
	keyed, appended := r.publications()
	var names []string
	for _, p := range []publication{keyed, appended} {
		found, err := p.verify(ctx, conn)
		if err != nil {
			return nil, err
		}
		if found {
			if err := p.addMissing(ctx, conn, r.log); err != nil {
				return nil, err
			}
			names = append(names, p.name)
			continue
		}
		if slotExists {
			if len(p.tables) == 0 {
				continue
			}
			return nil, &source.Refusal{
				Problem: fmt.Sprintf("the publication %s is missing, and the slot %s stands before where it could be created again: what was written until then cannot be decoded", p.name, r.cfg.Slot),
				Fix:     r.startOver(),
			}
		}
		if err := p.create(ctx, conn); err != nil {
			return nil, err
		}
		r.log.Info("created the publication", zap.String("publication", p.name), zap.Stringers("tables", p.tables))
		names = append(names, p.name)
	}
	return names, r.verifySeparate(ctx, conn, keyed.name, appended.tables)
}

func (p *publication) options() string {
	return fmt.Sprintf("(publish = '%s', publish_via_partition_root = true)", p.publish)
}

func (p *publication) create(ctx context.Context, conn *pgx.Conn) error {
	sql := "CREATE PUBLICATION " + source.Quote(p.name)
	if len(p.tables) > 0 {
		sql += " FOR TABLE " + list(p.tables)
	}
	return p.exec(ctx, conn, sql+" WITH "+p.options())
}

// exec runs a statement that the role may not be allowed; then somebody else must.
func (p *publication) exec(ctx context.Context, conn *pgx.Conn, sql string) error {
	_, err := conn.Exec(ctx, sql)
	if source.SQLState(err) == source.InsufficientPrivilege {
		return &source.Refusal{
			Problem: fmt.Sprintf("the role may not make the publication %s what it should be", p.name),
			Fix:     "run as the tables' owner: " + sql,
			Err:     err,
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// verify reports whether the publication exists, and refuses one that would leave changes out.
func (p *publication) verify(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var ins, upd, del, trunc, root bool
	err := conn.QueryRow(ctx, `SELECT pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot FROM pg_publication WHERE pubname = $1`, p.name).
		Scan(&ins, &upd, &del, &trunc, &root)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the publication %s: %w", p.name, err)
	}
	all := ins && upd && del && trunc
	only := ins && !upd && !del && !trunc
	if !root || p.publish == allOperations && !all || p.publish == insertsOnly && !only {
		return false, &source.Refusal{
			Problem: fmt.Sprintf("the publication %s does not publish what it should", p.name),
			Fix:     fmt.Sprintf("ALTER PUBLICATION %s SET %s", source.Quote(p.name), p.options()),
		}
	}
	return true, p.verifyWhole(ctx, conn)
}

// verifyWhole refuses a publication of parts of our tables: a snapshot reads them whole.
func (p *publication) verifyWhole(ctx context.Context, conn *pgx.Conn) error {
	const firstWithParts = 150_000
	var version int
	if err := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return fmt.Errorf("read the server's version: %w", err)
	}
	if version < firstWithParts {
		return nil
	}
	rows, err := conn.Query(ctx, `
		SELECT n.nspname::text, c.relname::text FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
		JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE p.pubname = $1 AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL)`, p.name)
	if err != nil {
		return fmt.Errorf("read the tables of the publication %s: %w", p.name, err)
	}
	parts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[source.Name])
	if err != nil {
		return fmt.Errorf("read the tables of the publication %s: %w", p.name, err)
	}
	for _, name := range p.tables {
		for _, part := range parts {
			if part == name {
				return &source.Refusal{
					Problem: fmt.Sprintf("the publication %s has a row filter or a column list for %s, which its snapshot would not honour", p.name, name),
					Fix:     fmt.Sprintf("ALTER PUBLICATION %[1]s DROP TABLE %[2]s; ALTER PUBLICATION %[1]s ADD TABLE %[2]s", source.Quote(p.name), name.SQL()),
				}
			}
		}
	}
	return nil
}

// addMissing adds the tables that the publication does not have yet.
func (p *publication) addMissing(ctx context.Context, conn *pgx.Conn, log *zap.Logger) error {
	published, err := publishedTables(ctx, conn, p.name)
	if err != nil {
		return err
	}
	var missing []source.Name
	for _, name := range p.tables {
		if !published[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := p.exec(ctx, conn, fmt.Sprintf("ALTER PUBLICATION %s ADD TABLE %s", source.Quote(p.name), list(missing))); err != nil {
		return err
	}
	log.Info("added tables to the publication", zap.String("publication", p.name), zap.Stringers("tables", missing))
	return nil
}

func publishedTables(ctx context.Context, conn *pgx.Conn, name string) (map[source.Name]bool, error) {
	rows, err := conn.Query(ctx, "SELECT schemaname::text, tablename::text FROM pg_publication_tables WHERE pubname = $1", name)
	if err != nil {
		return nil, fmt.Errorf("read the tables of the publication %s: %w", name, err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[source.Name])
	if err != nil {
		return nil, fmt.Errorf("read the tables of the publication %s: %w", name, err)
	}
	published := map[source.Name]bool{}
	for _, t := range tables {
		published[t] = true
	}
	return published, nil
}

// verifySeparate refuses append-only tables in the publication that publishes updates too.
func (r *Replicator) verifySeparate(ctx context.Context, conn *pgx.Conn, keyed string, appended []source.Name) error {
	published, err := publishedTables(ctx, conn, keyed)
	if err != nil {
		return err
	}
	var wrong []source.Name
	for _, name := range appended {
		if published[name] {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	names := make([]string, len(wrong))
	for i, n := range wrong {
		names[i] = n.String()
	}
	return &source.Refusal{
		Problem: fmt.Sprintf("append-only tables are in the publication %s, which publishes updates too: %s", keyed, strings.Join(names, ", ")),
		Fix:     fmt.Sprintf("ALTER PUBLICATION %s DROP TABLE %s", source.Quote(keyed), list(wrong)),
	}
}
