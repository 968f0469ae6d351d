package postgrestest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"eventsync/compose/local/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDatabasesAreApartAndDropped(t *testing.T) {
	var dropped postgrestest.Database
	for _, name := range []string{"one", "other"} { // with a table of the same name, and a client and a slot that stay
		t.Run(name, func(t *testing.T) {
			dropped = postgrestest.New(t)
			c := connect(t, dropped.DSN)
			for _, statement := range []string{"CREATE TABLE t (id int)", "SELECT pg_create_logical_replication_slot('slot_" + dropped.Name + "', 'pgoutput')"} {
				if _, err := c.Exec(t.Context(), statement); err != nil {
					t.Errorf("%s: %v", statement, err)
				}
			}
			stream(t, dropped)
		})
	}
	_, err := pgx.Connect(t.Context(), dropped.DSN)
	if e, ok := errors.AsType[*pgconn.PgError](err); !ok || e.Code != "3D000" {
		t.Errorf("the database is still there: %v", err)
	}
	var slots int
	c := connect(t, postgrestest.New(t).DSN)
	defer c.Close(context.Background()) //nolint:errcheck // the number is all that is wanted
	if err := c.QueryRow(t.Context(), "SELECT count(*) FROM pg_replication_slots").Scan(&slots); err != nil || slots != 0 {
		t.Errorf("%d slots are left (%v)", slots, err)
	}
}

// stream begins to read the slot and leaves it at that.
func stream(t *testing.T, db postgrestest.Database) {
	t.Helper()
	c, err := pgconn.Connect(t.Context(), db.DSN+"&replication=database")
	if err != nil {
		t.Fatal(err)
	}
	c.Frontend().SendQuery(&pgproto3.Query{String: "START_REPLICATION SLOT slot_" + db.Name + " LOGICAL 0/0 (proto_version '1', publication_names 'none')"})
	if err := c.Frontend().Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReceiveMessage(t.Context()); err != nil {
		t.Fatal(err)
	}
}
