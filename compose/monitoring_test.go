package compose

import (
	"encoding/json"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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

// told are the metrics that the programs tell, as docs/metrics.md lists them; their own tests compare that with what they do.
func told(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(eventsync_[a-z_]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		names[m[1]] = true
	}
	return names
}

// metricName is one of ours or of a process's in an expression; parts are what a distribution's series end with.
var (
	metricName = regexp.MustCompile(`\b(eventsync|process|go)_[a-z_]+\b`)
	parts      = regexp.MustCompile(`_(sum|count|bucket)$`)
)

// unknownMetrics are those in an expression that nobody tells.
func unknownMetrics(told map[string]bool, expression string) []string {
	var unknown []string
	for _, name := range metricName.FindAllString(expression, -1) {
		if strings.HasPrefix(name, "eventsync_") && !told[name] && !told[parts.ReplaceAllString(name, "")] {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

func TestUnknownMetricsAreFound(t *testing.T) {
	told := map[string]bool{"eventsync_a_seconds": true, "eventsync_b_total": true}
	for expression, want := range map[string]string{
		"rate(eventsync_b_total[1m]) / eventsync_a_seconds_count": "",
		"eventsync_a_seconds > eventsync_c":                       "eventsync_c",
		"eventsync_b":                                             "eventsync_b",
		`max(eventsync_a{phase="eventsync_a"}) + go_goroutines`:   "eventsync_a eventsync_a",
	} {
		if got := strings.Join(unknownMetrics(told, expression), " "); got != want {
			t.Errorf("%s: unknown are %q, want %q", expression, got, want)
		}
	}
}

// TestAlerts checks that each alert is about what is told, waits before it fires, and has its section in the runbook.
func TestAlerts(t *testing.T) {
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	readYAML(t, "alerts.yml", &file)
	runbook, err := os.ReadFile(filepath.Join(root, "docs", "runbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(runbook), "\n## ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = body
	}
	metrics := told(t)
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if unknown := unknownMetrics(metrics, rule.Expr); len(unknown) > 0 {
				t.Errorf("%s asks for %v, which nobody tells", rule.Alert, unknown)
			}
			if wait, err := time.ParseDuration(rule.For); err != nil || wait <= 0 {
				t.Errorf("%s fires for: %q", rule.Alert, rule.For)
			}
			if s := rule.Labels["severity"]; s != "warning" && s != "critical" {
				t.Errorf("%s has the severity %q", rule.Alert, s)
			}
			if rule.Annotations["summary"] == "" || rule.Annotations["runbook_url"] != "docs/runbook.md#"+strings.ToLower(rule.Alert) {
				t.Errorf("%s is annotated with %v", rule.Alert, rule.Annotations)
			}
			for _, part := range []string{"**It means**", "**Look at**", "**Do**"} {
				if !strings.Contains(sections[rule.Alert], part) {
					t.Errorf("the runbook's section %s lacks %s", rule.Alert, part)
				}
			}
			delete(sections, rule.Alert)
		}
	}
	for left := range sections {
		t.Errorf("the runbook has a section %s, and there is no such alert", left)
	}
	if !strings.Contains(uncommented(t, "prometheus.yml"), "rule_files: [alerts.yml]") {
		t.Error("Prometheus does not read the alerts")
	}
}

// TestDashboards checks that each panel asks for what is told, and that no metric is left that nobody sees.
func TestDashboards(t *testing.T) {
	files, err := filepath.Glob("grafana/provisioning/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dashboards: %v", err)
	}
	metrics := told(t)
	shown := ""
	for _, file := range files {
		var dashboard struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &dashboard); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, panel := range dashboard.Panels {
			if len(panel.Targets) == 0 {
				t.Errorf("%s: the panel %q asks for nothing", file, panel.Title)
			}
			for _, target := range panel.Targets {
				shown += target.Expr + "\n"
				if unknown := unknownMetrics(metrics, target.Expr); len(unknown) > 0 {
					t.Errorf("%s: the panel %q asks for %v, which nobody tells", file, panel.Title, unknown)
				}
			}
		}
	}
	details := []string{"snapshot_rows", "snapshot_chunks", "snapshot_chunks_done", "newest_commit_timestamp_seconds", "slot_active", "wal_status"}
	for name := range metrics {
		if !strings.Contains(shown, name) && !slices.Contains(details, strings.TrimPrefix(name, "eventsync_producer_")) {
			t.Errorf("no dashboard shows %s", name)
		}
	}
}

// TestProgramsAreScraped checks that both programs listen where Prometheus asks.
func TestProgramsAreScraped(t *testing.T) {
	var cfg struct {
		Producer, Consumer struct{ Listen string }
	}
	readYAML(t, "config.yaml", &cfg)
	for listen, services := range map[string][]string{cfg.Producer.Listen: {"producer"}, cfg.Consumer.Listen: {"consumer-1", "consumer-2"}} {
		_, port, err := net.SplitHostPort(listen)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(uncommented(t, "Dockerfile"), "EXPOSE "+port) {
			t.Errorf("Dockerfile lacks EXPOSE %s", port)
		}
		for _, service := range services {
			if !strings.Contains(uncommented(t, "prometheus.yml"), service+":"+port) {
				t.Errorf("prometheus.yml lacks %s:%s", service, port)
			}
			published := loadStack(t).Services[service].Ports
			if len(published) != 1 || strconv.Itoa(int(published[0].Target)) != port {
				t.Errorf("%s publishes %v, not %s", service, published, port)
			}
		}
	}
}
