package batch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// The events of two years, in a table of the first user's kind: about 24 of ClickHouse's partitions.
const replacingEvents = "ReplacingMergeTree(_version, _deleted) PARTITION BY toYYYYMM(created_at) ORDER BY id"

func spread(t *testing.T, n int) []codec.Message {
	t.Helper()
	rows := messages(t, n)
	for i := range rows {
		at := int64(1_700_000_000+i%24*30*secondsPerDay) * microsPerSecond
		rows[i].Values[7] = integer(at)
	}
	return rows
}

func dropPresent(t *testing.T, b *Batch, want int) {
	t.Helper()
	left, err := b.DropPresent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if left != want || b.Rows() != want {
		t.Fatalf("%d rows are left, the batch has %d, want %d", left, b.Rows(), want)
	}
}

func insert(t *testing.T, b *Batch, token string) {
	t.Helper()
	if err := b.Insert(t.Context(), token); err != nil {
		t.Fatal(err)
	}
}

func (e *engine) number(query string) int {
	e.t.Helper()
	n, err := strconv.Atoi(e.strings("SELECT ifNull(toString(" + query + "), '') AS s")[0])
	if err != nil {
		e.t.Fatal(err)
	}
	return n
}

func TestDropPresent(t *testing.T) {
	const rows = 1000
	for _, kind := range []string{replacingEvents, "MergeTree PARTITION BY toYYYYMM(created_at) ORDER BY id"} {
		t.Run(kind[:9], func(t *testing.T) {
			e := newEngine(t)
			e.exec("SET max_partitions_per_insert_block = 100")
			target := e.target("events", createEvents, kind)
			b := target.NewBatch(e)
			all := spread(t, rows)
			appendAll(t, b, all)
			size := b.Bytes()
			dropPresent(t, b, rows) // nothing is there
			if b.Bytes() != size {
				t.Errorf("%d bytes, and %d after nothing was dropped", size, b.Bytes())
			}
			insert(t, b, "whole")
			dropPresent(t, b, 0) // all is there
			if b.Bytes() > 100 {
				t.Errorf("no row has %d bytes", b.Bytes())
			}

			// A server that died in the insert has lost some of ClickHouse's partitions, and the parts of others.
			e.exec("ALTER TABLE events DROP PARTITION 202401")
			e.exec("ALTER TABLE events DROP PARTITION 202502")
			e.exec("ALTER TABLE events DELETE WHERE id % 10 = 3 SETTINGS mutations_sync = 2")
			there := e.number("(SELECT count() FROM events)")
			if there == 0 || there > rows*9/10 {
				t.Fatalf("%d rows are there", there)
			}
			b.Reset()
			appendAll(t, b, all)
			dropPresent(t, b, rows-there)
			insert(t, b, "missing")
			if n := e.number("(SELECT count() FROM events)"); n != rows {
				t.Errorf("%d rows, want %d", n, rows)
			}
			const sum = "(SELECT sum(cityHash64(id, project_id, author_id, target_id, target_type, action, created_at, updated_at, _version)) FROM "
			whole := e.target("whole", createEvents, kind).NewBatch(e)
			appendAll(t, whole, all)
			insert(t, whole, "reference")
			if got := e.strings("SELECT ifNull(toString(" + sum + "events) = " + sum + "whole)), '') AS s"); got[0] != "1" {
				t.Error("the rows are others than those of one whole insert")
			}
		})
	}
}

// A merge has taken the versions that a newer one replaces, and a delete is a row like any other.
func TestDropPresentAfterMerges(t *testing.T) {
	e := newEngine(t)
	b := e.target("events", createEvents, replacingEvents).NewBatch(e)
	all := spread(t, 10)
	update, del := spread(t, 10)[1], spread(t, 10)[2]
	update.Op, update.Version = change.Update, update.Version+1000
	del.Op, del.Version = change.Delete, del.Version+1000
	all = append(all, update, del)
	appendAll(t, b, all)
	insert(t, b, "whole")
	e.exec("OPTIMIZE TABLE events FINAL")
	if n := e.number("(SELECT count() FROM events)"); n != 10 {
		t.Fatalf("%d rows, want 10: they were not merged", n)
	}
	dropPresent(t, b, 0)

	// The older version of one is there, not the newer; of another nothing is.
	b.Reset()
	update.Version, del.Version = update.Version+1, del.Version+1
	fresh := spread(t, 11)[10]
	appendAll(t, b, []codec.Message{all[1], update, del, fresh, all[0]})
	dropPresent(t, b, 3)
	insert(t, b, "missing")
	got := e.strings("SELECT concat(toString(id), ' ', toString(_version), ' ', toString(_deleted)) AS s FROM events FINAL WHERE id IN (10000001, 10000002, 10000010) ORDER BY id")
	want := []string{
		fmt.Sprintf("10000001 %d 0", uint64(update.Version)),
		fmt.Sprintf("10000010 %d 0", uint64(fresh.Version)),
	}
	if !slices.Equal(got, want) {
		t.Errorf("ClickHouse has %q, want %q", got, want)
	}
}

