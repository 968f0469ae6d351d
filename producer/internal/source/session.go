package source

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"eventsync/pkg/config"
)

// closeTimeout bounds the goodbye to a server that may not answer.
const closeTimeout = time.Second

// Session is an ordinary connection, opened when it is needed, and again when it broke. It belongs to one goroutine.
type Session struct {
	cfg  *pgx.ConnConfig
	conn *pgx.Conn
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

// Conn is the open connection. Errors while using it are the caller's; a broken one is replaced by the next call.
func (s *Session) Conn(ctx context.Context) (*pgx.Conn, error) {
	if s.conn != nil && !s.conn.IsClosed() {
		return s.conn, nil
	}
	conn, err := pgx.ConnectConfig(ctx, s.cfg)
	if err != nil {
		return nil, ConnectError(fmt.Errorf("connect to PostgreSQL: %w", err))
	}
	s.conn = conn
	return conn, nil
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
