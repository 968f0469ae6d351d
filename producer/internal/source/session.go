package source

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"eventsync/pkg/config"
)

const (
	// closeTimeout bounds the goodbye to a server that may not answer.
	closeTimeout = time.Second
	// idleCheck is how long a connection may be idle and be used without a look at it.
	idleCheck = time.Second
)

// Session is an ordinary connection, opened when it is needed, and again when it broke. It belongs to one goroutine.
type Session struct {
	cfg  *pgx.ConnConfig
	conn *pgx.Conn
	used time.Time
}

// NewSession makes a Session; it does not connect yet.
func NewSession(dsn config.Secret) (*Session, error) {
	cfg, err := Parse(dsn)
	if err != nil {
		return nil, err
	}
	return &Session{cfg: cfg}, nil
}

// UseCatalogOnly has the session find nothing but the system's own objects by an unqualified name, so that types' names
// are printed alike for every role. It must come before the first Conn.
func (s *Session) UseCatalogOnly() *Session {
	s.cfg.RuntimeParams["search_path"] = "pg_catalog"
	return s
}

// UseReadAhead has the session read up to so many bytes at once, for what comes in bulk: pgx reads 8 KiB. It must come
// before the first Conn.
func (s *Session) UseReadAhead(size int) *Session {
	s.cfg.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		return pgproto3.NewFrontend(bufio.NewReaderSize(r, size), w)
	}
	return s
}

// Conn is the open connection. Errors while using it are the caller's; a broken one is replaced by the next call.
func (s *Session) Conn(ctx context.Context) (*pgx.Conn, error) {
	if s.conn != nil && !s.conn.IsClosed() {
		if s.alive(ctx) {
			return s.conn, nil
		}
		s.Close()
	}
	conn, err := pgx.ConnectConfig(ctx, s.cfg)
	if err != nil {
		return nil, ConnectError(fmt.Errorf("connect to PostgreSQL: %w", err))
	}
	s.conn, s.used = conn, time.Now()
	return conn, nil
}

// alive looks whether a connection that was idle for a while was cut meanwhile.
func (s *Session) alive(ctx context.Context) bool {
	idle := time.Since(s.used)
	s.used = time.Now()
	return idle < idleCheck || s.conn.Ping(ctx) == nil
}

// Address is the server's, for errors and logs.
func (s *Session) Address() string { return Address(&s.cfg.Config) }

// Close closes the connection, if there is one.
func (s *Session) Close() {
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = s.conn.Close(ctx) // nothing was left to be done on it
	s.conn = nil
}
