package lookup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

var (
	projects = &change.Relation{Schema: "public", Table: "projects", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true},
		{Name: "namespace_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "project_namespace_id", Type: change.TypeInt64, SourceType: "bigint"},
	}}
	namespaces = &change.Relation{Schema: "public", Table: "namespaces", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true},
	}}
)

// changed is a change of a table that is watched.
func changed(r *change.Relation, op change.Op, id int64) change.Change {
	c := change.Change{Relation: r, Op: op, Position: change.Position{Commit: 1, Sequence: 1}}
	for i := range r.Columns {
		v := change.IntegerValue(id)
		if op == change.Delete && !r.Columns[i].Key {
			v = change.UnavailableValue()
		}
		c.Values = append(c.Values, v)
	}
	return c
}

// streamed is an event that is no row of a snapshot.
func streamed(project, group int64) change.Change {
	c := event(change.Insert, project, group, "")
	c.Position = change.Position{Commit: 1, Sequence: 1}
	return c
}

// newPaths is the first user's lookup, which watches both of its tables, over projects 5 and 6 of group 24.
func newPaths(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t, config.Lookup{
		Column: "path", Keys: []string{"project_id", "group_id"}, SQL: read(t, "../../../schemas/postgres/events_path.sql"),
		Watch: []config.Watch{{Source: "public.projects", Column: "id", Key: "project_id"}, {Source: "public.namespaces"}},
	})
	f.exec(read(t, "../../../schemas/postgres/events.sql"))
	f.exec(`INSERT INTO namespaces (id, type, traversal_ids) VALUES (24, 'Group', '{24}'), (100, 'Project', '{24,100}'), (101, 'Project', '{24,101}'), (102, 'Project', '{24,102}');
		INSERT INTO projects (id, namespace_id, project_namespace_id) VALUES (5, 24, 100), (6, 24, 101)`)
	return f
}

func (f *fixture) publish(l *Lookup, changes ...change.Change) {
	f.t.Helper()
	if err := l.Publish(f.t.Context(), changes); err != nil {
		f.t.Fatal(err)
	}
}

func expect(t *testing.T, rec *recorder, want ...string) {
	t.Helper()
	if !slices.Equal(rec.last, want) {
		t.Errorf("published are %q, want %q", rec.last, want)
	}
}

func TestWatchedChangeEndsTheAnswersOfItsKey(t *testing.T) {
	f := newPaths(t)
	l, rec := f.lookup()
	f.publish(l, streamed(5, -1), streamed(6, -1))
	expect(t, rec, "24/100/", "24/101/")
	f.exec("UPDATE projects SET project_namespace_id = 102")
	f.publish(l, streamed(5, -1), streamed(6, -1))
	expect(t, rec, "24/100/", "24/101/") // remembered: the change has not come yet
	f.publish(l, streamed(5, -1), streamed(6, -1), changed(projects, change.Update, 5))
	expect(t, rec, "24/102/", "24/101/") // of the whole batch first, and without the change that nobody asked for
	if s := l.Stats(); len(s) != 1 || s[0].Evictions != 1 || s[0].Queries != 2 || s[0].Hits != 3 || s[0].Misses != 3 || s[0].QueryTime <= 0 {
		t.Errorf("counted are %+v", s)
	}
	f.exec("UPDATE namespaces SET traversal_ids = '{9,24,102}' WHERE id = 102")
	f.publish(l, changed(namespaces, change.Update, 102), streamed(5, -1), streamed(6, -1))
	expect(t, rec, "9/24/102/", "9/24/102/")
	f.exec("DELETE FROM projects WHERE id = 5")
	f.publish(l, changed(projects, change.Delete, 5), streamed(5, 24))
	expect(t, rec, "24/")
	f.exec("INSERT INTO projects (id, namespace_id, project_namespace_id) VALUES (5, 24, 100)")
	f.publish(l, changed(projects, change.Insert, 5), streamed(5, 24))
	expect(t, rec, "24/100/")
}

