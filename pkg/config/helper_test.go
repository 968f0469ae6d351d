package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func replaceOnce(t *testing.T, text []byte, from, to string) []byte {
	t.Helper()
	if bytes.Count(text, []byte(from)) != 1 {
		t.Fatalf("%q is not once in the text", from)
	}
	return bytes.Replace(text, []byte(from), []byte(to), 1)
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("error\n%s\nwant\n%s", got, want)
	}
}

// wantLines compares with the lines of want, each of which lacks only the file's name.
func wantLines(t *testing.T, err error, want string) {
	t.Helper()
	wantError(t, err, strings.TrimPrefix(strings.ReplaceAll(want, "\n", "\nc.yaml:"), "\n"))
}
