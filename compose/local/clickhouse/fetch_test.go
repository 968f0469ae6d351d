package clickhouse

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// registry is an npm that gives one archive, and notes how often it was asked.
type registry struct{ dir string }

// newRegistry puts one first on the PATH, whose npm does what script says; the archive is $DIR/archive.tgz, and the
// folder that it is to be put in is $DEST.
func newRegistry(t *testing.T, script string) registry {
	t.Helper()
	r := registry{t.TempDir()}
	npm := "#!/bin/sh\nset -e\nDIR='" + r.dir + "'\necho \"$@\" >> \"$DIR/asked\"\nDEST=$4\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(r.dir, "npm"), []byte(npm), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", r.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv(engineEnv, "")
	return r
}

const gives = `cp "$DIR/archive.tgz" "$DEST/some-name-1.0.0.tgz"`

// publish gives the package that pins an archive with one file in it.
func (r registry) publish(t *testing.T, name, content string) enginePackage {
	t.Helper()
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	files := tar.NewWriter(zipped)
	for name, content := range map[string]string{"package/package.json": "{}", name: content} {
		if err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), zipped.Close(), os.WriteFile(filepath.Join(r.dir, "archive.tgz"), archive.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512(archive.Bytes())
	return enginePackage{
		name: "@some/name", version: "1.0.0", file: "libchdb.so", size: int64(len(content)),
		integrity: "sha512-" + base64.StdEncoding.EncodeToString(sum[:]),
	}
}

func (r registry) asked(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, "asked"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

func TestFetchOnceForAll(t *testing.T) {
	r := newRegistry(t, gives)
	p := r.publish(t, "package/libchdb.so", "the engine")
	cache := filepath.Join(t.TempDir(), "not", "there yet")
	var group errgroup.Group
	for range 5 {
		group.Go(func() error {
			path, err := p.fetch(t.Context(), cache)
			if err != nil {
				return err
			}
			got, err := os.ReadFile(path)
			if err == nil && string(got) != "the engine" {
				err = errors.New("other content: " + string(got))
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if asked := r.asked(t); len(asked) != 1 || !strings.HasPrefix(asked[0], "pack @some/name@1.0.0 --pack-destination ") {
		t.Errorf("npm was asked %q", asked)
	}
}

func TestFetchAfterAKilledOne(t *testing.T) {
	r := newRegistry(t, gives)
	p := r.publish(t, "package/libchdb.so", "the engine")
	cache := t.TempDir()
	path, err := p.fetch(t.Context(), cache)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	dead := filepath.Join(dir+".partial", "package-dead")
	if err := errors.Join(os.WriteFile(path, []byte("the eng"), 0o600), os.MkdirAll(dead, 0o700)); err != nil {
		t.Fatal(err)
	}
	if again, err := p.fetch(t.Context(), cache); err != nil || again != path || !p.isIn(dir) {
		t.Errorf("%s, %v", again, err)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "libchdb", "*")); len(left) != 2 { // the engine's directory and its lock
		t.Errorf("%q are left", left)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("%q are with the engine", left)
	}
}

func TestFetchFailures(t *testing.T) {
	for _, test := range []struct {
		name, script, file, want string
		change                   func(*enginePackage)
	}{
		{"npm fails", "echo no network >&2; exit 1", "package/libchdb.so", "no network; check that npm reaches its registry", nil},
		{"npm gives nothing", "true", "package/libchdb.so", "0 archives", nil},
		{"another archive", gives, "package/libchdb.so", "checksum", func(p *enginePackage) { p.integrity = "sha512-other" }},
		{"no engine in it", gives, "package/other.so", "no package/libchdb.so", nil},
		{"a shorter engine", gives, "package/libchdb.so", "of 99 bytes", func(p *enginePackage) { p.size = 99 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newRegistry(t, test.script).publish(t, test.file, "the engine")
			if test.change != nil {
				test.change(&p)
			}
			cache := t.TempDir()
			path, err := p.fetch(t.Context(), cache)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, %v; want %q", path, err, test.want)
			}
			if left, _ := filepath.Glob(filepath.Join(cache, "*", "*")); len(left) != 1 { // the lock
				t.Errorf("%q are left", left)
			}
		})
	}
}

func TestFetchWithoutNpm(t *testing.T) {
	p := newRegistry(t, gives).publish(t, "package/libchdb.so", "the engine")
	t.Setenv("PATH", t.TempDir())
	if _, err := p.fetch(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "install Node.js") {
		t.Errorf("got %v", err)
	}
}

func TestFetchEndsWithItsContext(t *testing.T) {
	p := newRegistry(t, "exec sleep 1000").publish(t, "package/libchdb.so", "the engine")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.fetch(ctx, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestFetchTakesAGivenEngine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "libchdb.so")
	t.Setenv(engineEnv, file)
	if _, err := Fetch(t.Context()); err == nil || !strings.Contains(err.Error(), engineEnv) {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if path, err := Fetch(t.Context()); err != nil || path != file {
		t.Errorf("%s, %v", path, err)
	}
}

func TestEveryPlatformHasAnAnswer(t *testing.T) {
	if _, err := enginePackageFor("plan9/mips"); err == nil || !strings.Contains(err.Error(), engineEnv) {
		t.Errorf("got %v", err)
	}
	for platform, p := range enginePackages {
		if raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.integrity, "sha512-")); err != nil || len(raw) != sha512.Size {
			t.Errorf("%s: %s is no sha512, %v", platform, p.integrity, err)
		}
		if p.name == "" || p.version == "" || p.file == "" || p.size == 0 {
			t.Errorf("%s: %+v", platform, p)
		}
	}
}
