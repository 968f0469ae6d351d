package compose

import (
	"fmt"
	"slices"
	"strings"
)

// owners are the packages that may use a client library. Tests and the local stack may use any of them, to look at the
// other end.
var owners = map[string][]string{
	"github.com/jackc/pglogrepl":          {"producer/internal/replication", "producer/internal/source"},
	"github.com/jackc/pgx":                {"producer/internal/replication", "producer/internal/snapshot", "producer/internal/lookup", "producer/internal/source"},
	"github.com/segmentio/kafka-go":       {"producer/internal/publish", "consumer/internal/group", "consumer/internal/fetch", "pkg/kafkaclient"},
	"github.com/ClickHouse/ch-go":         {"consumer/internal/batch", "consumer/internal/sink"},
	"github.com/open-feature":             {"consumer/internal/gate"},
	"github.com/goccy/go-yaml":            {"pkg/config"},
	"github.com/prometheus":               {"pkg/telemetry", "producer/internal/app", "consumer/internal/app"},
	"github.com/twmb/franz-go":            nil,
	"github.com/ClickHouse/clickhouse-go": nil,
}

// violations are the imports of a package that the house forbids, in words.
func violations(of goPackage) []string {
	var all []string
	from := strings.TrimPrefix(of.ImportPath, "eventsync/")
	for _, imported := range of.Imports {
		all = append(all, violation(from, imported, false)...)
	}
	for _, imported := range slices.Concat(of.TestImports, of.XTestImports) {
		all = append(all, violation(from, imported, true)...)
	}
	return all
}

func violation(from, imported string, inTest bool) []string {
	to, own := strings.CutPrefix(imported, "eventsync/")
	why := ""
	switch {
	case !own && (inTest || within(from, "compose")):
	case !own:
		why = foreign(from, imported)
	case within(to, "compose"):
		if !inTest && !within(from, "compose") {
			why = "only tests and compose itself start the local stack"
		}
	case within(to, "pkg") || within(to, "schemas"):
		if within(from, "schemas") {
			why = "schemas depend on nothing of ours"
		}
	case within(from, "pkg") || within(from, "schemas"):
		why = "pkg is what both sides share, and knows neither"
	case within(from, "compose"):
		why = "compose runs the real binaries"
	default:
		why = betweenSiblings(from, to)
	}
	if why == "" {
		return nil
	}
	return []string{fmt.Sprintf("%s imports %s: %s", from, imported, why)}
}

// foreign judges an import of another module's package.
func foreign(from, imported string) string {
	for library, packages := range owners {
		if within(imported, library) && !slices.ContainsFunc(packages, func(owner string) bool { return within(from, owner) }) {
			return fmt.Sprintf("the client library belongs to %q", packages)
		}
	}
	return ""
}

// betweenSiblings judges an import of the producer's or the consumer's packages.
func betweenSiblings(from, to string) string {
	fromSide, fromPart := sideAndPart(from)
	toSide, toPart := sideAndPart(to)
	switch {
	case fromSide != toSide:
		return "producer and consumer know each other by their messages only"
	case fromPart == toPart:
		return ""
	case fromPart == "main" && toPart != "app":
		return "main only starts app"
	case toPart == "app" && fromPart != "main":
		return "app is main's"
	case fromPart == "simulation": // which puts siblings together, in tests alone
		return ""
	case fromPart == "main" || fromPart == "app" || fromSide == "producer" && toPart == "source":
		return ""
	}
	return "siblings never import each other: the side that uses something declares it as an interface"
}

// sideAndPart splits producer/internal/publish/round into producer and publish; the part of the command is main.
func sideAndPart(path string) (side, part string) {
	side, rest, _ := strings.Cut(path, "/internal/")
	part, _, _ = strings.Cut(rest, "/")
	if part == "" {
		part = "main"
	}
	return side, part
}

// within says whether path is the folder or in it.
func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }
