package batch

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

const createEvents = `id UInt64, path String DEFAULT '0/', project_id Nullable(UInt64), group_id Nullable(UInt64), author_id UInt64,
	target_id UInt64, target_type LowCardinality(String), action UInt8, created_at DateTime64(6, 'UTC'), updated_at DateTime64(6, 'UTC'),
	_version UInt64, _deleted UInt8`

func appendAll(t *testing.T, b *Batch, messages []codec.Message) {
	t.Helper()
	for i := range messages {
		if added, err := b.Append(&messages[i]); err != nil || !added {
			t.Fatalf("message %d: added %v, error %v", i, added, err)
		}
	}
}

func TestEventsOnTheEngine(t *testing.T) {
	e := newEngine(t)
	b := e.target("events", createEvents, "ReplacingMergeTree(_version, _deleted) ORDER BY id").NewBatch(e)
	rows := messages(t, 1000)
	appendAll(t, b, rows)
	// One row is changed, another is deleted: a delete has its key and nothing else.
	rows[1].Version++
	rows[1].Values[6] = integer(200)
	rows[2].Version++
	rows[2].Op = change.Delete
	for i := 1; i < len(rows[2].Values); i++ {
		rows[2].Values[i] = unavailable
	}
	appendAll(t, b, rows[1:3])
	if err := b.Insert(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	got := e.strings(`SELECT toString(tuple(id, path, project_id, group_id, author_id, target_id, target_type, action, created_at, _version, _deleted)) AS s
		FROM events FINAL WHERE id < 10000004 ORDER BY id`)
	want := []string{
		"(10000000,'0/',0,NULL,0,0,'Issue',1,'2023-11-14 22:13:20.000000',4294967296,0)",
		"(10000001,'0/',1,NULL,1,3,'MergeRequest',200,'2023-11-14 22:13:21.234567',4294967497,0)",
		"(10000003,'0/',3,NULL,3,9,'DiffNote',4,'2023-11-14 22:13:23.703701',4294967896,0)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("ClickHouse has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestARefusedRowLeavesNothing(t *testing.T) {
	e := newEngine(t)
	b := e.target("refused", createEvents, "MergeTree ORDER BY id").NewBatch(e)
	rows := messages(t, 3)
	rows[1].Values[8] = integer(change.PositiveInfinity) // updated_at, when nearly all other columns have been filled
	for i := range rows {
		added, err := b.Append(&rows[i])
		var refused *RefusedError
		if bad := i == 1; added == bad || errors.As(err, &refused) != bad {
			t.Fatalf("row %d: added %v, error %v", i, added, err)
		}
		if refused != nil {
			want := "public.events, column updated_at (timestamp with time zone), value infinity does not fit column updated_at of table refused (DateTime64(6, 'UTC')): ClickHouse has no infinite dates"
			if refused.Error() != want {
				t.Errorf("error\n%v\nwant\n%s", refused, want)
			}
		}
	}
	if b.Rows() != 2 {
		t.Errorf("%d rows, want 2", b.Rows())
	}
	if err := b.Insert(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	if got := e.strings("SELECT concat(toString(id), ' ', target_type) AS s FROM refused ORDER BY id"); !slices.Equal(got, []string{"10000000 Issue", "10000002 Note"}) {
		t.Errorf("ClickHouse has %q", got)
	}
}

func TestAnotherRelation(t *testing.T) {
	b := target(t, "t", "MergeTree", []TargetColumn{{"id", "UInt64", ""}, {"name", "String", ""}, {"_version", "UInt64", ""}}).NewBatch(&kept{})
	message := func(values []change.Value, columns ...change.Column) *codec.Message {
		return &codec.Message{Change: change.Change{Relation: &change.Relation{Schema: "public", Table: "t", Columns: columns}, Op: change.Insert, Values: values}}
	}
	id := change.Column{Name: "id", Type: change.TypeInt32}
	wide := change.Column{Name: "id", Type: change.TypeInt64}
	name := change.Column{Name: "name", Type: change.TypeText}
	other := change.Column{Name: "other", Type: change.TypeText}
	for i, c := range []struct {
		m     *codec.Message
		added bool
	}{
		{message([]change.Value{integer(1)}, id), true},
		{message([]change.Value{integer(1 << 40)}, wide), true},                        // the same columns by other conversions
		{message([]change.Value{text("x"), integer(3)}, other, id), true},              // a column that the target does not have
		{message([]change.Value{integer(4), text("y")}, id, name), false},              // another column
		{message([]change.Value{null, text("x"), integer(5)}, other, other, id), true}, // back again
	} {
		if added, err := b.Append(c.m); added != c.added || err != nil {
			t.Fatalf("message %d: added %v, error %v", i, added, err)
		}
	}
	if b.Rows() != 4 {
		t.Errorf("%d rows, want 4", b.Rows())
	}
	b.Reset()
	if added, err := b.Append(message([]change.Value{integer(4), text("y")}, id, name)); !added || err != nil {
		t.Errorf("into an empty batch: added %v, error %v", added, err)
	}
}

func TestUnsupportedOperations(t *testing.T) {
	row := messages(t, 1)[0]
	appendOnly := target(t, "append_only", "MergeTree", []TargetColumn{{"id", "UInt64", ""}})
	for name, c := range map[string]struct {
		target *Target
		op     change.Op
		want   string
	}{
		"delete":   {appendOnly, change.Delete, "_deleted UInt8"},
		"truncate": {eventsTarget(t), change.Truncate, "truncate the ClickHouse table"},
	} {
		row.Op = c.op
		b := c.target.NewBatch(&kept{})
		added, err := b.Append(&row)
		if added || !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), c.target.Name()) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: added %v, error %v", name, added, err)
		}
	}
}

func TestNewTargetRefuses(t *testing.T) {
	for name, columns := range map[string][]TargetColumn{
		"no columns":       nil,
		"only computed":    {{"a", "UInt8", "MATERIALIZED"}, {"b", "UInt8", "ALIAS"}},
		"signed version":   {{"id", "UInt64", ""}, {"_version", "Int64", ""}},
		"nullable deleted": {{"id", "UInt64", ""}, {"_deleted", "Nullable(UInt8)", ""}},
	} {
		if _, err := NewTarget("t", "MergeTree", columns); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNoColumnInCommon(t *testing.T) {
	row := messages(t, 1)[0]
	b := target(t, "elsewhere", "MergeTree", []TargetColumn{{"thing", "UInt64", ""}, {"_version", "UInt64", ""}}).NewBatch(&kept{})
	if _, err := b.Append(&row); err == nil || !strings.Contains(err.Error(), "no column name in common") {
		t.Errorf("error %v", err)
	}
}

func TestInsertAndReset(t *testing.T) {
	var k kept
	b := eventsTarget(t).NewBatch(&k)
	appendAll(t, b, messages(t, 10))
	if b.Bytes() == 0 {
		t.Error("ten rows have no bytes")
	}
	for range 2 { // a batch can be sent again
		if err := b.Insert(t.Context(), "token"); err != nil {
			t.Fatal(err)
		}
		if k.table != "events" || k.token != "token" || k.block[0].Data.Rows() != 10 || len(k.block) != 11 { // all but path
			t.Errorf("inserted %+v", k)
		}
	}
	b.Reset()
	if b.Rows() != 0 || b.Bytes() != 0 {
		t.Errorf("after Reset: %d rows, %d bytes", b.Rows(), b.Bytes())
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	b := eventsTarget(t).NewBatch(&kept{})
	raw := encoded(1000)
	var d codec.Decoder
	var m codec.Message
	allocations := testing.AllocsPerRun(20, func() {
		b.Reset()
		for _, r := range raw {
			if err := d.Decode(r, &m); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Append(&m); err != nil {
				t.Fatal(err)
			}
		}
	})
	if allocations > 0 {
		t.Errorf("%v allocations per 1000 rows, want none", allocations)
	}
}
