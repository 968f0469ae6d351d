package compose

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// withoutHealthCheck are the services whose images hold no shell or client to check with; compose.yaml says more.
var withoutHealthCheck = map[string]bool{"producer": true, "consumer-1": true, "consumer-2": true, "flagd": true}

// loadStack reads compose.yaml as Docker does, with an empty environment and every profile.
func loadStack(t *testing.T) *types.Project {
	t.Helper()
	directory, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  directory,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(directory, "compose.yaml")}},
		Environment: types.Mapping{},
	}, loader.WithProfiles([]string{"*"}))
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestStackHoldsEveryPart(t *testing.T) {
	project := loadStack(t)
	for _, name := range []string{
		"postgres", "kafka", "clickhouse", "producer", "consumer-1", "consumer-2", "flagd", "prometheus", "grafana",
	} {
		if _, ok := project.Services[name]; !ok {
			t.Errorf("no service %s", name)
		}
	}
}

func TestImagesArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z0-9./-]+:v?[0-9]+\.[0-9]+(\.[0-9]+)*$`)
	for name, service := range loadStack(t).Services {
		if service.Build == nil && !pinned.MatchString(service.Image) {
			t.Errorf("%s: image %q is not pinned to a version", name, service.Image)
		}
	}
}

func TestDependenciesCanBecomeHealthy(t *testing.T) {
	project := loadStack(t)
	for name, service := range project.Services {
		checked := service.HealthCheck != nil && len(service.HealthCheck.Test) > 0
		if checked == withoutHealthCheck[name] {
			t.Errorf("%s: health check %v", name, checked)
		}
		for on, dependency := range service.DependsOn {
			if dependency.Condition != types.ServiceConditionHealthy || withoutHealthCheck[on] {
				t.Errorf("%s depends on %s by %q, which is no health check that can pass", name, on, dependency.Condition)
			}
		}
	}
}

func TestMountedFilesExist(t *testing.T) {
	mounts := 0
	for name, service := range loadStack(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			mounts++
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s mounts what the repository lacks: %v", name, err)
			}
			if !volume.ReadOnly {
				t.Errorf("%s may write to %s", name, volume.Source)
			}
		}
	}
	if mounts == 0 {
		t.Error("no service mounts a file of the repository")
	}
}

func TestPortsAreOnLoopback(t *testing.T) {
	for name, service := range loadStack(t).Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
			}
		}
	}
}

// TestEnvironmentIsDocumented compares the variables of compose.yaml, each with its default, with .env.example.
func TestEnvironmentIsDocumented(t *testing.T) {
	used := map[string]string{}
	for _, match := range regexp.MustCompile(`\$\{([^}:]+)(:-)?([^}]*)\}`).FindAllStringSubmatch(uncommented(t, "compose.yaml"), -1) {
		if match[2] == "" {
			t.Errorf("%s has no default", match[1])
		}
		if before, twice := used[match[1]]; twice && before != match[3] {
			t.Errorf("%s has two defaults, %q and %q", match[1], before, match[3])
		}
		used[match[1]] = match[3]
	}
	documented := map[string]string{}
	for _, match := range regexp.MustCompile(`(?m)^([A-Z0-9_]+)=(.*)$`).FindAllStringSubmatch(uncommented(t, ".env.example"), -1) {
		documented[match[1]] = match[2]
	}
	for name, value := range used {
		if got, ok := documented[name]; !ok || got != value {
			t.Errorf("%s is %q in compose.yaml and %q in .env.example", name, value, got)
		}
	}
	for name := range documented {
		if _, ok := used[name]; !ok {
			t.Errorf("%s is in .env.example only", name)
		}
	}
}

var comment = regexp.MustCompile(`(?m)(^|\s)#.*$`)

func uncommented(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return comment.ReplaceAllString(string(text), "")
}
