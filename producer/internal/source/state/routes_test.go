package state_test

import (
	"slices"
	"testing"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

func TestRoutesAreRememberedFromTheLogsEndOn(t *testing.T) {
	db := postgrestest.New(t)
	open := func(slot string) *state.Store {
		s, err := state.New(config.Secret(db.DSN), slot)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	s, events, other := open("one"), source.Name{Schema: "public", Table: "events"}, source.Name{Schema: "public", Table: "other"}
	if routes, err := s.Routes(t.Context(), events); err != nil || len(routes) != 0 {
		t.Fatalf("at first: %v, %v", routes, err)
	}
	first, err := s.AddRoute(t.Context(), events, 4, 1)
	if err != nil || first.Partitions != 4 || first.From <= 1 {
		t.Fatalf("from the log's end on: %+v, %v", first, err)
	}
	second, err := s.AddRoute(t.Context(), events, 6, first.From+1<<40)
	if err != nil || second != (state.Route{From: first.From + 1<<40, Partitions: 6}) {
		t.Fatalf("from behind the log's end on: %+v, %v", second, err)
	}
	if _, err := s.AddRoute(t.Context(), other, 3, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := open("two").AddRoute(t.Context(), events, 9, 1); err != nil {
		t.Fatal(err)
	}
	if routes, err := open("one").Routes(t.Context(), events); err != nil || !slices.Equal(routes, []state.Route{first, second}) {
		t.Fatalf("remembered: %v, %v", routes, err)
	}
	if err := s.Forget(t.Context(), []source.Name{other}); err != nil {
		t.Fatal(err)
	}
	if routes, err := s.Routes(t.Context(), events); err != nil || len(routes) != 0 {
		t.Fatalf("forgotten: %v, %v", routes, err)
	}
}