func TestWatchedTableThatIsConfigured(t *testing.T) {
	f := newPaths(t)
	f.cfg.Tables = append(f.cfg.Tables, config.Table{Source: "public.projects"})
	l, rec := f.lookup()
	f.publish(l, changed(namespaces, change.Update, 24), changed(projects, change.Update, 5), streamed(5, -1))
	expect(t, rec, "5", "24/100/")
	f.publish(l, changed(namespaces, change.Update, 24))
	expect(t, rec)
}

// fill remembers an answer for each pair of keys.
func (c *column) remember(pairs ...[2]string) {
	c.cache.turn(time.Unix(0, 0))
	for _, p := range pairs {
		c.cache.put(key(p[0], p[1]), change.NullValue())
	}
}

// What a change of a watched table ends: the answers of the value that the column had and of the one that it has, and all
// where those are not known.
func TestWhatIsEvicted(t *testing.T) {
	of := func(values ...any) (out []change.Value) {
		for _, v := range values {
			switch v := v.(type) {
			case int:
				out = append(out, change.IntegerValue(int64(v)))
			case string:
				out = append(out, change.TextValue([]byte(v)))
			case nil:
				out = append(out, change.UnavailableValue())
			}
		}
		return out
	}
	relation := func(refType change.Type, name string) *change.Relation {
		return &change.Relation{Schema: "public", Table: "others", Columns: []change.Column{
			{Name: "id", Type: change.TypeInt32, SourceType: "integer", Key: true}, {Name: "ref", Type: refType, SourceType: name},
		}}
	}
	ref := relation(change.TypeInt32, "integer")
	for name, c := range map[string]struct {
		watch  string // the column
		change change.Change
		left   string // project ids
	}{
		"insert":                          {"id", change.Change{Op: change.Insert, Relation: ref, Values: of(2, 0)}, "1 3"},
		"update of a key":                 {"id", change.Change{Op: change.Update, Relation: ref, Values: of(2, 0)}, "1 3"},
		"update whose old row is known":   {"ref", change.Change{Op: change.Update, Relation: ref, Values: of(0, 2), Before: of(0, 3)}, "1"},
		"update whose old row is not":     {"ref", change.Change{Op: change.Update, Relation: ref, Values: of(0, 2)}, ""},
		"update whose old value is not":   {"ref", change.Change{Op: change.Update, Relation: ref, Values: of(0, 2), Before: of(0, nil)}, ""},
		"update whose value is not known": {"id", change.Change{Op: change.Update, Relation: ref, Values: of(nil, 0)}, ""},
		"delete by key":                   {"id", change.Change{Op: change.Delete, Relation: ref, Values: of(3, nil)}, "1 2"},
		"delete by another":               {"ref", change.Change{Op: change.Delete, Relation: ref, Values: of(3, nil)}, ""},
		"truncate":                        {"id", change.Change{Op: change.Truncate, Relation: ref}, ""},
		"snapshot row":                    {"id", change.Change{Op: change.Snapshot, Relation: ref, Values: of(1, 0)}, "2 3"},
		"no column":                       {"", change.Change{Op: change.Insert, Relation: ref, Values: of(9, 9)}, ""},
		"another's key":                   {"id", change.Change{Op: change.Insert, Relation: ref, Values: of(9, 9)}, "1 2 3"},
		"a type whose texts may differ":   {"ref", change.Change{Op: change.Insert, Relation: relation(change.TypeDecimal, "numeric"), Values: of(0, "9.0")}, ""},
		"a type of another family":        {"ref", change.Change{Op: change.Insert, Relation: relation(change.TypeText, "text"), Values: of(0, "9")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := config.Watch{Source: "public.others", Column: c.watch, Key: "project_id"}
			l, _ := newOffline(t, config.Lookup{Column: "x", Keys: []string{"title", "project_id"}, Watch: []config.Watch{w}})
			column := l.columns[0]
			column.shape(events, []int{3, 1})
			column.remember([2]string{"a", "1"}, [2]string{"a", "2"}, [2]string{"b", "2"}, [2]string{"2", "3"})
			f := fixture{t: t}
			f.publish(l, c.change)
			var left []string
			for k := range column.cache.young.answers {
				left = append(left, strings.Trim(partOf(k, 1), string(keyValue)))
			}
			slices.Sort(left)
			if got := strings.Join(slices.Compact(left), " "); got != c.left {
				t.Errorf("left are those of %q, want %q", got, c.left)
			}
			if want := 4 - len(column.cache.young.answers); l.Stats()[0].Evictions != uint64(want) {
				t.Errorf("counted are %d evictions, and there were %d", l.Stats()[0].Evictions, want)
			}
		})
	}
}

