package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// oldest is the oldest major version that is used: the first one whose walsenders can decode in binary.
const oldest = 14

// installation is one version of the server's programs.
type installation struct {
	bin          string
	major, minor int
}

func (i installation) newer(than installation) bool {
	return i.major > than.major || i.major == than.major && i.minor > than.minor
}

// errNotInstalled means that the search went well and found nothing.
var errNotInstalled = errors.New("PostgreSQL 14 or later is not installed")

// find returns the newest of the installations, of the given major version if that is not 0.
func find(ctx context.Context, dirs []string, major int) (installation, error) {
	var best installation
	for _, dir := range dirs {
		i, err := inspect(ctx, dir)
		if err != nil {
			continue // not one: no reason not to use another
		}
		if i.major >= oldest && (major == 0 || i.major == major) && i.newer(best) {
			best = i
		}
	}
	if best.bin == "" {
		return best, errNotInstalled
	}
	return best, nil
}

// candidates are the directories where PostgreSQL may be: what PATH and pg_config name, and where Debian, Red Hat and
// Homebrew put versions beside each other.
func candidates(ctx context.Context) []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// PATH often has links to the server alone; its other programs are beside what they point to.
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(resolved))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
	} {
		found, _ := filepath.Glob(pattern) // fails on a bad pattern only
		dirs = append(dirs, found...)
	}
	return dirs
}

// versionLine is what `postgres --version` prints: "postgres (PostgreSQL) 15.18 (Debian ...)", or "... 18beta1".
var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)(?:\.(\d+))?`)

func inspect(ctx context.Context, bin string) (installation, error) {
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		return installation{}, fmt.Errorf("%s is no PostgreSQL server's: %w", bin, err)
	}

	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return installation{}, fmt.Errorf("ask %s for its version: %w", filepath.Join(bin, "postgres"), err)
	}
	m := versionLine.FindStringSubmatch(string(out))
	if m == nil {
		return installation{}, fmt.Errorf("%s --version printed %q, no version", filepath.Join(bin, "postgres"), out)
	}
	major, _ := strconv.Atoi(m[1]) // digits only
	minor, _ := strconv.Atoi(m[2]) // empty in a beta: 0 is right
	return installation{bin: bin, major: major, minor: minor}, nil
}

// dataVersion is the major version that made the data directory, 0 if there is none yet.
func dataVersion(data string) (int, error) {
	b, err := fs.ReadFile(os.DirFS(data), "PG_VERSION")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the data directory's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("%s/PG_VERSION holds %q, no version: the directory is damaged; remove it to start afresh", data, b)
	}
	return major, nil
}
