package compose

import (
	"go/version"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = ".."

// TestDockerfileCopiesWhatItBuilds checks that the paths are in the repository and in the build's context, and that the
// programs import nothing outside them.
func TestDockerfileCopiesWhatItBuilds(t *testing.T) {
	ignored := uncommented(t, filepath.Join(root, ".dockerignore"))
	var copied []string
	for _, match := range regexp.MustCompile(`(?m)^COPY (.+) \S+$`).FindAllStringSubmatch(uncommented(t, "Dockerfile"), -1) {
		if !strings.HasPrefix(match[1], "--from") {
			copied = append(copied, strings.Fields(match[1])...)
		}
	}
	for _, path := range copied {
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Errorf("Dockerfile copies what is not there: %v", err)
		}
		if !strings.Contains(ignored, "\n!"+path+"\n") {
			t.Errorf(".dockerignore keeps %s out", path)
		}
	}
	imports := run(t, nil, "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "eventsync/producer", "eventsync/consumer")
	for path := range strings.FieldsSeq(imports) {
		inside, own := strings.CutPrefix(path, "eventsync/")
		folder, _, _ := strings.Cut(inside, "/")
		if own && !slices.Contains(copied, folder) {
			t.Errorf("Dockerfile does not copy %s, which %s is part of", folder, path)
		}
	}
}

func TestDockerfileStages(t *testing.T) {
	text := uncommented(t, "Dockerfile")
	for _, service := range programs(t) {
		target := service.Build.Target
		stage := regexp.MustCompile(`(?s)FROM gcr\.io/distroless/static-debian\d+:nonroot AS ` + target + `\n(.*?)(\n\n|$)`).FindStringSubmatch(text)
		if stage == nil {
			t.Fatalf("%s: no distroless stage %s", service.Name, target)
		}
		for _, line := range []string{
			"COPY --from=build /out/" + target + " /usr/local/bin/" + target, "USER 65532:65532", `ENTRYPOINT ["/usr/local/bin/` + target + `"]`,
		} {
			if !strings.Contains(stage[1], line) {
				t.Errorf("stage %s lacks %s", target, line)
			}
		}
		if dockerfile := filepath.Join(service.Build.Context, service.Build.Dockerfile); !sameFile(t, dockerfile, "Dockerfile") {
			t.Errorf("%s is built from %s", service.Name, dockerfile)
		}
	}
}

func TestDockerfileGoBuildsTheModule(t *testing.T) {
	want := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(uncommented(t, filepath.Join(root, "go.mod")))
	got := regexp.MustCompile(`(?m)^ARG GO_VERSION=(\S+)$`).FindStringSubmatch(uncommented(t, "Dockerfile"))
	if want == nil || got == nil || version.Compare("go"+got[1], "go"+want[1]) < 0 {
		t.Errorf("Dockerfile's Go %q is older than go.mod's %q", got, want)
	}
}

func sameFile(t *testing.T, a, b string) bool {
	t.Helper()
	first, err := os.Stat(a)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.Stat(b)
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(first, second)
}
