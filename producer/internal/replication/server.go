package replication

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"eventsync/producer/internal/source"
)

const (
	// oldestVersion is the first whose walsenders send values in binary.
	oldestVersion = 140_000
	// failoverVersion is the first whose slots go over to a standby.
	failoverVersion = 170_000
)

// server is what was found of the server's settings.
type server struct {
	version int
	role    string

	slots, slotsUsed     int
	senders, sendersUsed int
}

const serverSQL = `
SELECT current_setting('server_version_num')::int, current_setting('wal_level'), pg_is_in_recovery(), current_user::text,
	current_setting('max_replication_slots')::int, (SELECT count(*) FROM pg_replication_slots),
	current_setting('max_wal_senders')::int, (SELECT count(*) FROM pg_stat_replication)`

// errStandby is no refusal: one that is being promoted is a standby until then.
var errStandby = errors.New("the server is a standby: changes are read from the primary; correct postgres.dsn where it does not become one")

// verifyServer refuses a server that changes cannot be read from.
func verifyServer(ctx context.Context, conn *pgx.Conn) (*server, error) {
	var s server
	var level string
	var standby bool
	err := conn.QueryRow(ctx, serverSQL).Scan(&s.version, &level, &standby, &s.role, &s.slots, &s.slotsUsed, &s.senders, &s.sendersUsed)
	if err != nil {
		return nil, fmt.Errorf("verify the server's settings: %w", err)
	}
	switch {
	case s.version < oldestVersion:
		err = tooOld(s.version)
	case level != "logical":
		err = &source.Refusal{
			Problem: fmt.Sprintf("wal_level is %s: the log does not hold what changes are decoded from", level),
			Fix:     "ALTER SYSTEM SET wal_level = 'logical'; then restart PostgreSQL",
		}
	case standby:
		err = errStandby
	case s.slots == 0:
		err = tooFew("max_replication_slots", s.slots, s.slotsUsed, nil)
	case s.senders == 0:
		err = tooFew("max_wal_senders", s.senders, s.sendersUsed, nil)
	}
	return &s, err
}

func tooOld(version int) error {
	return &source.Refusal{
		Problem: fmt.Sprintf("the server is of version %d", version/10_000),
		Fix:     "upgrade it to PostgreSQL 14 or later",
	}
}

// What a producer takes: a slot for good and one for a snapshot, and a walsender for each.
const (
	slotsNeeded   = 2
	sendersNeeded = 2
)

// tooFew says how a limit is raised so that there is room for us.
func tooFew(setting string, limit, used int, err error) error {
	needed := max(slotsNeeded, sendersNeeded)
	return &source.Refusal{
		Problem: fmt.Sprintf("%s is %d, and %d are used: there is none left for the producer, which needs one, and another for a snapshot", setting, limit, used),
		Fix:     fmt.Sprintf("ALTER SYSTEM SET %s = %d; then restart PostgreSQL; or end what needs them no more: see pg_replication_slots and pg_stat_replication", setting, used+needed),
		Err:     err,
	}
}

// connectReplication is the connection that takes replication commands.
func (r *Replicator) connectReplication(ctx context.Context) (*pgconn.PgConn, error) {
	conn, err := connectReplication(ctx, r.cfg.DSN)
	var server *pgconn.PgError
	switch {
	case err == nil:
		r.connected = true
		return conn, nil
	case !errors.As(err, &server):
		return nil, err
	case server.Code == source.InsufficientPrivilege:
		return nil, r.mayNot("connect for replication", server)
	case server.Code == source.TooManyConnections && strings.Contains(server.Message, "max_wal_senders"):
		return nil, r.noSender(server)
	default:
		return nil, err
	}
}

// noSender refuses a server that has no walsender left for us; but one that had may only not know yet that an earlier
// connection of ours was cut.
func (r *Replicator) noSender(reason error) error {
	if r.connected {
		return fmt.Errorf("connect to PostgreSQL for replication: %w", reason)
	}
	return tooFew("max_wal_senders", r.server.senders, r.server.sendersUsed, reason)
}

// mayNot refuses a role that lacks REPLICATION.
func (r *Replicator) mayNot(what string, err error) error {
	return &source.Refusal{
		Problem: fmt.Sprintf("the role %s may not %s", r.role(), what), Err: err,
		Fix: fmt.Sprintf("ALTER ROLE %s REPLICATION; or the managed service's grant for it", source.Quote(r.role())),
	}
}

// role is the one that we connect as.
func (r *Replicator) role() string {
	cfg, err := source.Parse(r.cfg.DSN)
	if err != nil {
		return "<role>" // New has refused it
	}
	return cfg.User
}
