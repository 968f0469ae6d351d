package compose

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestToolsHaveOneVersion compares the versions of tools that are run by go run module@version.
func TestToolsHaveOneVersion(t *testing.T) {
	versions := map[string]string{}
	for _, path := range []string{"Taskfile.yml", ".ci/run", "README.md"} {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Error(err)
		}
		for _, match := range regexp.MustCompile(`([a-z]+\.[a-z]+/[\w./-]+)@(v[\w.-]+)`).FindAllStringSubmatch(string(text), -1) {
			if before, ok := versions[match[1]]; ok && before != match[2] {
				t.Errorf("%s: %s is run at %s and at %s", path, match[1], match[2], before)
			}
			versions[match[1]] = match[2]
		}
	}
	if len(versions) < 3 {
		t.Errorf("only %v have a version", versions)
	}
}

// TestTasksNameWhatExists checks the repository's paths in the tasks' commands.
func TestTasksNameWhatExists(t *testing.T) {
	paths := regexp.MustCompile(`\s\./([\w/]+)`).FindAllStringSubmatch(uncommented(t, filepath.Join(root, "Taskfile.yml")), -1)
	if len(paths) == 0 {
		t.Error("no task names a path")
	}
	for _, path := range paths {
		if _, err := os.Stat(filepath.Join(root, path[1])); err != nil {
			t.Error(err)
		}
	}
}
