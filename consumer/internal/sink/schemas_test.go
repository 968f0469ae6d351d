package sink

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The tables that the project ships can be created, twice as well, and are fit to be inserted into.
func TestShippedTables(t *testing.T) {
	s := newSink(t)
	files, err := filepath.Glob("../../../schemas/clickhouse/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files, error %v", err)
	}
	for _, file := range files {
		statement, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s.exec(t, string(statement))
		s.exec(t, string(statement))
		table, err := s.shard().Describe(t.Context(), strings.TrimSuffix(filepath.Base(file), ".sql"))
		if err != nil || len(table.Findings) > 0 || len(table.Columns) == 0 {
			t.Errorf("%s: %+v, error %v", file, table, err)
		}
	}
}