// 1 and 1.0 are one numeric, and have two texts.
func TestKeysWhoseTextsMayDiffer(t *testing.T) {
	numeric := &change.Relation{Schema: "public", Table: "others", Columns: []change.Column{{Name: "n", Type: change.TypeDecimal, SourceType: "numeric", Key: true}}}
	l, _ := newOffline(t, config.Lookup{Column: "x", Keys: []string{"n"}, Watch: []config.Watch{{Source: "public.others", Column: "n", Key: "n"}}})
	l.columns[0].shape(numeric, []int{0})
	l.columns[0].cache.turn(time.Unix(0, 0))
	l.columns[0].cache.put(key("1.0"), change.NullValue())
	f := fixture{t: t}
	f.publish(l, change.Change{Relation: numeric, Op: change.Insert, Values: []change.Value{change.TextValue([]byte("1"))}})
	if n := l.columns[0].cache.len(); n != 0 {
		t.Errorf("%d answers are left", n)
	}
}

// newOffline makes a Lookup that is asked nothing.
func newOffline(t testing.TB, lookups ...config.Lookup) (*Lookup, *recorder) {
	t.Helper()
	f := fixture{cfg: config.Default()}
	f.cfg.Postgres.DSN = "postgres://nobody@localhost:1/none"
	f.cfg.Tables = []config.Table{{Source: "public.events", Lookups: lookups}}
	rec := &recorder{}
	l, err := New(&f.cfg, rec, nopLog)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, rec
}

func TestWatchedColumnThatIsNone(t *testing.T) {
	l, _ := newOffline(t, config.Lookup{Column: "x", Keys: []string{"title"}, Watch: []config.Watch{{Source: "public.projects", Column: "idd", Key: "title"}}})
	err := l.Publish(t.Context(), []change.Change{changed(projects, change.Insert, 1)})
	var refusal *source.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(err.Error(), `public.projects has no column "idd"`) {
		t.Errorf("it gives %v", err)
	}
}

// A row of a snapshot must not have an answer from before it was taken: no change of the row may come after it.
func TestSnapshotRowsHaveNoOlderAnswers(t *testing.T) {
	f := newPaths(t)
	l, rec := f.lookup()
	f.publish(l, streamed(5, -1))
	f.exec("UPDATE projects SET project_namespace_id = 102") // whose change the stream will have later
	row := event(change.Snapshot, 5, -1, "")
	row.CommitTime = 1
	f.publish(l, row)
	expect(t, rec, "24/102/")
	f.publish(l, row, row)
	if s := l.Stats()[0]; s.Queries != 2 {
		t.Errorf("%d queries for two rows of one snapshot and one before, want 2", s.Queries)
	}
}

func TestOldRowHasTheJoinedColumnsToo(t *testing.T) {
	f := newPaths(t)
	l, rec := f.lookup()
	update := event(change.Update, 5, -1, "")
	update.Before = slices.Clone(update.Values)
	f.publish(l, update, event(change.Insert, 6, -1, ""))
	expect(t, rec, "24/100/", "24/101/")
	if b := rec.before; len(b) != 5 || b[4].Kind != change.Unavailable || b[1].Integer() != 5 {
		t.Errorf("the old row is %+v", b)
	}
}

