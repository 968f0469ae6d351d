package kafka

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"eventsync/compose/local/process/cachedir"
)

// program makes a program of that name that prints a line.
func program(t *testing.T, dir, name, line string) {
	t.Helper()
	script := "#!/bin/sh\necho '" + line + "' >&2\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestAvailable(t *testing.T) {
	for name, c := range map[string]struct {
		java, maven, fetched bool
		version              string
		want                 string
	}{
		"all":              {java: true, version: "17.0.15", maven: true},
		"fetched already":  {java: true, version: "21", fetched: true},
		"no java":          {maven: true, want: "install a JDK"},
		"old java":         {java: true, version: "11.0.2", maven: true, want: "too old"},
		"very old java":    {java: true, version: "1.8.0_402", maven: true, want: "too old"},
		"java of a kind":   {java: true, version: "x", maven: true, want: "no version"},
		"no maven":         {java: true, version: "17.0.15", want: "install it (apt install maven"},
		"nothing but jars": {fetched: true, want: "install a JDK"},
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			t.Setenv("PATH", path)
			t.Setenv("JAVA_HOME", "")
			t.Setenv(cachedir.Env, t.TempDir())
			if c.java {
				program(t, path, "java", `openjdk version "`+c.version+`" 2025-04-15`)
			}
			if c.maven {
				program(t, path, "mvn", "")
			}
			if c.fetched {
				dir, err := cacheDir()
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			err := Available()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("it says %v, not %q", err, c.want)
			}
		})
	}
}

func TestJavaHomeWins(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	program(t, filepath.Join(home, "bin"), "java", `openjdk version "25"`)
	t.Setenv("JAVA_HOME", home)
	if got, err := java(t.Context()); err != nil || got != filepath.Join(home, "bin", "java") {
		t.Errorf("it is %s (%v)", got, err)
	}
}

func TestFailedFetchSaysWhyAndLeavesNothing(t *testing.T) {
	path := t.TempDir()
	if err := os.WriteFile(filepath.Join(path, "mvn"), []byte("#!/bin/sh\necho the network is down; exit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", path)
	cache := t.TempDir()
	t.Setenv(cachedir.Env, cache)
	if _, err := jars(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "the network is down") {
		t.Errorf("the error is %v", err)
	}
	if dir, err := cacheDir(); err != nil {
		t.Error(err)
	} else if _, err := os.Stat(dir); err == nil {
		t.Error("a cache that was not filled is there")
	}
}

func TestVersionIsThatOfThePom(t *testing.T) {
	version, err := Version()
	if err != nil || !strings.HasPrefix(version, "4.") {
		t.Errorf("it is %q (%v)", version, err)
	}
}
