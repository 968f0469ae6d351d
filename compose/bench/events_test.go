package main

import (
	"context"
	"testing"
	"time"

	"eventsync/compose/local/postgres"
)

// Both topics hold the same rows: SQL makes what newEvent makes.
func TestRowsAreTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("starts PostgreSQL")
	}
	ctx := t.Context()
	server, err := postgres.Start(ctx, postgres.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	db, err := openSource(ctx, server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(ctx) //nolint:errcheck // nothing of it is needed any more
	const rows, singly = 2_500, 100
	if _, err := db.write(ctx, 0, rows-singly, perTransaction); err != nil {
		t.Fatal(err)
	}
	if _, err := db.write(ctx, rows-singly, singly, 1); err != nil {
		t.Fatal(err)
	}
	id := int64(0)
	got, err := db.Query(ctx, `SELECT id, coalesce(project_id, 0), coalesce(group_id, 0), author_id, coalesce(target_id, 0), coalesce(target_type, ''),
		action, created_at, updated_at FROM events ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	for got.Next() {
		id++
		var e event
		var created, updated time.Time
		if err := got.Scan(&e.id, &e.project, &e.group, &e.author, &e.target, &e.targetType, &e.action, &created, &updated); err != nil {
			t.Fatal(err)
		}
		if e.at = created.UnixMicro(); e != newEvent(id) || !updated.Equal(created) {
			t.Fatalf("row %d in PostgreSQL is %+v, want %+v", id, e, newEvent(id))
		}
	}
	if err := got.Err(); err != nil || id != rows {
		t.Fatalf("%d rows, %v; want %d", id, err, rows)
	}
}
