package gate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"eventsync/pkg/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const flag = "event_sync_worker_for_click_house"

// definition is a flag file whose flag is on or off.
func definition(variant string) string {
	return fmt.Sprintf(`{"flags": {%q: {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": %q}}}`, flag, variant)
}

// flagFile is the path of a file that a test writes.
type flagFile struct {
	t    *testing.T
	path string
}

func newFlagFile(t *testing.T) flagFile {
	return flagFile{t, filepath.Join(t.TempDir(), "flags.flagd.json")}
}

func (f flagFile) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f flagFile) write(text string) {
	f.t.Helper()
	f.must(os.WriteFile(f.path, []byte(text), 0o600))
}

func (f flagFile) open() *Gate {
	f.t.Helper()
	g, err := Open(f.t.Context(), config.Gate{Flag: flag, Provider: "file", File: f.path}, zaptest.NewLogger(f.t))
	f.must(err)
	f.t.Cleanup(func() { f.must(g.Close()) })
	return g
}

// await waits until the verdict is as wanted.
func await(t *testing.T, g *Gate, what string, is func(Verdict) bool) Verdict {
	t.Helper()
	ctx, ticker := t.Context(), time.NewTicker(5*time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(10 * time.Second)
	for {
		if v := g.Verdict(); is(v) {
			return v
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		case <-deadline:
			t.Fatalf("the verdict is %+v, want %s", g.Verdict(), what)
		}
	}
}

func open(v Verdict) bool   { return v.Pass && v.Known && v.Err == nil }
func closed(v Verdict) bool { return !v.Pass && v.Known && v.Err == nil }

// failing is a verdict with an error that says so, and that has not changed otherwise.
func failing(pass, known bool, text string) func(Verdict) bool {
	return func(v Verdict) bool {
		return v.Pass == pass && v.Known == known && v.Err != nil && strings.Contains(v.Err.Error(), text)
	}
}

func TestOnAndOff(t *testing.T) {
	f := newFlagFile(t)
	f.write(definition("off"))
	g := f.open()
	first := g.Verdict()
	if !closed(first) || first.Generation != 1 {
		t.Fatalf("the first verdict is %+v, want it closed", first)
	}
	f.write(definition("on"))
	v := await(t, g, "it open", open)
	if v.Generation <= first.Generation || v.Reason != "STATIC on" {
		t.Errorf("verdict %+v, want a later generation than %d and its reason", v, first.Generation)
	}
	f.write(definition("off"))
	await(t, g, "it closed", closed)
}

func TestChangedWakesWhoWaits(t *testing.T) {
	f := newFlagFile(t)
	f.write(definition("off"))
	g := f.open()
	changed := g.Changed()
	if !closed(g.Verdict()) {
		t.Fatal("not closed")
	}
	f.write(definition("on"))
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody woke the worker")
	}
	if v := g.Verdict(); !open(v) {
		t.Errorf("woken to %+v, want it open", v)
	}
}

func TestFileIsMissingAtFirst(t *testing.T) {
	f := newFlagFile(t)
	g := f.open()
	if v := g.Verdict(); !failing(false, false, f.path)(v) {
		t.Fatalf("verdict %+v, want nothing known and the path", v)
	}
	f.write(definition("on"))
	await(t, g, "it open", open)
}

func TestFileIsDeletedAndPutBack(t *testing.T) {
	f := newFlagFile(t)
	f.write(definition("on"))
	g := f.open()
	f.must(os.Remove(f.path))
	await(t, g, "it open as before, with an error", failing(true, true, "no such file"))
	f.write(definition("on"))
	await(t, g, "it open again", open)
	f.must(os.Remove(f.path))
	await(t, g, "an error", failing(true, true, "no such file"))
	f.write(definition("off"))
	await(t, g, "it closed", closed)
}

func TestFileIsRenamedOver(t *testing.T) {
	f := newFlagFile(t)
	f.write(definition("off"))
	g := f.open()
	for _, variant := range []string{"on", "off", "on"} {
		other := f.path + ".new"
		f.must(os.WriteFile(other, []byte(definition(variant)), 0o600))
		f.must(os.Rename(other, f.path))
		await(t, g, variant, map[string]func(Verdict) bool{"on": open, "off": closed}[variant])
	}
}

