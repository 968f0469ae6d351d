package postgres_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/process/processtest"
)

func TestOrdinaryUserRunsItsOwn(t *testing.T) {
	needsRoot(t)
	dir := nobodysDir(t)
	helper := processtest.Start(t, nobody, "query", dir)
	if said, want := helper.Rest(), "it answers\nit answers\nstopped\n"; said != want {
		t.Errorf("it said %q, not %q", said, want)
	}
	owned(t, filepath.Join(dir, "data"), nobody.Uid)
}

func TestServerOfAnOrdinaryUserDiesWithKilledParent(t *testing.T) {
	needsRoot(t)
	dir := nobodysDir(t)
	diesWithKilledParent(t, nobody, dir) // and root takes the directory over
}

// nobodysDir is a directory of the user nobody.
func nobodysDir(t *testing.T) string {
	t.Helper()
	dir := processtest.OpenDir(t)
	if err := os.Chown(dir, int(nobody.Uid), int(nobody.Gid)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRootsServerIsAnotherUsers(t *testing.T) {
	needsRoot(t)
	dir := t.TempDir()
	start(t, postgres.Config{Dir: dir})
	info, err := os.Stat(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid == 0 {
		t.Error("the data belongs to root")
	}
}

func TestClosedParentIsSaid(t *testing.T) {
	needsRoot(t)
	closed := filepath.Join(processtest.OpenDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", filepath.Join(closed, "elsewhere"))
	if err := os.Mkdir(os.TempDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := postgres.Start(t.Context(), postgres.Config{Dir: filepath.Join(closed, "pg")})
	wantError(t, err, "chmod o+x "+closed)
	info, err := os.Stat(closed)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("a directory that is not ours was opened: %v", info.Mode())
	}
}

func TestDirOfAnotherUserIsSaid(t *testing.T) {
	needsRoot(t)
	dir := processtest.OpenDir(t)
	s := start(t, postgres.Config{Dir: dir})
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil { // so that the data is what it fails on
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "lock")); err != nil {
		t.Fatal(err)
	}
	helper := processtest.Start(t, nobody, "refused", dir)
	if said := helper.Rest(); !strings.Contains(said, "another user") {
		t.Errorf("it said %q", said)
	}
}

func owned(t *testing.T, path string, uid uint32) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid != uid {
		t.Errorf("%s belongs to %d", path, st.Uid)
	}
}