// Of equal rows of a table without a key, so many are missing as are not there.
func TestDropPresentOfEqualRows(t *testing.T) {
	e := newEngine(t)
	b := e.target("logs", "line LowCardinality(Nullable(String)), level Nullable(Int8), at DateTime64(6, 'UTC'), _version UInt64", "MergeTree ORDER BY tuple()").NewBatch(e)
	relation := &change.Relation{Schema: "public", Table: "logs", Columns: []change.Column{
		{Name: "line", Type: change.TypeText}, {Name: "level", Type: change.TypeInt16}, {Name: "at", Type: change.TypeTimestamp},
	}}
	line := func(version change.Version, values ...change.Value) codec.Message {
		return codec.Message{Change: change.Change{Relation: relation, Op: change.Insert, Version: version, Values: values}}
	}
	equal := line(7, text("started"), integer(1), integer(5))
	others := []codec.Message{
		line(7, text("started"), null, integer(5)),
		line(7, text("started"), integer(0), integer(5)),
		line(7, null, integer(1), integer(5)),
		line(7, text(""), integer(1), integer(5)),
		line(8, text("started"), integer(1), integer(5)),
	}
	appendAll(t, b, []codec.Message{equal, equal, others[0], others[2]})
	insert(t, b, "part")
	b.Reset()
	appendAll(t, b, append([]codec.Message{equal, equal, equal}, others...))
	dropPresent(t, b, 4) // one of the equal ones, and of the others 1, 3 and 4
	insert(t, b, "missing")
	got := e.strings("SELECT concat(ifNull(line, 'NULL'), '|', ifNull(toString(level), 'NULL'), '|', toString(_version), '|', toString(count())) AS s FROM logs GROUP BY line, level, _version ORDER BY s")
	want := []string{"NULL|1|7|1", "started|0|7|1", "started|1|7|3", "started|1|8|1", "started|NULL|7|1", "|1|7|1"}
	if !slices.Equal(got, want) {
		t.Errorf("ClickHouse has %q, want %q", got, want)
	}
}

// A target that lacks a part of the key has rows that only all of its columns tell apart.
func TestDropPresentWithoutTheWholeKey(t *testing.T) {
	e := newEngine(t)
	b := e.target("parts", "id Int32, name String, _version UInt64", "ReplacingMergeTree(_version) ORDER BY (id, name)").NewBatch(e)
	relation := &change.Relation{Schema: "public", Table: "parts", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt32, Key: true}, {Name: "shelf", Type: change.TypeInt32, Key: true}, {Name: "name", Type: change.TypeText},
	}}
	var rows []codec.Message
	for shelf := range int64(3) {
		rows = append(rows, codec.Message{Change: change.Change{Relation: relation, Op: change.Snapshot, Version: 3, Values: []change.Value{
			integer(-1), integer(shelf), text(fmt.Sprint("name", shelf)),
		}}})
	}
	appendAll(t, b, rows[:2])
	insert(t, b, "part")
	b.Reset()
	appendAll(t, b, rows)
	dropPresent(t, b, 1)
}

func TestDropPresentNeedsAVersion(t *testing.T) {
	b := target(t, "plain", "MergeTree", []TargetColumn{{"id", "UInt64", ""}}).NewBatch(&kept{})
	if left, err := b.DropPresent(t.Context()); left != 0 || err != nil {
		t.Errorf("an empty batch: %d left, error %v", left, err)
	}
	appendAll(t, b, messages(t, 1))
	_, err := b.DropPresent(t.Context())
	if err == nil || !strings.Contains(err.Error(), "ALTER TABLE `plain` ADD COLUMN _version UInt64") || b.Rows() != 1 {
		t.Errorf("%d rows, error %v", b.Rows(), err)
	}
}

func TestDropPresentFails(t *testing.T) {
	b := eventsTarget(t).NewBatch(&kept{})
	appendAll(t, b, messages(t, 3))
	if _, err := b.DropPresent(context.Background()); err == nil || !strings.Contains(err.Error(), "table events") || b.Rows() != 3 {
		t.Errorf("%d rows, error %v", b.Rows(), err)
	}
}

// A big batch, of which half is there.
func TestDropPresentOfABigBatch(t *testing.T) {
	const rows = 100_000
	e := newEngine(t)
	b := e.target("events", createEvents, replacingEvents).NewBatch(e)
	all := spread(t, rows)
	half := slices.Clone(all)
	n := 0
	for i := range half {
		if i%3 != 0 {
			half[n] = half[i]
			n++
		}
	}
	appendAll(t, b, half[:n])
	insert(t, b, "half")
	b.Reset()
	appendAll(t, b, all)
	dropPresent(t, b, rows-n)
	insert(t, b, "missing")
	if got := e.number("(SELECT count() + uniqExact(id) FROM events)"); got != 2*rows {
		t.Errorf("%d rows and keys, want %d", got, 2*rows)
	}
}