// A ConfigMap is mounted as a link to a link to a directory, and the middle one is swapped.
func TestLinkIsSwapped(t *testing.T) {
	f := newFlagFile(t)
	dir := filepath.Dir(f.path)
	for _, variant := range []string{"off", "on"} {
		f.must(os.Mkdir(filepath.Join(dir, variant), 0o700))
		f.must(os.WriteFile(filepath.Join(dir, variant, "flags"), []byte(definition(variant)), 0o600))
	}
	data := filepath.Join(dir, "data")
	f.must(os.Symlink("off", data))
	f.must(os.Symlink(filepath.Join("data", "flags"), f.path))
	g := f.open()
	if !closed(g.Verdict()) {
		t.Fatalf("verdict %+v, want it closed", g.Verdict())
	}
	f.must(os.Symlink("on", data+".new"))
	f.must(os.Rename(data+".new", data))
	await(t, g, "it open", open)
}

func TestMalformedAndMended(t *testing.T) {
	f := newFlagFile(t)
	f.write(definition("on"))
	g := f.open()
	for _, text := range []string{"", "{", `{"flags": `, `{"flags": {"f": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "none"}}}`} {
		f.write(text)
		await(t, g, "it open as before, with an error", failing(true, true, "malformed"))
		f.write(definition("on"))
		await(t, g, "it open", open)
	}
}

func TestDirectoryInItsPlace(t *testing.T) {
	f := newFlagFile(t)
	f.write(definition("on"))
	g := f.open()
	f.must(os.Remove(f.path))
	f.must(os.Mkdir(f.path, 0o700))
	await(t, g, "it open as before, with an error", failing(true, true, "not a regular file"))
	f.must(os.Remove(f.path))
	f.write(definition("off"))
	await(t, g, "it closed", closed)
}

// What OpenFeature would answer with a default is no verdict.
func TestNoVerdict(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown flag":       {strings.ReplaceAll(definition("off"), flag, "another"), "FLAG_NOT_FOUND"},
		"wrong type":         {strings.ReplaceAll(strings.ReplaceAll(definition("off"), "true", `"yes"`), "false", `"no"`), "TYPE_MISMATCH"},
		"disabled":           {strings.ReplaceAll(definition("off"), "ENABLED", "DISABLED"), "DISABLED"},
		"no default variant": {strings.ReplaceAll(definition("off"), `, "defaultVariant": "off"`, ""), "defaultVariant"},
		"rule without sense": {strings.ReplaceAll(definition("off"), `"defaultVariant": "off"`, `"defaultVariant": "off", "targeting": {"if": [true, "maybe"]}`), "GENERAL"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFlagFile(t)
			f.write(c.text)
			g := f.open()
			if v := g.Verdict(); !failing(false, false, c.want)(v) {
				t.Errorf("at first: %+v, want nothing known and %s", v, c.want)
			}
			f.write(definition("on"))
			await(t, g, "it open", open)
			f.write(c.text)
			await(t, g, "it open as before, with an error", failing(true, true, c.want))
		})
	}
}

// A percentage of random targeting keys is a percentage of ticks.
func TestEachTickIsDrawnAnew(t *testing.T) {
	f := newFlagFile(t)
	half := strings.ReplaceAll(definition("off"), `"defaultVariant": "off"`,
		`"defaultVariant": "off", "targeting": {"if": [{"==": [{"var": "scope"}, "worker"]}, {"fractional": [["on", 50], ["off", 50]]}, null]}`)
	f.write(half)
	g := f.open()
	g.stop()
	<-g.done // from here on the ticks are ours
	on := 0
	const ticks = 400
	for range ticks {
		g.judge(t.Context(), false, nil)
		if g.Verdict().Pass {
			on++
		}
	}
	if on < ticks/4 || on > ticks*3/4 {
		t.Errorf("%d of %d ticks are on, want about half", on, ticks)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, cfg := range map[string]config.Gate{
		"no flag":          {Provider: "file", File: "f"},
		"no file":          {Flag: "f", Provider: "file"},
		"unknown provider": {Flag: "f", Provider: "crystal ball"},
	} {
		if _, err := Open(t.Context(), cfg, zaptest.NewLogger(t)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkVerdict(b *testing.B) {
	g := &Gate{}
	g.verdict.Store(&Verdict{Pass: true})
	for b.Loop() {
		if !g.Verdict().Pass {
			b.Fatal("closed")
		}
	}
}
