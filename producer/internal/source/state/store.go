package state

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// DDL makes the tables.
const DDL = `
CREATE SCHEMA IF NOT EXISTS eventsync;
CREATE TABLE IF NOT EXISTS eventsync.slots (
	slot text PRIMARY KEY,
	system_identifier text NOT NULL,
	timeline int NOT NULL,
	epoch int NOT NULL,
	bound pg_lsn NOT NULL DEFAULT '0/0',
	updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS eventsync.progress (
	slot text NOT NULL,
	source text NOT NULL,
	streamed_from pg_lsn NOT NULL,
	snapshot_lsn pg_lsn NOT NULL,
	round bigint NOT NULL DEFAULT 0,
	done boolean NOT NULL DEFAULT false,
	chunks bigint NOT NULL DEFAULT 0,
	rows bigint NOT NULL DEFAULT 0,
	began_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (slot, source)
);
CREATE TABLE IF NOT EXISTS eventsync.chunks (
	slot text NOT NULL,
	source text NOT NULL,
	round bigint NOT NULL,
	relation oid NOT NULL,
	filenode oid NOT NULL,
	page bigint NOT NULL,
	rows bigint NOT NULL,
	PRIMARY KEY (slot, source, round, relation, filenode, page),
	FOREIGN KEY (slot, source) REFERENCES eventsync.progress ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS eventsync.routes (
	slot text NOT NULL,
	source text NOT NULL,
	from_lsn pg_lsn NOT NULL,
	partitions int NOT NULL,
	PRIMARY KEY (slot, source, from_lsn)
);
COMMENT ON TABLE eventsync.slots IS 'eventsync: the cluster that a replication slot was made on';
COMMENT ON COLUMN eventsync.slots.bound IS 'the slot was never confirmed past this place';
COMMENT ON TABLE eventsync.progress IS 'eventsync: which tables were snapshotted for which replication slot';
COMMENT ON COLUMN eventsync.progress.streamed_from IS 'transactions committed before are in the first snapshot begun, not streamed';
COMMENT ON COLUMN eventsync.progress.snapshot_lsn IS 'version of the rows of the last snapshot begun';
COMMENT ON COLUMN eventsync.progress.round IS 'how often the snapshot was asked for again';
COMMENT ON COLUMN eventsync.progress.done IS 'every row of a snapshot is in Kafka';
COMMENT ON TABLE eventsync.chunks IS 'eventsync: which pages of a table the snapshot under way has in Kafka';
COMMENT ON TABLE eventsync.routes IS 'eventsync: from which place in the log on a topic has how many partitions'`

// Store reads and writes what is remembered of one slot. Its methods may be called from any goroutine.
type Store struct {
	slot    string
	free    chan struct{} // holds one while nobody uses the session
	session *source.Session
	made    bool // the tables are there
}

// New makes a Store; it does not connect yet.
func New(dsn config.Secret, slot string) (*Store, error) {
	session, err := source.NewSession(dsn)
	if err != nil {
		return nil, err
	}
	s := &Store{slot: slot, free: make(chan struct{}, 1), session: session.UseCatalogOnly()}
	s.free <- struct{}{}
	return s, nil
}

// Close ends the connection; the next call opens another.
func (s *Store) Close() {
	<-s.free
	defer s.release()
	s.session.Close()
}

// acquire waits for the session no longer than ctx: one whose connection is dead may be used for long.
func (s *Store) acquire(ctx context.Context) error {
	select {
	case <-s.free:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Store) release() { s.free <- struct{}{} }

// use calls f with a connection to a source that is ready for it, and else does not. It owns the session meanwhile.
func (s *Store) use(ctx context.Context, what string, ready func(context.Context, *pgx.Conn) (bool, error), f func(*pgx.Conn) error) error {
	if err := s.acquire(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer s.release()
	conn, err := s.session.Conn(ctx)
	if err != nil {
		return err
	}
	if is, err := ready(ctx, conn); err != nil || !is {
		return err
	}
	err = f(conn)
	if source.SQLState(err) == source.UndefinedTable { // dropped by hand: made again by the next call
		s.made = false
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// with calls f with a connection, to a source where the tables are.
func (s *Store) with(ctx context.Context, what string, f func(*pgx.Conn) error) error {
	return s.use(ctx, what, s.ensure, f)
}

// read calls f with a connection and makes nothing: where the tables are not, f is not called.
func (s *Store) read(ctx context.Context, what string, f func(*pgx.Conn) error) error {
	return s.use(ctx, what, exist, f)
}

// ensure makes the tables, once.
func (s *Store) ensure(ctx context.Context, conn *pgx.Conn) (bool, error) {
	if !s.made {
		if err := create(ctx, conn); err != nil {
			return false, err
		}
		s.made = true
	}
	return true, nil
}

// create makes the tables, if the role may.
func create(ctx context.Context, conn *pgx.Conn) error {
	exists, err := exist(ctx, conn)
	if err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, DDL)
	if source.SQLState(err) == source.InsufficientPrivilege {
		return &source.Refusal{
			Problem: "the role may not create the schema eventsync, whose tables remember what was snapshotted",
			Fix:     "run as the database's owner:" + DDL + "; GRANT USAGE ON SCHEMA eventsync TO <role>; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA eventsync TO <role>",
			Err:     err,
		}
	}
	if err != nil {
		return fmt.Errorf("create the schema eventsync: %w", err)
	}
	return nil
}

func exist(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var exists bool
	const sql = "SELECT bool_and(to_regclass('eventsync.' || t) IS NOT NULL) FROM unnest(ARRAY['slots', 'progress', 'chunks', 'routes']) t"
	if err := conn.QueryRow(ctx, sql).Scan(&exists); err != nil {
		return false, fmt.Errorf("look for the schema eventsync: %w", err)
	}
	return exists, nil
}

// lsn makes an LSN of what (lsn - '0/0')::int8 gives.
func lsn(n int64) change.LSN { return change.LSN(n) } //nolint:gosec // G115: LSNs are that small
