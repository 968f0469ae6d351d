package app

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"eventsync/consumer/internal/gate"
	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/partition"
	"eventsync/pkg/config"
)

// docs/metrics.md lists what is told, with its labels and its help, and nothing else. The strict registry compares what is
// collected with what is described.
func TestMetricsAreDocumented(t *testing.T) {
	cfg := config.Default()
	cfg.Tables = []config.Table{{Source: "public.a"}}
	claims := newClaims()
	claims.claim(t.Context(), &group.Claim{Topic: "cdc.public.a", Offset: 7}, "public.a").marked()
	s := &seen{
		cfg: &cfg, tables: tables(&cfg), claims: claims, cursors: newCursors(nil, zap.NewNop()), lookout: &lookout{}, inserts: newDistributions(),
		verdict: func() gate.Verdict { return gate.Verdict{} },
	}
	s.inserts.measure(noBatch{}, "public.a")
	registry := prometheus.NewPedanticRegistry()
	s.register(registry)
	if _, err := registry.Gather(); err != nil {
		t.Fatal(err)
	}
	described := make(chan *prometheus.Desc, 100)
	for _, c := range []prometheus.Collector{s.inserts.seconds, s.inserts.rows, s.inserts.bytes} {
		c.Describe(described)
	}
	close(described)
	all := descriptions()
	for d := range described {
		all = append(all, d)
	}
	var told []string
	pattern := regexp.MustCompile(`fqName: "([^"]+)", help: "([^"]+)".*variableLabels: \{(.*)\}\}$`)
	for _, d := range all {
		m := pattern.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("%s is not understood", d)
		}
		told = append(told, "| `"+m[1]+"` | "+strings.ReplaceAll(m[3], ",", ", ")+" | "+m[2]+" |")
	}
	slices.Sort(told)
	text, err := os.ReadFile("../../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := regexp.MustCompile("(?m)^\\| `eventsync_consumer_.*$").FindAllString(string(text), -1)
	slices.Sort(documented)
	if !slices.Equal(told, documented) {
		t.Errorf("docs/metrics.md should have these lines, and no others:\n%s", strings.Join(told, "\n"))
	}
}

type noBatch struct{ partition.Batch }
