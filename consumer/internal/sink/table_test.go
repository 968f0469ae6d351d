package sink

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	s := newSink(t)
	table := s.newTable(t, "id UInt64, path String DEFAULT '0/', at DateTime64(6, 'UTC'), day Date MATERIALIZED toDate(at)")
	got, err := s.shard().Describe(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	want := []Column{{"id", "UInt64", ""}, {"path", "String", "DEFAULT"}, {"at", "DateTime64(6, 'UTC')", ""}, {"day", "Date", "MATERIALIZED"}}
	if !slices.Equal(got.Columns, want) {
		t.Errorf("columns %v, want %v", got.Columns, want)
	}
	if got.Engine != "MergeTree" || len(got.Findings) > 0 {
		t.Errorf("engine %s, findings %v", got.Engine, got.Findings)
	}
}

func TestDescribeNoTable(t *testing.T) {
	_, err := newSink(t).shard().Describe(t.Context(), "it's not there")
	var missing *NoTableError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "consumer migrate") {
		t.Errorf("error %v, want a NoTableError with a remedy", err)
	}
}

func TestDescribeFindsAMissingWindow(t *testing.T) {
	s := newSink(t)
	table := tableName(t)
	s.exec(t, "CREATE TABLE "+table+" (id UInt64) ENGINE = ReplacingMergeTree ORDER BY id")
	got, err := s.shard().Describe(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) != 1 {
		t.Fatalf("findings %v, want the missing window", got.Findings)
	}
	s.exec(t, got.Findings[0].Remedy)
	if got, err = s.shard().Describe(t.Context(), table); err != nil || len(got.Findings) > 0 {
		t.Errorf("after the remedy: findings %v, error %v", got.Findings, err)
	}
}

func TestDescribeFindsAnotherEngine(t *testing.T) {
	s := newSink(t)
	table := tableName(t)
	s.exec(t, "CREATE TABLE "+table+" (id UInt64) ENGINE = Memory")
	if got, err := s.shard().Describe(t.Context(), table); err != nil || len(got.Findings) != 1 {
		t.Errorf("findings %v, error %v", got, err)
	}
}

// The target of a view needs a window of its own, the target of a view on that too.
func TestDescribeFindsViewsWithoutAWindow(t *testing.T) {
	s := newSink(t)
	table := s.newTable(t, "id UInt64")
	for _, statement := range []string{
		"CREATE TABLE `sum s` (n UInt64) ENGINE = SummingMergeTree ORDER BY tuple()",
		"CREATE MATERIALIZED VIEW a TO `sum s` AS SELECT count() AS n FROM " + table,
		"CREATE MATERIALIZED VIEW b ENGINE = MergeTree ORDER BY tuple() AS SELECT n FROM `sum s`",
		"CREATE TABLE pass (id UInt64) ENGINE = Null",
		"CREATE MATERIALIZED VIEW c TO pass AS SELECT id FROM " + table,
		"CREATE TABLE well (id UInt64) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100",
		"CREATE MATERIALIZED VIEW d TO well AS SELECT id FROM pass",
		"CREATE VIEW e AS SELECT id FROM " + table,
	} {
		s.exec(t, statement)
	}
	got, err := s.shard().Describe(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) != 2 || !strings.Contains(got.Findings[0].Problem, ".a on ") || !strings.Contains(got.Findings[1].Problem, ".b on ") {
		t.Fatalf("findings %v, want those of the views a and b", got.Findings)
	}
	for _, f := range got.Findings {
		s.exec(t, f.Remedy)
	}
	if got, err = s.shard().Describe(t.Context(), table); err != nil || len(got.Findings) > 0 {
		t.Errorf("after the remedies: findings %v, error %v", got.Findings, err)
	}
}
