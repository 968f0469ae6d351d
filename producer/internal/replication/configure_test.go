package replication

import (
	"reflect"
	"testing"

	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// A watched table is streamed once, and only for that where it is not synced besides.
func TestConfigureWatchedTables(t *testing.T) {
	watch := func(names ...string) []config.Lookup {
		var l config.Lookup
		for _, n := range names {
			l.Watch = append(l.Watch, config.Watch{Source: n})
		}
		return []config.Lookup{l}
	}
	got := Configure(&config.Config{Tables: []config.Table{
		{Source: "public.events", Lookups: watch("public.projects", "public.users")},
		{Source: "public.users", Target: "people", Lookups: watch("public.projects")},
	}}).Tables
	want := []Table{
		{Name: source.ParseName("public.events"), Target: "events"},
		{Name: source.ParseName("public.users"), Target: "people"},
		{Name: source.ParseName("public.projects"), Watched: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
