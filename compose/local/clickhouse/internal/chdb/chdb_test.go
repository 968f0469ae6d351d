package chdb_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"eventsync/compose/local/clickhouse"
	"eventsync/compose/local/clickhouse/internal/chdb"
)

// open boots an engine in the test's process, of which there can be one: so there is one test.
func open(t *testing.T) (*chdb.Library, string) {
	t.Helper()
	path, err := clickhouse.Fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	library, err := chdb.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "metadata"), 0o750); err != nil {
		t.Fatal(err)
	}
	return library, dir
}

func TestEngine(t *testing.T) {
	library, dir := open(t)
	conn, err := library.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)

	t.Run("faults in Go still panic", func(t *testing.T) {
		for range 3 {
			if fault := dereference(nil); fault == nil {
				t.Error("no panic")
			}
			runtime.GC() // whose signals must find Go's handlers, too
		}
	})
	t.Run("Query", func(t *testing.T) {
		var got string
		err := conn.Query("SELECT 'a', 1 + 1", "TSV", func(c chdb.Chunk) error {
			got = string(c.Data)
			return nil
		})
		if err != nil || got != "a\t2\n" {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("Stream", func(t *testing.T) {
		parts, size := 0, 0
		var read uint64
		err := conn.Stream("SELECT number FROM numbers(1000000)", "RowBinary", func(c chdb.Chunk) error {
			if len(c.Data) > 0 {
				parts++
			}
			size += len(c.Data)
			read += c.ReadRows
			return nil
		})
		if err != nil || parts < 2 || size != 8_000_000 {
			t.Errorf("%d bytes in %d parts, %d rows read, %v", size, parts, read, err)
		}
	})
	t.Run("exceptions", func(t *testing.T) {
		nothing := func(chdb.Chunk) error { return nil }
		for _, run := range []func(string, string, func(chdb.Chunk) error) error{conn.Query, conn.Stream} {
			err := run("SELECT * FROM nosuch", "TSV", nothing)
			if exception, ok := errors.AsType[chdb.EngineError](err); !ok || !strings.HasPrefix(exception.Error(), "Code: 60. ") {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("an error of the callback ends a stream", func(t *testing.T) {
		enough := errors.New("enough")
		err := conn.Stream("SELECT number FROM numbers(1000000000000)", "RowBinary", func(chdb.Chunk) error { return enough })
		if !errors.Is(err, enough) {
			t.Errorf("got %v", err)
		}
		if err := conn.Query("SELECT 1", "Null", func(chdb.Chunk) error { return nil }); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
	t.Run("Close", func(t *testing.T) {
		other, err := library.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		other.Close()
		other.Close()
		if err := other.Query("SELECT 1", "Null", nil); !errors.Is(err, chdb.ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}

// dereference gives what a nil dereference panics with.
func dereference(p *int) (fault any) {
	defer func() { fault = recover() }()
	*p = 1
	return nil
}

func TestLoadRefuses(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.so")
	if err := os.WriteFile(text, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, filepath.Join(t.TempDir(), "none.so")} {
		if _, err := chdb.Load(path); err == nil || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("got %v", err)
		}
	}
}
