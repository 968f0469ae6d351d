package postgres_test

import (
	"strings"
	"testing"

	"eventsync/compose/local/postgres"
)

func TestOldestVersion(t *testing.T) {
	s := start(t, postgres.Config{Oldest: 17})
	if got := query(t, s.DSN(), "SHOW server_version_num"); strings.Compare(got, "170000") < 0 {
		t.Errorf("it runs version %s", got)
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
}
