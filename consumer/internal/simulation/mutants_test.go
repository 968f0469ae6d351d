package simulation

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutants are the protocol with one rule taken out of it. Old stands once in the file of consumer/internal/partition, and
// becomes new.
var mutants = []struct{ rule, file, old, new string }{
	{"1: metadata of another topic stops", "worker.go", `case err == nil && s.topic != "" && w.topicID != "" && s.topic != w.topicID:`, `case false:`},
	{"1: blank metadata stops", "worker.go", `case err == nil && committed && metadata == "":`, `case false:`},
	{"2: the token is new each time", "metadata.go", `rand.Read(b[:])`, `rand.Read(b[:0])
	for i := range b {
		b[i] = byte(end >> (8 * i))
	}`},
	{"2: the chain is that of the batch's start", "advance.go", `w.commit(ctx, s.start, in)`, `w.commit(ctx, cursor{s.start.offset, w.at.chain}, in)`},
	{"3: one intent is outstanding", "worker.go", `if redone, err := w.settle(ctx); err != nil || redone {
		return err
	}
	if err := w.advance(ctx, s); err != nil {`, `if err := w.advance(ctx, s); err != nil {`},
	{"4: a commit without an answer is not sent again", "advance.go", `if err := w.claim.Commit(ctx, at.offset, w.metadata(at, in)); err != nil {`, `err := w.claim.Commit(ctx, at.offset, w.metadata(at, in))
	if err != nil {
		err = w.claim.Commit(ctx, at.offset, w.metadata(at, in))
	}
	if err != nil {`},
	{"5: an insert is sent while the lease lasts", "insert.go", `for !w.claim.Held() {`, `for false {`},
	{"5: a renewed lease is looked at again", "insert.go", `for !w.claim.Held() {`, `if !w.claim.Held() {`},
	{"6: what was sent again is looked for", "insert.go", `if err := p.span.batch.Insert(ctx, p.intent.token); err != nil || !doubt {`, `if err := p.span.batch.Insert(ctx, p.intent.token); err == nil || !doubt {`},
	{"6: a token that may be forgotten is not used again", "insert.go", `if !remembered {`, `if false && !remembered {`},
	{"6: a block is sent again whole where there are views", "insert.go", `if !views {`, `if views || !views {`},
	{"6: a new token waits", "pieces.go", `if err := w.quarantine(ctx); err != nil {`, `if err := error(nil); err != nil {`},
	{"6: what is missing is found out before a new token", "pieces.go", `left, err = s.batch.DropPresent(ctx)
			return err`, `left = s.batch.Rows()
			return err`},
	{"7: a batch without rows is a plain commit", "advance.go", `case s.batch.Rows() > 0:`, `case s.batch.Rows() >= 0:`},
	{"7: a block that spans too much is cut", "insert.go", `return &redo{why: "the server refuses some of the rows", refused: err}`, `return err`},
	{"8: a truncate waits", "truncate.go", `if err := w.quarantine(ctx); err != nil {`, `if err := error(nil); err != nil {`},
	{"8: a truncate leaves a floor", "truncate.go", `w.floor = max(w.floor, below)`, ``},
	{"8: a truncate stands alone", "fill.go", ` || s.truncate != nil`, ``},
	{"9: letters are buried before the commit", "advance.go", `if err := w.bury(ctx, s.letters); err != nil {
		return err
	}`, `defer w.bury(ctx, s.letters)`},
	{"9: halves are intents of their own", "pieces.go", `in := newIntent(w.at.offset, k)
	if err := w.commit(ctx, s.start, in); err != nil {
		return nil, err
	}`, `in := newIntent(w.at.offset, k)`},
}

// TestRulesAreNeeded takes one rule after the other out of the worker, and wants some seed to fail for it. A mutant is a
// file of its own that the compiler is given in place of the true one.
func TestRulesAreNeeded(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("it compiles the package for each rule")
	}
	for _, m := range mutants {
		t.Run(m.rule, func(t *testing.T) {
			path, err := filepath.Abs(filepath.Join("..", "partition", m.file))
			if err != nil {
				t.Fatal(err)
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(source), m.old); n != 1 {
				t.Fatalf("%s has the rule's text %d times, want it once: follow the change here\n%s", m.file, n, m.old)
			}
			out, red := mutated(t, path, strings.Replace(string(source), m.old, m.new, 1))
			switch {
			case !red:
				t.Errorf("no seed failed without the rule:\n%s", out)
			case !strings.Contains(out, "what happened is told by"):
				t.Errorf("it did not come to a seed that failed:\n%s", out)
			}
		})
	}
}

// mutated runs the seeds with another text of a file, and reports whether they were red.
func mutated(t *testing.T, path, text string) (out string, red bool) {
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
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-overlay", overlay, "-run", "^TestExactlyOnce$", "-count=1", "-timeout", "5m", ".", "-seeds", "6000")
	b, err := cmd.CombinedOutput()
	return string(b), err != nil
}
