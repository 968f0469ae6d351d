package compose

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// configInContainer is where the programs' containers find the config file.
const configInContainer = "/etc/eventsync/compose/config.yaml"

// programs are the services built from this repository.
func programs(t *testing.T) []types.ServiceConfig {
	t.Helper()
	var own []types.ServiceConfig
	for _, service := range loadStack(t).Services {
		if service.Build != nil {
			own = append(own, service)
		}
	}
	if len(own) != 3 {
		t.Fatalf("%d services are built here, want the producer and two consumers", len(own))
	}
	return own
}

// TestServicesSetWhatTheConfigReads compares the services' environments with the variables in config.yaml.
func TestServicesSetWhatTheConfigReads(t *testing.T) {
	read := map[string]bool{} // whether it may be missing
	for _, match := range regexp.MustCompile(`\$\{([^}:]+)(:-[^}]*)?\}`).FindAllStringSubmatch(uncommented(t, "config.yaml"), -1) {
		read[match[1]] = match[2] != ""
	}
	set := map[string]bool{}
	for _, service := range programs(t) {
		for name, optional := range read {
			if _, ok := service.Environment[name]; !ok && !optional {
				t.Errorf("%s does not set %s, which config.yaml reads", service.Name, name)
			}
		}
		for name := range service.Environment {
			set[name] = true
			if _, ok := read[name]; !ok {
				t.Errorf("%s sets %s, which config.yaml does not read", service.Name, name)
			}
		}
	}
	for name := range read {
		if !set[name] {
			t.Errorf("no service sets %s, which config.yaml reads", name)
		}
	}
}

// TestProgramsTakeTheirCommands builds both programs and runs them as the services do: the command exists, and the
// config file, laid out as in the container and with the service's environment, passes the program's own check.
func TestProgramsTakeTheirCommands(t *testing.T) {
	bin := t.TempDir()
	run(t, nil, "go", "build", "-o", bin+string(filepath.Separator), "eventsync/producer", "eventsync/consumer")
	for _, service := range programs(t) {
		t.Run(service.Name, func(t *testing.T) {
			root := t.TempDir()
			for _, volume := range service.Volumes {
				target := filepath.Join(root, volume.Target)
				if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(volume.Source, target); err != nil {
					t.Fatal(err)
				}
			}
			environment := []string{"HOME=" + root}
			for name, value := range service.Environment {
				environment = append(environment, name+"="+*value)
			}
			program := filepath.Join(bin, service.Build.Target)
			if len(service.Command) != 3 || service.Command[1] != "--config" || service.Command[2] != configInContainer {
				t.Fatalf("command %q is not one with --config %s", service.Command, configInContainer)
			}
			run(t, environment, program, service.Command[0], "--config", configInContainer, "--help")
			run(t, environment, program, "check", "--offline", "--config", filepath.Join(root, configInContainer))
		})
	}
}

func run(t *testing.T, environment []string, name string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Env = environment
	var output, complaint strings.Builder
	command.Stdout, command.Stderr = &output, &complaint
	if err := command.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(arguments, " "), err, complaint.String())
	}
	return output.String()
}
