package compose

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestLinterKnowsEverySibling checks that .golangci.yml has an import rule for each package beside app.
func TestLinterKnowsEverySibling(t *testing.T) {
	var linter struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]struct {
						Files []string `yaml:"files"`
					} `yaml:"rules"`
				} `yaml:"depguard"`
			} `yaml:"settings"`
		} `yaml:"linters"`
	}
	readYAML(t, filepath.Join(root, ".golangci.yml"), &linter)
	for _, side := range []string{"producer", "consumer"} {
		siblings, err := os.ReadDir(filepath.Join(root, side, "internal"))
		if err != nil {
			t.Fatal(err)
		}
		for _, sibling := range siblings {
			rule := linter.Linters.Settings.Depguard.Rules[side+"-"+sibling.Name()]
			files := "**/" + side + "/internal/" + sibling.Name() + "/**"
			if sibling.Name() != "app" && !slices.Contains(rule.Files, files) {
				t.Errorf(".golangci.yml: depguard has no rule %s-%s for %s", side, sibling.Name(), files)
			}
		}
	}
}
