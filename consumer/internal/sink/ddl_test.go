package sink

import (
	"slices"
	"strings"
	"testing"
)

func TestDefinition(t *testing.T) {
	s := newSink(t)
	server := s.Servers()[0]
	if d, err := server.Definition(t.Context(), "none"); d != nil || err != nil {
		t.Fatalf("of no table: %+v, %v", d, err)
	}
	const statement = "CREATE TABLE t (`a b` Int64, v Nullable(String), day Date DEFAULT today(), _version UInt64, _deleted UInt8, INDEX i _version TYPE minmax GRANULARITY 1) " +
		"ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY (`a b`, intHash64(`a b`)) SETTINGS non_replicated_deduplication_window = 12"
	if err := server.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	d, err := server.Definition(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	columns := []Column{{"a b", "Int64", ""}, {"v", "Nullable(String)", ""}, {"day", "Date", "DEFAULT"}, {"_version", "UInt64", ""}, {"_deleted", "UInt8", ""}}
	if d.Engine != "ReplacingMergeTree" || d.Arguments != "_version, _deleted" || d.SortingKey != "`a b`, intHash64(`a b`)" || d.Window != 12 ||
		!slices.Equal(d.Columns, columns) || !slices.Equal(d.Indexes, []Index{{"i", "minmax", "_version"}}) {
		t.Errorf("%+v", d)
	}
	if err := server.Exec(t.Context(), "CREATE TABLE u (id UInt8) ENGINE = MergeTree ORDER BY tuple()"); err != nil {
		t.Fatal(err)
	}
	if d, err = server.Definition(t.Context(), "u"); err != nil || d.Arguments != "" || d.SortingKey != "" || d.Window != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestEngineArguments(t *testing.T) {
	for full, want := range map[string]string{
		"MergeTree ORDER BY id":                       "",
		"ReplacingMergeTree(_version) ORDER BY f(id)": "_version",
		"ReplicatedReplacingMergeTree('/a/(b)', '{replica}', _version, _deleted) ORDER BY": "_version, _deleted",
		"ReplicatedMergeTree('/it\\'s', '{replica}') ORDER BY id":                          "",
		"Memory": "",
	} {
		if got := engineArguments(full); got != want {
			t.Errorf("%s: %q, want %q", full, got, want)
		}
	}
}

func TestCreateDatabase(t *testing.T) {
	cfg := newConfig(t)
	cfg.Database += "_new"
	s := newSinkOf(t, cfg)
	server := s.Servers()[0]
	for _, want := range []bool{false, true} {
		if got, err := server.HasDatabase(t.Context()); got != want || err != nil {
			t.Fatalf("there: %v, %v; want %v", got, err, want)
		}
		if err := server.CreateDatabase(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.Exec(t.Context(), "CREATE TABLE t (id UInt8) ENGINE = MergeTree ORDER BY id"); err != nil {
		t.Error(err)
	}
	s.exec(t, "DROP DATABASE "+cfg.Database+" SYNC")
}

func TestExecFails(t *testing.T) {
	err := newSink(t).Servers()[0].Exec(t.Context(), "ALTER TABLE none ADD COLUMN a Int8")
	if err == nil || KindOf(err) != Stop || !strings.Contains(err.Error(), "none") {
		t.Errorf("%v", err)
	}
}
