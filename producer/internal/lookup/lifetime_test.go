package lookup

import (
	"testing"
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// Answers live for long only where each table that the SQL reads is watched.
func TestLifetimeGoesByWhatTheSQLReads(t *testing.T) {
	shared := newFixture(t)
	shared.exec(`CREATE TABLE plain (id int, v int); CREATE SCHEMA other; CREATE TABLE other.plain (id int, v int); CREATE VIEW seen AS SELECT * FROM plain;
		CREATE TABLE parted (id int, v int) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (100)`)
	for name, c := range map[string]struct {
		sql     string
		watched []string
		want    time.Duration
	}{
		"nothing watched":   {"JOIN plain x USING (id)", nil, unwatchedAge},
		"all watched":       {"JOIN plain x USING (id)", []string{"public.plain"}, watchedAge},
		"one of two":        {"JOIN plain x USING (id) LEFT JOIN other.plain o ON o.id = k.id AND o.v > 0", []string{"public.plain"}, unwatchedAge},
		"both":              {"JOIN plain x USING (id) LEFT JOIN other.plain o ON o.id = k.id AND o.v > 0", []string{"public.plain", "other.plain"}, watchedAge},
		"a view's tables":   {"JOIN seen x USING (id)", []string{"public.plain"}, watchedAge},
		"not a view itself": {"JOIN seen x USING (id)", []string{"public.seen"}, unwatchedAge},
		"partitions":        {"JOIN parted x USING (id)", []string{"public.parted"}, watchedAge},
		"a subquery":        {"JOIN plain x USING (id) WHERE EXISTS (SELECT FROM other.plain o WHERE o.id = x.id)", []string{"public.plain"}, unwatchedAge},
		"no tables at all":  {"CROSS JOIN (SELECT 1 AS v) x", []string{"public.plain"}, watchedAge},
	} {
		t.Run(name, func(t *testing.T) {
			lookup := config.Lookup{Column: "x", Keys: []string{"project_id"}, SQL: "SELECT k.i, x.v FROM unnest($1::bigint[]) WITH ORDINALITY k (id, i) " + c.sql}
			for _, w := range c.watched {
				lookup.Watch = append(lookup.Watch, config.Watch{Source: w})
			}
			f := &fixture{t: t, cfg: shared.cfg}
			f.cfg.Tables = []config.Table{{Source: "public.events", Lookups: []config.Lookup{lookup}}}
			l, _ := f.lookup()
			f.publish(l, streamed(1, 1))
			if got := l.columns[0].cache.age; got != c.want {
				t.Errorf("the halves turn after %v, want %v", got, c.want)
			}
		})
	}
}

// A watched table whose changes do not come is as good as one that is not watched; and when they come again, some were
// missed.
func TestLifetimeWhileATableIsNotSeen(t *testing.T) {
	f := newPaths(t)
	l, rec := f.lookup()
	var blind []source.Name
	l.Blind(func() []source.Name { return blind })
	column := l.columns[0]
	for _, step := range []struct {
		blind []source.Name
		want  time.Duration
		left  int
	}{
		{nil, watchedAge, 0},
		{[]source.Name{{Schema: "public", Table: "unrelated"}}, watchedAge, 1},
		{[]source.Name{{Schema: "public", Table: "projects"}}, unwatchedAge, 0},
		{[]source.Name{{Schema: "public", Table: "projects"}}, unwatchedAge, 1},
		{nil, watchedAge, 0},
	} {
		blind = step.blind
		f.publish(l, change.Change{Relation: events, Op: change.Truncate, Position: change.Position{Commit: 1}})
		if got := column.cache.age; got != step.want || column.cache.len() != step.left {
			t.Errorf("without %v the halves turn after %v, and %d answers are left; want %v and %d", step.blind, got, column.cache.len(), step.want, step.left)
		}
		f.publish(l, streamed(5, -1))
		expect(t, rec, "24/100/")
	}
}
