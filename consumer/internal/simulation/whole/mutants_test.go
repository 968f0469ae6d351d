package whole

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutants are parts of the consumer with one promise broken. Old stands once in the file of consumer/internal, and becomes
// new. The worker's own rules are taken out in package simulation.
var mutants = []struct{ promise, file, old, new string }{
	{
		"a member reads the metadata of what was committed", "group/offsets.go",
		`return o.CommittedOffset, o.Metadata, o.Error`, `return o.CommittedOffset, "", o.Error`,
	},
	{
		"a refused commit is none", "group/claim.go",
		`return c.lost(fmt.Errorf("%w: %w", ErrFenced, err))`, `return nil`,
	},
	{
		"a commit without an answer is none", "group/claim.go",
		`return c.lost(fmt.Errorf("%w: %w", ErrUncertain, g.client.Explain(err)))`, `return nil`,
	},
	{
		"what is missing is all that a batch keeps", "batch/present.go",
		`binary.LittleEndian.Uint64(p.versions[i*8:]) >= p.found[number]`, `true`,
	},
	{
		"a batch keeps what is missing", "batch/present.go",
		`binary.LittleEndian.Uint64(p.versions[i*8:]) >= p.found[number]`, `false`,
	},
	{
		"a reader goes back where it is told to", "fetch/reader.go",
		`r.offset = offset`, `r.offset = offset + 1`,
	},
}

// TestPromisesAreNeeded breaks one promise after the other, and wants some seed to fail for it.
func TestPromisesAreNeeded(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the consumer for each promise")
	}
	for _, m := range mutants {
		t.Run(m.promise, func(t *testing.T) {
			path, err := filepath.Abs(filepath.Join("..", "..", filepath.FromSlash(m.file)))
			if err != nil {
				t.Fatal(err)
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(source), m.old); n != 1 {
				t.Fatalf("%s has the text %d times, want it once: follow the change here\n%s", m.file, n, m.old)
			}
			dir := t.TempDir()
			mutant, overlay := filepath.Join(dir, filepath.Base(path)), filepath.Join(dir, "overlay.json")
			replaced, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutant}})
			if err != nil {
				t.Fatal(err)
			}
			for name, content := range map[string][]byte{mutant: []byte(strings.Replace(string(source), m.old, m.new, 1)), overlay: replaced} {
				if err := os.WriteFile(name, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			out, err := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-overlay", overlay, "-run", "^TestExactlyOnce$", "-count=1", "-timeout", "5m", ".", "-seeds", "60").CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("no seed failed:\n%s", out)
			case !strings.Contains(string(out), "what happened is told by"):
				t.Errorf("it did not come to a seed that failed: %v\n%s", err, out)
			}
		})
	}
}
