package sink

import (
	"context"

	"github.com/ClickHouse/ch-go"
)

// HasDatabase reports whether the database exists. It is asked on a connection to one that every server has: a
// connection to a database that is missing is refused.
func (s *Server) HasDatabase(ctx context.Context) (found bool, err error) {
	err = s.outside(ctx, func(ctx context.Context, c *client) error {
		rows, err := readStrings(ctx, c, "SELECT name FROM system.databases WHERE name = {database:String}", 1, parameter("database", s.database))
		found = len(rows) > 0
		return err
	})
	return found, s.failed("look for database "+s.database, err)
}

// CreateDatabaseSQL is what CreateDatabase runs.
func (s *Server) CreateDatabaseSQL() string {
	return "CREATE DATABASE IF NOT EXISTS " + identifier(s.database)
}

// CreateDatabase creates the database, if it is missing.
func (s *Server) CreateDatabase(ctx context.Context) error {
	return s.failed(s.CreateDatabaseSQL(), s.outside(ctx, func(ctx context.Context, c *client) error {
		return c.Do(ctx, ch.Query{Body: s.CreateDatabaseSQL()})
	}))
}

// Exec runs a statement that gives no rows, to its end: ALTERs of data last as long as they last. It is tried once.
func (s *Server) Exec(ctx context.Context, statement string) error {
	return s.failed(statement, s.pool.use(ctx, func(ctx context.Context, c *client) error {
		return c.Do(ctx, ch.Query{Body: statement})
	}))
}

// outside uses a connection that is not in the database, and closes it.
func (s *Server) outside(ctx context.Context, fn func(context.Context, *client) error) error {
	p := &pool{addresses: s.pool.addresses, options: s.pool.options}
	p.options.Database = "system"
	defer p.close()
	return p.use(ctx, fn)
}