// A transaction is streamed when it is in the log, and may not be visible then.
func TestCommitThatIsNotVisibleYet(t *testing.T) {
	f := newPaths(t)
	l, rec := f.lookup()
	f.publish(l, streamed(5, -1))
	f.exec("BEGIN; UPDATE projects SET project_namespace_id = 102")
	var xid int64
	if err := f.conn.QueryRow(t.Context(), "SELECT pg_current_xact_id()::text::int8").Scan(&xid); err != nil {
		t.Fatal(err)
	}
	update := changed(projects, change.Update, 5)
	update.Transaction = uint32(xid)
	done := make(chan error, 1)
	go func() {
		done <- l.Publish(context.WithoutCancel(t.Context()), []change.Change{update, streamed(5, -1)})
	}()
	f.await("it looks what is visible", "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_current_snapshot()::text' AND pid <> pg_backend_pid()")
	f.exec("COMMIT")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	expect(t, rec, "24/102/")
	if len(l.unseen) != 0 {
		t.Errorf("%v are still waited for", l.unseen)
	}
	// One that stays so is not waited for without end, and what was asked meanwhile is not remembered.
	f.exec("BEGIN; UPDATE projects SET project_namespace_id = 100")
	if err := f.conn.QueryRow(t.Context(), "SELECT pg_current_xact_id()::text::int8").Scan(&xid); err != nil {
		t.Fatal(err)
	}
	update.Transaction = uint32(xid)
	f.publish(l, update, streamed(5, -1))
	expect(t, rec, "24/102/")
	f.exec("COMMIT")
	f.publish(l, streamed(5, -1))
	expect(t, rec, "24/100/")
}

// await polls until the query gives true.
func (f *fixture) await(what, sql string) {
	f.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		var ok bool
		if err := f.conn.QueryRow(f.t.Context(), sql).Scan(&ok); err != nil {
			f.t.Fatal(err)
		}
		if ok {
			return
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("not within 20 s: %s", what)
		}
		<-time.After(time.Millisecond)
	}
}

func TestSnapshotOfTransactions(t *testing.T) {
	for _, c := range []struct {
		text          string
		asked, unseen []uint32
	}{
		{"10:10:", []uint32{9}, nil},
		{"10:10:", []uint32{9, 10, 11}, []uint32{10, 11}},
		{"7:10:7,9", []uint32{6, 7, 8, 9}, []uint32{7, 9}},
		{"4294967296:4294967300:4294967297", []uint32{4_294_967_295, 0, 1, 3, 4}, []uint32{1, 4}}, // of the next epoch
		{"4294967290:4294967297:4294967294", []uint32{4_294_967_294, 4_294_967_295, 0, 1}, []uint32{4_294_967_294, 1}},
	} {
		s, err := parseSnapshot(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.running(slices.Clone(c.asked)); !slices.Equal(got, c.unseen) {
			t.Errorf("of %v the snapshot %s does not see %v, want %v", c.asked, c.text, got, c.unseen)
		}
	}
	for _, text := range []string{"", "1:2", "1:x:", "1:2:3,x"} {
		if _, err := parseSnapshot(text); err == nil {
			t.Errorf("the snapshot %q is read", text)
		}
	}
}

// BenchmarkHits is a batch whose answers are all remembered.
func BenchmarkHits(b *testing.B) {
	l, _ := newOffline(b, config.Lookup{
		Column: "x", Keys: []string{"project_id", "group_id"}, Watch: []config.Watch{{Source: "public.projects", Column: "id", Key: "project_id"}},
	})
	l.Publisher = &discard{}
	column := l.columns[0]
	joined := &relation{joined: &change.Relation{Schema: "public", Table: "events", Columns: append(slices.Clone(events.Columns), change.Column{Name: "x"})}, columns: l.columns, keys: [][]int{{1, 2}}}
	l.roles[events] = &role{joined: joined}
	const n = 1000
	var batch []change.Change
	column.cache.turn(time.Now())
	for i := range int64(n) {
		batch = append(batch, streamed(i%100, 24))
		column.cache.put(key(fmt.Sprint(i%100), "24"), change.TextValue([]byte("24/100/")))
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Publish(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/change")
}

// BenchmarkEvict is an eviction of one key among as many as a cache holds.
func BenchmarkEvict(b *testing.B) {
	c := cache{age: time.Hour}
	c.index(0)
	c.turn(time.Unix(0, 0))
	for i := range cacheEntries {
		c.put(key(fmt.Sprint(i), "24"), change.NullValue())
	}
	b.ReportAllocs()
	for b.Loop() {
		c.evict(0, []byte("v77"))
		c.put(key("77", "24"), change.NullValue())
	}
}

type discard struct{ recorder }

func (*discard) Publish(context.Context, []change.Change) error { return nil }
