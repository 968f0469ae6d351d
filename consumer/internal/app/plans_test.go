package app

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"eventsync/compose/local/clickhouse/clickhousetest"
	"eventsync/consumer/internal/batch"
	"eventsync/consumer/internal/migrate"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/config"
)

// newServer is a ClickHouse with a database of the test's own.
func newServer(t *testing.T) (*sink.Server, string) {
	t.Helper()
	db := clickhousetest.New(t)
	cfg := config.Default().ClickHouse
	cfg.Addresses, cfg.Database = []string{db.Addr}, db.Name
	s, err := sink.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.Servers()[0], db.Name
}

// types are one of each, and numerics of all sorts.
func types() (columns []change.Column) {
	for kind := change.TypeBool; kind <= change.TypeOther; kind++ {
		columns = append(columns, change.Column{Name: fmt.Sprintf("c%d", kind), Type: kind, SourceType: "a type"})
	}
	for i, d := range []struct {
		precision uint32
		scale     int32
	}{{1, 0}, {12, 2}, {38, 38}, {76, 10}, {77, 2}, {5, -2}, {3, 5}} {
		columns = append(columns, change.Column{Name: fmt.Sprintf("d%d", i), Type: change.TypeDecimal, SourceType: "numeric", Precision: d.precision, Scale: d.scale})
	}
	return columns
}

// run carries a plan out on a server, twice, and gives what is left to do.
func run(t *testing.T, server *sink.Server, target migrate.Target, r *change.Relation) *migrate.Plan {
	t.Helper()
	plan := func() *migrate.Plan {
		there, err := definition(t.Context(), server, target.TargetName())
		if err != nil {
			t.Fatal(err)
		}
		return migrate.New(target, r, there)
	}
	p := plan()
	for range 2 {
		for _, sql := range p.Statements() {
			if err := server.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	return plan()
}

// A plan's statements can be run again, by the real engine, and leave nothing to do: for a table that is missing, and
// for one of less columns, smaller types, no index and no window.
func TestPlansLeaveNothingToDo(t *testing.T) {
	server, database := newServer(t)
	key := change.Column{Name: "id`, it's", Type: change.TypeInt32, SourceType: "integer", Key: true}
	for _, c := range []struct {
		name       string
		appendOnly bool
		keys       []change.Column
		before     string
	}{
		{name: "versioned", keys: []change.Column{key}},
		{name: "long_key", keys: []change.Column{{Name: "b", Type: change.TypeText, Key: true}, key, {Name: "a", Type: change.TypeUUID, Key: true}}},
		{name: "append_only", appendOnly: true, keys: []change.Column{key}},
		{name: "keyless", appendOnly: true},
		{name: "bare", keys: []change.Column{{Name: "id", Type: change.TypeInt64, Key: true}}, before: "(id Int64, c2 Int8, c3 Nullable(Int16), c4 LowCardinality(Int32), c6 Float32, d1 Decimal(9, 2), _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id"},
		{name: "log", appendOnly: true, keys: []change.Column{{Name: "id", Type: change.TypeInt64, Key: true}}, before: "(id Int64) ENGINE = MergeTree ORDER BY tuple()"},
	} {
		if c.before != "" {
			for _, sql := range []string{"SET allow_suspicious_low_cardinality_types = 1", "CREATE TABLE " + c.name + c.before + " SETTINGS non_replicated_deduplication_window = 0"} {
				if err := server.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			if err := server.Exec(t.Context(), "INSERT INTO "+c.name+" (id) SELECT number FROM numbers(10)"); err != nil {
				t.Fatal(err)
			}
		}
		target := migrate.Target{Table: config.Table{Source: "public." + c.name, AppendOnly: c.appendOnly}, Database: database}
		r := &change.Relation{Schema: "public", Table: c.name, Columns: append(c.keys, types()...)}
		if left := run(t, server, target, r); len(left.Steps)+len(left.Problems) > 0 {
			t.Errorf("%s: left to do: %+v", c.name, left)
		}
	}
}

// Which types meet is told alike before the first row, by the policies, and by what fills the columns.
func TestPoliciesKnowWhatBatchesTake(t *testing.T) {
	targets := []string{
		"Bool", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "Decimal(9, 2)", "Decimal(76, 10)",
		"String", "FixedString(3)", "Enum8('a' = 1)", "UUID", "Date", "Date32", "DateTime", "DateTime64(6, 'UTC')", "DateTime64(3)", "Array(Int8)",
	}
	for _, c := range types() {
		r := &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{c}}
		for _, typ := range targets {
			b, err := batch.NewTarget("db", "t", []batch.TargetColumn{{Name: c.Name, Type: typ}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.NewBatch(nil).Append(&codec.Message{Change: change.Change{Relation: r, Op: change.Insert, Values: []change.Value{change.NullValue()}}})
			var refused *batch.RefusedError
			foreign := errors.As(err, &refused)
			there := &migrate.Table{Columns: []migrate.Column{{Name: c.Name, Type: typ}}}
			stop := migrate.Admit(migrate.Target{Table: config.Table{Source: "public.t"}}, r, there).Stop
			if foreign && stop == nil {
				t.Errorf("type %d (%d, %d) in %s: a batch refuses it, and the policies let it in: %v", c.Type, c.Precision, c.Scale, typ, err)
			}
		}
	}
}

// A sync_cursors of an earlier release gets the columns that it lacks.
func TestCursorsPlan(t *testing.T) {
	server, _ := newServer(t)
	for _, before := range []string{"", "CREATE TABLE sync_cursors (table_name String, partition UInt32, recorded_at DateTime64(6, 'UTC')) ENGINE = ReplacingMergeTree(recorded_at) ORDER BY (table_name, partition)"} {
		if before != "" {
			for _, sql := range []string{"DROP TABLE sync_cursors SYNC", before} {
				if err := server.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
		}
		p, err := cursorsPlan(t.Context(), server, true)
		if err != nil || len(p.Statements()) == 0 {
			t.Fatalf("%+v, %v", p, err)
		}
		for range 2 {
			for _, sql := range p.Statements() {
				if err := server.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
		}
		if p, err = cursorsPlan(t.Context(), server, true); err != nil || len(p.Steps) > 0 {
			t.Errorf("left to do: %+v, %v", p, err)
		}
		d, err := server.Definition(t.Context(), cursorsTable)
		if err != nil || len(d.Columns) < 7 || !slices.ContainsFunc(d.Columns, func(c sink.Column) bool { return c.Name == "consumer_group" && c.Type == "LowCardinality(String)" }) {
			t.Errorf("%+v, %v", d, err)
		}
	}
}
