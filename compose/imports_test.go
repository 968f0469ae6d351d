package compose

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// goPackage is what go list says of one package.
type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// TestImportRules keeps the house: who may import whom, and which package owns which client library.
func TestImportRules(t *testing.T) {
	packages := listPackages(t)
	for _, package_ := range packages {
		for _, broken := range violations(package_) {
			t.Error(broken)
		}
	}
	for _, want := range []string{"eventsync/producer", "eventsync/consumer", "eventsync/pkg/config", "eventsync/compose/local"} {
		if !slices.ContainsFunc(packages, func(p goPackage) bool { return p.ImportPath == want }) {
			t.Errorf("go list shows no package %s: the rules were not applied to it", want)
		}
	}
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(run(t, nil, "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "eventsync/...")))
	var all []goPackage
	for {
		var one goPackage
		switch err := decoder.Decode(&one); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

// TestImportRulesFindViolations breaks each rule once.
func TestImportRulesFindViolations(t *testing.T) {
	for _, test := range []struct {
		from, to string
		allowed  bool
	}{
		{"eventsync/pkg/codec", "eventsync/pkg/change", true},
		{"eventsync/pkg/codec", "eventsync/schemas/change/v1", true},
		{"eventsync/pkg/codec", "eventsync/producer/internal/app", false},
		{"eventsync/pkg/codec", "eventsync/consumer/internal/batch", false},
		{"eventsync/pkg/codec", "eventsync/compose/local/postgres", false},
		{"eventsync/schemas/change/v1", "eventsync/pkg/change", false},
		{"eventsync/producer", "eventsync/producer/internal/app", true},
		{"eventsync/producer", "eventsync/pkg/program", true},
		{"eventsync/producer", "eventsync/producer/internal/publish", false},
		{"eventsync/producer", "eventsync/consumer/internal/app", false},
		{"eventsync/producer/internal/app", "eventsync/producer/internal/publish", true},
		{"eventsync/producer/internal/publish", "eventsync/producer/internal/app", false},
		{"eventsync/producer/internal/publish", "eventsync/producer/internal/snapshot", false},
		{"eventsync/producer/internal/publish", "eventsync/producer/internal/publish/round", true},
		{"eventsync/producer/internal/snapshot", "eventsync/producer/internal/source", true},
		{"eventsync/producer/internal/snapshot", "eventsync/producer/internal/source/pgvalue", true},
		{"eventsync/producer/internal/source", "eventsync/producer/internal/snapshot", false},
		{"eventsync/consumer/internal/app", "eventsync/consumer/internal/sink", true},
		{"eventsync/consumer/internal/partition", "eventsync/consumer/internal/sink", false},
		{"eventsync/consumer/internal/partition", "eventsync/producer/internal/source", false},
		{"eventsync/consumer/internal/simulation/whole", "eventsync/consumer/internal/group", true},
		{"eventsync/consumer/internal/simulation", "eventsync/consumer/internal/app", false},
		{"eventsync/consumer/internal/deadletter", "eventsync/consumer/internal/partition", false},
		{"eventsync/consumer/internal/deadletter", "eventsync/pkg/letter", true},
		{"eventsync/consumer/internal/deadletter", "github.com/segmentio/kafka-go", false},
		{"eventsync/consumer/internal/sink", "eventsync/compose/local/clickhouse", false},
		{"eventsync/compose/bench", "eventsync/compose/local/stack", true},
		{"eventsync/compose/local/stack", "eventsync/compose/local/postgres", true},
		{"eventsync/producer/internal/replication", "github.com/jackc/pglogrepl", true},
		{"eventsync/producer/internal/snapshot", "github.com/jackc/pgx/v5", true},
		{"eventsync/producer/internal/app", "github.com/jackc/pgx/v5", false},
		{"eventsync/pkg/kafkaclient", "github.com/segmentio/kafka-go", true},
		{"eventsync/consumer/internal/partition", "github.com/segmentio/kafka-go", false},
		{"eventsync/consumer/internal/batch", "github.com/ClickHouse/ch-go/proto", true},
		{"eventsync/consumer/internal/partition", "github.com/ClickHouse/ch-go", false},
		{"eventsync/consumer/internal/gate", "github.com/open-feature/go-sdk/openfeature", true},
		{"eventsync/consumer/internal/app", "github.com/open-feature/go-sdk/openfeature", false},
		{"eventsync/pkg/telemetry", "github.com/prometheus/client_golang/prometheus/promhttp", true},
		{"eventsync/producer/internal/app", "github.com/prometheus/client_golang/prometheus", true},
		{"eventsync/producer/internal/publish", "github.com/prometheus/client_golang/prometheus", false},
		{"eventsync/compose/local/workload", "github.com/jackc/pgx/v5", true},
	} {
		found := violations(goPackage{ImportPath: test.from, Imports: []string{test.to}})
		if (len(found) == 0) != test.allowed {
			t.Errorf("%s imports %s: violations %q", test.from, test.to, found)
		}
	}
	inTest := goPackage{ImportPath: "eventsync/consumer/internal/sink", TestImports: []string{
		"eventsync/compose/local/clickhouse", "github.com/jackc/pgx/v5",
	}, XTestImports: []string{"eventsync/consumer/internal/batch"}}
	if found := violations(inTest); len(found) != 1 || !strings.Contains(found[0], "internal/batch") {
		t.Errorf("a test may import the local stack and a client, and no sibling: violations %q", found)
	}
}

// TestTopLevel keeps the repository's top level to what the house has.
func TestTopLevel(t *testing.T) {
	allowed := strings.Fields("producer consumer pkg schemas compose go.mod go.sum Taskfile.yml README.md LICENSE docs")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(allowed, name) && !ignoredByGit(t, name) {
			t.Errorf("%s does not belong on the top level", name)
		}
	}
	for _, name := range allowed {
		if _, err := os.Stat(root + "/" + name); err != nil {
			t.Errorf("the top level lacks %s", name)
		}
	}
}

// ignoredByGit says whether .gitignore names the entry: what builds leave there is nobody's mistake.
func ignoredByGit(t *testing.T, name string) bool {
	t.Helper()
	for line := range strings.Lines(uncommented(t, root+"/.gitignore")) {
		if strings.Trim(line, "/\n") == name {
			return true
		}
	}
	return false
}
