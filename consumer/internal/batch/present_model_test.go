package batch

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ClickHouse/ch-go"
	"pgregory.net/rapid"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// modelRow is a row of the model: few values, so that rows meet.
type modelRow struct {
	id      int64
	name    string // "-" is NULL
	count   int64  // -1 is NULL
	version uint64
	deleted bool
	list    string
}

func (r modelRow) message(relation *change.Relation) codec.Message {
	name, count := text(r.name), integer(r.count)
	if r.name == "-" {
		name = null
	}
	if r.count == -1 {
		count = null
	}
	op := change.Insert
	if r.deleted {
		op = change.Delete
	}
	return codec.Message{Change: change.Change{
		Relation: relation, Op: op, Version: change.Version(r.version), Values: []change.Value{integer(r.id), name, count, text(r.list)},
	}}
}

// missing is what DropPresent leaves, by its definition.
func missing(rows, there []modelRow, newer bool) (left []modelRow) {
	there = slices.Clone(there)
	for _, r := range rows {
		at := slices.IndexFunc(there, func(t modelRow) bool {
			if newer {
				return t.id == r.id && t.version >= r.version
			}
			return t == r
		})
		switch {
		case at < 0:
			left = append(left, r)
		case !newer:
			there = slices.Delete(there, at, at+1)
		}
	}
	return left
}

func TestDropPresentIsItsDefinition(t *testing.T) {
	e := newEngine(t)
	const columns = "id Int16, name LowCardinality(Nullable(String)), count Nullable(UInt32), copy Array(LowCardinality(Nullable(String))), _version UInt64, _deleted UInt8"
	targets := map[bool]*Target{
		true:  e.target("keyed", columns, "ReplacingMergeTree(_version) ORDER BY id"),
		false: e.target("equal", columns, "MergeTree ORDER BY id"),
	}
	rapid.Check(t, func(t *rapid.T) {
		newer := rapid.Bool().Draw(t, "keyed")
		relation := &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{
			{Name: "id", Type: change.TypeInt16, Key: newer}, {Name: "name", Type: change.TypeText}, {Name: "count", Type: change.TypeInt32}, {Name: "copy", Type: change.TypeOther, SourceType: "text[]"},
		}}
		row := rapid.Custom(func(t *rapid.T) modelRow {
			return modelRow{
				rapid.Int64Range(-2, 2).Draw(t, "id"), rapid.SampledFrom([]string{"-", "", "a", "bb"}).Draw(t, "name"),
				rapid.Int64Range(-1, 1).Draw(t, "count"), rapid.Uint64Range(1, 4).Draw(t, "version"), rapid.Bool().Draw(t, "deleted"),
				rapid.SampledFrom([]string{"{}", "{NULL}", `{""}`, "{a,NULL}", "{bb,a,bb}"}).Draw(t, "list"),
			}
		})
		rows := rapid.SliceOfN(row, 1, 12).Draw(t, "rows")
		there := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(rows), row), 0, 12).Draw(t, "there")

		target := targets[newer]
		if err := e.client.Do(e.t.Context(), ch.Query{Body: "TRUNCATE TABLE " + target.Name()}); err != nil {
			t.Fatal(err)
		}
		b := target.NewBatch(e)
		fill := func(b *Batch, rows []modelRow) {
			for i := range rows {
				m := rows[i].message(relation)
				if added, err := b.Append(&m); !added || err != nil {
					t.Fatalf("added %v, error %v", added, err)
				}
			}
		}
		if len(there) > 0 {
			fill(b, there)
			if err := b.Insert(e.t.Context(), ""); err != nil {
				t.Fatal(err)
			}
		}
		b.Reset()
		fill(b, rows)
		left, err := b.DropPresent(e.t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := target.NewBatch(e)
		fill(want, missing(rows, there, newer))
		if left != want.Rows() || fmt.Sprintf("%x", walked(b)) != fmt.Sprintf("%x", walked(want)) {
			t.Fatalf("%d rows are left, want %d:\n%x\nwant\n%x", left, want.Rows(), walked(b), walked(want))
		}
	})
}

// walked gives the batch's cells, row by row.
func walked(b *Batch) [][]byte {
	rows := make([][]byte, b.Rows())
	for _, c := range b.columns {
		cells := c.cells()
		for i := range rows {
			rows[i] = cells.next(append(rows[i], '|'))
		}
	}
	return rows
}
