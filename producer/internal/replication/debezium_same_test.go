package replication

import (
	"reflect"
	"strings"
	"testing"
)

// compareMessages compares all but what package debezium's documentation says is different, and what cannot be the same.
func compareMessages(t *testing.T, want, got debeziumMessage) {
	t.Helper()
	where := got.Topic
	if want.Key != nil {
		where += " " + *want.Key
	}
	const run = "__debezium.context.runId" // of this run
	if len(got.Headers[run]) != len(want.Headers[run]) {
		t.Errorf("%s: the run is %q", where, got.Headers[run])
	}
	delete(want.Headers, run)
	delete(got.Headers, run)
	if !strings.HasSuffix(got.Topic, ".indexed") { // whose key is another
		wantHeaders, gotHeaders := parseHeaders(t, want.Headers), parseHeaders(t, got.Headers)
		if !reflect.DeepEqual(wantHeaders, gotHeaders) {
			t.Errorf("%s: headers %v, Debezium's are %v", where, gotHeaders, wantHeaders)
		}
		same(t, where+": key", parse(t, want.Key), parse(t, got.Key))
	}
	wantValue, gotValue := parse(t, want.Value), parse(t, got.Value)
	normalise(t, wantValue, gotValue, strings.HasSuffix(got.Topic, ".indexed"))
	same(t, where, wantValue, gotValue)
}

// parseHeaders reads keys, whose columns may be in another order.
func parseHeaders(t *testing.T, headers map[string]string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for name, value := range headers {
		all[name] = value
		if strings.HasSuffix(name, "key") {
			all[name] = parse(t, &value)
		}
	}
	return all
}

func same(t *testing.T, where string, want, got any) {
	t.Helper()
	wantMap, ok1 := want.(map[string]any)
	gotMap, ok2 := got.(map[string]any)
	if !ok1 || !ok2 {
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%s is %v, Debezium's is %v", where, got, want)
		}
		return
	}
	for name := range wantMap {
		if _, ok := gotMap[name]; !ok {
			t.Errorf("%s has no %s", where, name)
			continue
		}
		same(t, where+"."+name, wantMap[name], gotMap[name])
	}
	for name := range gotMap {
		if _, ok := wantMap[name]; !ok {
			t.Errorf("%s has a %s, which Debezium's has not", where, name)
		}
	}
}

// normalise takes out what differs from run to run, after a look at its kind, and what is documented to differ.
func normalise(t *testing.T, want, got any, indexed bool) {
	t.Helper()
	w, ok1 := want.(map[string]any)
	g, ok2 := got.(map[string]any)
	if !ok1 || !ok2 {
		return
	}
	takeTimes := func(w, g map[string]any, names ...string) { // when, and where in the log
		for _, name := range names {
			if reflect.TypeOf(w[name]) != reflect.TypeOf(g[name]) {
				t.Errorf("%s is %v, Debezium's is %v", name, g[name], w[name])
			}
			delete(w, name)
			delete(g, name)
		}
	}
	takeTimes(w, g, "ts_ms", "ts_us", "ts_ns")
	wantSource, _ := w["source"].(map[string]any)
	gotSource, _ := g["source"].(map[string]any)
	takeTimes(wantSource, gotSource, "ts_ms", "ts_us", "ts_ns", "txId", "lsn", "sequence")
	for _, row := range []string{"before", "after"} {
		wantRow, _ := w[row].(map[string]any)
		gotRow, _ := g[row].(map[string]any)
		for _, name := range []string{"name", "pair", "pg_lsn"} { // which Debezium cannot read
			delete(wantRow, name)
			delete(gotRow, name)
		}
		for name, value := range wantRow {
			nested, isNested := gotRow[name].([]any)
			switch {
			case value == "__debezium_unavailable_value", value == "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==": // which we read by key
				gotRow[name] = value
			case row == "before" && gotRow[name] == nil && (name == "int4" || indexed): // not in the old row, NOT NULL
				wantRow[name] = nil
			case name == "float4" && float4(value) == float4(gotRow[name]): // printed with more digits than it takes
				wantRow[name] = gotRow[name]
			case isNested && len(nested) > 0 && reflect.TypeOf(nested[0]) == reflect.TypeFor[[]any]():
				wantRow[name] = gotRow[name]
			}
		}
	}
}

func float4(v any) float32 {
	f, _ := v.(float64)
	return float32(f)
}

// compareSchemas compares the schemas of each topic's first message.
func compareSchemas(t *testing.T, recorded []debeziumMessage, w *debeziumWriter) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range recorded {
		got := w.of(m.Topic)
		if m.Value == nil || seen[m.Topic] || strings.HasSuffix(m.Topic, "keyless") && len(got) == 0 {
			continue
		}
		seen[m.Topic] = true
		if len(got) == 0 {
			t.Errorf("no message of %s with a schema", m.Topic)
			continue
		}
		wantSchema, gotSchema := schemaOf(t, m.Value), schemaOf(t, got[0].Value)
		same(t, m.Topic, wantSchema, gotSchema)
		if !strings.HasSuffix(m.Topic, ".indexed") {
			same(t, m.Topic+" key", schemaOf(t, m.Key), schemaOf(t, got[0].Key))
		}
	}
	if len(seen) != 8 {
		t.Errorf("schemas of %d topics were compared", len(seen))
	}
}

// schemaOf gives a message's schema with fields by their names, without what is documented to differ.
func schemaOf(t *testing.T, message *string) any {
	t.Helper()
	m, ok := parse(t, message).(map[string]any)
	if !ok {
		return nil
	}
	if _, ok := m["payload"]; !ok || len(m) != 2 {
		t.Errorf("a message with a schema is %v", m)
	}
	return byName(m["schema"])
}

func byName(s any) any {
	m, ok := s.(map[string]any)
	if !ok {
		return s
	}
	if fields, ok := m["fields"].([]any); ok {
		named := map[string]any{}
		for _, f := range fields {
			field, _ := f.(map[string]any)
			name, _ := field["field"].(string)
			switch name {
			case "pair", "pg_lsn": // which Debezium leaves out
				continue
			case "int4", "code", "id": // NOT NULL, and a key's or not
				field["optional"] = true
				delete(field, "default")
			case "mood": // its labels
				delete(field, "name")
				delete(field, "version")
				delete(field, "parameters")
			}
			named[name] = byName(field)
		}
		m["fields"] = named
	}
	return m
}
