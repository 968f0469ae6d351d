package gateway

import (
	"fmt"
	"maps"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"pgregory.net/rapid"
)

// TestSettingsInForce plays a session's queries against an engine that has settings of the session only: each query must
// find its own settings there, and besides them what SET has set.
func TestSettingsInForce(t *testing.T) {
	names := []string{"a", "b", "c"}
	rapid.Check(t, func(r *rapid.T) {
		s := newSettings("tag")
		engine, session := map[string]string{}, map[string]string{}
		for range rapid.IntRange(1, 20).Draw(r, "queries") {
			q := proto.Query{}
			want := maps.Clone(session)
			for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID[string]).Draw(r, "settings") {
				value := fmt.Sprint(rapid.IntRange(0, 3).Draw(r, "value"))
				q.Settings = append(q.Settings, proto.Setting{Key: name, Value: value})
				want[name] = quoteText(value)
			}
			statement, applied, err := s.forQuery(&q)
			if err != nil {
				r.Fatal(err)
			}
			if statement != "" {
				obey(r, engine, statement)
			}
			if rapid.IntRange(0, 4).Draw(r, "fails") == 0 { // the engine did it, and then said that it did not
				s.failed(applied)
				continue
			}
			s.applied = applied
			if !maps.Equal(engine, want) {
				r.Fatalf("in force: %v, want %v", engine, want)
			}
			if rapid.IntRange(0, 3).Draw(r, "SET") == 0 {
				name := rapid.SampledFrom(names).Draw(r, "name")
				engine[name], session[name] = "9", "9"
				s.set([]assignment{{name, "9"}})
			}
		}
	})
}

// obey does what a SET statement says.
func obey(r *rapid.T, engine map[string]string, statement string) {
	parsed, err := parseStatement(statement)
	if err != nil {
		r.Fatal(err)
	}
	for _, a := range parsed.sets {
		if a.value == "DEFAULT" {
			delete(engine, a.name)
		} else {
			engine[a.name] = a.value
		}
	}
}

func TestSettingsRefused(t *testing.T) {
	s := newSettings("tag")
	for name, q := range map[string]proto.Query{
		"name":      {Settings: []proto.Setting{{Key: "a = 1, b", Value: "1"}}},
		"custom":    {Settings: []proto.Setting{{Key: "a", Value: "1, b = 2", Custom: true}}},
		"parameter": {Parameters: []proto.Parameter{{Key: "a", Value: "'1', max_threads = 5"}}},
	} {
		if statement, _, err := s.forQuery(&q); err == nil {
			t.Errorf("%s: %s", name, statement)
		}
	}
}

func TestPinnedSettings(t *testing.T) {
	s := newSettings("tag")
	q := proto.Query{Settings: []proto.Setting{{Key: "async_insert", Value: "1"}}}
	if statement, _, err := s.forQuery(&q); statement != "" || err != nil {
		t.Errorf("in a query: %s, %v", statement, err)
	}
	if got, want := s.set([]assignment{{"async_insert", "1"}, {"a", "1"}}), "SET async_insert = 0"; got != want {
		t.Errorf("after SET: %s, want %s", got, want)
	}
}
