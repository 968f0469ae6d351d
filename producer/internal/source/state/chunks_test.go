package state

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// A table that is forgotten, as refusals tell operators to do by hand, begins with no chunk read: the stream of its
// next snapshot begins later, and would lack what was changed since they were.
func TestForgottenTableHasNoChunks(t *testing.T) {
	db := postgrestest.New(t)
	s, err := New(config.Secret(db.DSN), "slot")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table := source.Name{Schema: "public", Table: "t"}
	due := []source.Due{{Name: table}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Begin(t.Context(), due, 100, 90))
	must(s.FinishChunks(t.Context(), table, 0, []Chunk{{Relation: 1, Filenode: 2, Page: 0, Rows: 3}}))
	if chunks, err := s.Chunks(t.Context(), table, 0); err != nil || len(chunks) != 1 {
		t.Fatalf("the chunks that were read are %v, %v", chunks, err)
	}

	conn, err := pgx.Connect(t.Context(), db.DSN)
	must(err)
	_, err = conn.Exec(t.Context(), "DELETE FROM eventsync.progress WHERE slot = 'slot'")
	must(err)
	must(conn.Close(t.Context()))

	must(s.Begin(t.Context(), due, 200, 190))
	if chunks, err := s.Chunks(t.Context(), table, 0); err != nil || len(chunks) != 0 {
		t.Errorf("the chunks that count for the new snapshot are %v, %v", chunks, err)
	}
	if known, err := s.Tables(t.Context()); err != nil || known[table].From != change.LSN(200) {
		t.Errorf("what is remembered is %+v, %v", known, err)
	}
}
