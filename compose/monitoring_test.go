package compose

import (
	"net"
	"net/url"
	"os"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestMonitoringAsksServices checks that what Prometheus scrapes and where Grafana asks are services of the stack.
func TestMonitoringAsksServices(t *testing.T) {
	var prometheus struct {
		ScrapeConfigs []struct {
			JobName       string `yaml:"job_name"`
			StaticConfigs []struct {
				Targets []string `yaml:"targets"`
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	readYAML(t, "prometheus.yml", &prometheus)
	var grafana struct {
		Datasources []struct {
			URL string `yaml:"url"`
		} `yaml:"datasources"`
	}
	readYAML(t, "grafana/provisioning/datasources/prometheus.yaml", &grafana)

	var asked []string
	for _, job := range prometheus.ScrapeConfigs {
		for _, group := range job.StaticConfigs {
			asked = append(asked, group.Targets...)
		}
	}
	for _, source := range grafana.Datasources {
		parsed, err := url.Parse(source.URL)
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, parsed.Host)
	}
	services := loadStack(t).Services
	if len(asked) < 3 {
		t.Errorf("only %v are asked", asked)
	}
	for _, address := range asked {
		host, _, err := net.SplitHostPort(address)
		if _, ok := services[host]; err != nil || !ok && host != "localhost" {
			t.Errorf("%s is no service", address)
		}
	}
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
