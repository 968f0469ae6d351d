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
	got, err := s.Describe(t.Context(), table)
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
	_, err := newSink(t).Describe(t.Context(), "it's not there")
	var missing *NoTableError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "schemas/clickhouse") {
		t.Errorf("error %v, want a NoTableError with a remedy", err)
	}
}

func TestDescribeFindsAMissingWindow(t *testing.T) {
	s := newSink(t)
	table := tableName(t)
	s.exec(t, "CREATE TABLE "+table+" (id UInt64) ENGINE = ReplacingMergeTree ORDER BY id")
	got, err := s.Describe(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Findings) != 1 {
		t.Fatalf("findings %v, want the missing window", got.Findings)
	}
	s.exec(t, got.Findings[0].Remedy)
	if got, err = s.Describe(t.Context(), table); err != nil || len(got.Findings) > 0 {
		t.Errorf("after the remedy: findings %v, error %v", got.Findings, err)
	}
}

func TestDescribeFindsAnotherEngine(t *testing.T) {
	s := newSink(t)
	table := tableName(t)
	s.exec(t, "CREATE TABLE "+table+" (id UInt64) ENGINE = Memory")
	if got, err := s.Describe(t.Context(), table); err != nil || len(got.Findings) != 1 {
		t.Errorf("findings %v, error %v", got, err)
	}
}
