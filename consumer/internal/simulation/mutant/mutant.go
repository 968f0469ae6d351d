// Package mutant takes a rule out of the product and wants a test to fail for it. A mutant is another text of a file, which
// the compiler is given in place of the true one, so that the product has no switches for its tests.
package mutant

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Mutant is the product less one rule: Old, which stands once in the file below consumer/internal, becomes New.
type Mutant = struct{ Rule, File, Old, New string }

// Test is what has to fail.
type Test struct {
	Package string // below consumer/internal
	Name    string
	Args    []string // of the test's program
	Says    string   // part of what it says when it fails, and not when it could not be run
}

// Kill runs the test without each rule, and reports those that it does not miss. It is called in a package two folders
// below consumer/internal, or one.
func (want Test) Kill(t *testing.T, mutants []Mutant) {
	t.Helper()
	if testing.Short() || raceDetector {
		t.Skip("it compiles the product for each rule")
	}
	root := internal(t)
	for _, m := range mutants {
		t.Run(m.Rule, func(t *testing.T) {
			path := filepath.Join(root, filepath.FromSlash(m.File))
			source, err := os.ReadFile(path) //nolint:gosec // G304: the mutants are ours
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(source), m.Old); n != 1 {
				t.Fatalf("%s has the rule's text %d times, want it once: follow the change here\n%s", m.File, n, m.Old)
			}
			out, err := want.run(t, path, strings.Replace(string(source), m.Old, m.New, 1))
			switch {
			case err == nil:
				t.Errorf("the test passes without the rule:\n%s", out)
			case !strings.Contains(out, want.Says):
				t.Errorf("it did not come to the test: %v\n%s", err, out)
			}
		})
	}
}

// internal is the folder consumer/internal.
func internal(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for filepath.Base(dir) != "internal" {
		if dir == filepath.Dir(dir) {
			t.Fatal("not called below consumer/internal")
		}
		dir = filepath.Dir(dir)
	}
	return dir
}

// run runs the test with another text of a file.
func (want Test) run(t *testing.T, path, text string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	mutant, overlay := filepath.Join(dir, filepath.Base(path)), filepath.Join(dir, "overlay.json")
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutant}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{mutant: []byte(text), overlay: replaced} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"test", "-vet=off", "-overlay", overlay, "-run", "^" + want.Name + "$", "-count=1", "-timeout", "5m", "eventsync/consumer/internal/" + want.Package}
	out, err := exec.CommandContext(t.Context(), "go", append(args, want.Args...)...).CombinedOutput() //nolint:gosec // G204: the mutants are ours
	return string(out), err
}
