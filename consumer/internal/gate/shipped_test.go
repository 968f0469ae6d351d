package gate

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"eventsync/pkg/config"
)

const flagsDir = "../../../schemas/flags/"

// The flag that the project ships is off, by flagd's schema and without a warning, as its definition says.
func TestShippedFlag(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	cfg := config.Default().Gate
	cfg.File = flagsDir + "flags.flagd.json"
	g, err := Open(t.Context(), cfg, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	if v := g.Verdict(); !closed(v) {
		t.Errorf("verdict %+v, want it off", v)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	for _, l := range logs.All() {
		t.Errorf("%s %v", l.Message, l.ContextMap())
	}

	text, err := os.ReadFile(flagsDir + cfg.Flag + ".yml")
	if err != nil {
		t.Fatal(err)
	}
	var definition struct {
		Name           string `yaml:"name"`
		DefaultEnabled bool   `yaml:"default_enabled"`
	}
	if err := yaml.Unmarshal(text, &definition); err != nil || definition.Name != cfg.Flag || definition.DefaultEnabled {
		t.Errorf("definition %+v, error %v", definition, err)
	}
}

// What flagd warns of when it takes a definition is passed on once; what it says at each evaluation is not.
func TestFlagdsWarnings(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	f := newFlagFile(t)
	noState := strings.Replace(definition("on"), "ENABLED", "ON", 1)
	f.write(strings.Replace(noState, `"defaultVariant"`, `"targeting": {"if": [true, "maybe"]}, "defaultVariant"`, 1))
	g, err := Open(t.Context(), config.Gate{Flag: flag, Provider: "file", File: f.path}, zap.New(core))
	f.must(err)
	for range 3 {
		if _, err := g.evaluate(t.Context(), "k", workerScope); err == nil {
			t.Fatal("no error, although the rule gives a variant that there is not")
		}
	}
	f.must(g.Close())
	flagd := logs.Filter(func(l observer.LoggedEntry) bool { return l.LoggerName == "flagd" })
	if flagd.Len() != 1 || flagd.FilterMessageSnippet("schema").Len() != 1 {
		t.Errorf("flagd's messages are %v, want the one about the schema", flagd.All())
	}
}
