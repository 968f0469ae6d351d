package gateway

import (
	"fmt"
	"os"
	"testing"
)

func TestSpools(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for name, open := range map[string]func() (spool, error){"usual": newSpool, "file": newFileSpool} {
		t.Run(name, func(t *testing.T) {
			s, err := open()
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{"a", "b"} {
				if _, err := s.Write([]byte(part)); err != nil {
					t.Fatal(err)
				}
			}
			path := s.Path()
			for range 2 { // whoever opens it reads from its start
				if got, err := os.ReadFile(path); err != nil || string(got) != "ab" {
					t.Errorf("%q, %v", got, err)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(path); name == "file" && !os.IsNotExist(err) {
				t.Errorf("it is still there: %v", err)
			}
		})
	}
}

func TestExceptionNames(t *testing.T) {
	e := toException(exception(16, "No such column %s", "x"))
	if e.Code != 16 || e.Message != "DB::Exception: No such column x. (NO_SUCH_COLUMN_IN_TABLE)" {
		t.Errorf("got %+v", e)
	}
	if e := toException(fmt.Errorf("read: %w", os.ErrDeadlineExceeded)); e.Code != 209 { // what passes must not look final
		t.Errorf("got %+v", e)
	}
	e = toException(errKilled)
	if e.Code != 394 || e.Message != "DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)" {
		t.Errorf("got %+v", e)
	}
}
