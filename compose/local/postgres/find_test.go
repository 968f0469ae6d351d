package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// fakeInstallation makes programs that say they are of the version.
func fakeInstallation(t *testing.T, version string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho '" + version + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestNewestVersionWins(t *testing.T) {
	dirs := []string{
		filepath.Join(t.TempDir(), "not there"),
		t.TempDir(),
		fakeInstallation(t, "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
		fakeInstallation(t, "postgres (PostgreSQL) 17.5"),
		fakeInstallation(t, "postgres (PostgreSQL) 17.10"),
		fakeInstallation(t, "postgres (PostgreSQL) 13.21"),
		fakeInstallation(t, "something else"),
		fakeInstallation(t, "postgres (PostgreSQL) 9.6.24"),
	}
	for _, c := range []struct{ ask, major, minor int }{{0, 17, 10}, {15, 15, 18}, {17, 17, 10}} {
		got, err := find(t.Context(), dirs, c.ask)
		if err != nil || got.major != c.major || got.minor != c.minor {
			t.Errorf("of version %d it found %+v (%v)", c.ask, got, err)
		}
	}
	if got, err := find(t.Context(), dirs, 13); !errors.Is(err, errNotInstalled) {
		t.Errorf("it found %+v, which is too old (%v)", got, err)
	}
	beta := append(dirs, fakeInstallation(t, "postgres (PostgreSQL) 19beta1"))
	if got, err := find(t.Context(), beta, 0); err != nil || got.major != 19 {
		t.Errorf("it found %+v (%v)", got, err)
	}
}

func TestMissingPostgresIsFetched(t *testing.T) {
	if os.Getenv("EVENTSYNC_TEST_DOWNLOADS") == "" {
		t.Skip("it downloads 13 MB: set EVENTSYNC_TEST_DOWNLOADS=1")
	}
	cache := t.TempDir()
	t.Setenv("EVENTSYNC_CACHE", cache)
	as, err := serverOwner()
	if err != nil {
		t.Fatal(err)
	}
	i, err := embedded(t.Context(), as)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), Config{Dir: t.TempDir(), BinDir: i.bin})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
