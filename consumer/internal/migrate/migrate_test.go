package migrate

import (
	"slices"
	"strings"
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
)

func events(columns ...change.Column) *change.Relation {
	id := change.Column{Name: "id", Type: change.TypeInt32, SourceType: "integer", Key: true}
	return &change.Relation{Schema: "public", Table: "events", Columns: append([]change.Column{id}, columns...)}
}

func column(name string, t change.Type, sourceType string) change.Column {
	return change.Column{Name: name, Type: t, SourceType: sourceType}
}

func target(edit func(*config.Table)) Target {
	t := Target{Table: config.Table{Source: "public.events"}, Database: "db"}
	if edit != nil {
		edit(&t.Table)
	}
	return t
}

// fit0 is the table that is made for events(columns...).
func fit0(columns ...Column) *Table {
	return &Table{
		Engine: "ReplacingMergeTree", Arguments: "_version, _deleted", SortingKey: "id", Window: Window,
		Columns: append([]Column{{"id", "Int64", ""}, {"_version", "UInt64", ""}, {"_deleted", "UInt8", ""}}, columns...),
		Indexes: []Index{{"i", "minmax", "_version"}},
	}
}

func TestCreate(t *testing.T) {
	versioned := "CREATE TABLE IF NOT EXISTS `db`.`events`\n(\n    `id` Int64,\n    `a``b` Nullable(Decimal(12, 2)),\n    _version UInt64,\n    _deleted UInt8,\n" +
		"    INDEX eventsync_version _version TYPE minmax GRANULARITY 1\n)\nENGINE = ReplacingMergeTree(_version, _deleted)\nORDER BY (`id`)\nSETTINGS non_replicated_deduplication_window = 10000"
	versioned = strings.Replace(versioned, "a``b", "a\\`b", 1)
	r := events(change.Column{Name: "a`b", Type: change.TypeDecimal, Precision: 12, Scale: 2}, column("_version", change.TypeText, "text"))
	p := New(target(nil), r, nil)
	if got := p.Statements(); len(got) != 1 || got[0] != versioned || len(p.Problems) > 0 {
		t.Errorf("%q\n%v", got, p.Problems)
	}
	appended := func(c *config.Table) { c.AppendOnly = true }
	p = New(target(appended), events(), nil)
	if got := p.Statements()[0]; !strings.Contains(got, "ENGINE = MergeTree\nORDER BY (`id`)") || strings.Contains(got, "_deleted") {
		t.Error(got)
	}
	keyless := &change.Relation{Schema: "public", Table: "events", Columns: []change.Column{column("a", change.TypeText, "text")}}
	if got := New(target(appended), keyless, nil).Statements()[0]; !strings.Contains(got, "ORDER BY (`_version`)") {
		t.Error(got)
	}
	if p := New(target(nil), keyless, nil); len(p.Statements()) > 0 || len(p.Problems) != 1 || !strings.Contains(p.Problems[0].Remedy, "append_only") {
		t.Errorf("%+v", p)
	}
	cluster := target(nil)
	cluster.Replicas = true
	p = New(cluster, events(), nil)
	if len(p.Statements()) > 0 || len(p.Problems) != 1 || !strings.Contains(p.Problems[0].Remedy, "ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', _version, _deleted)") {
		t.Errorf("%+v", p)
	}
}

// TestAlter takes what is made for one relation and compares it with another.
func TestAlter(t *testing.T) {
	text, number := column("s", change.TypeText, "text"), column("n", change.TypeInt64, "bigint")
	for _, c := range []struct {
		name     string
		config   func(*config.Table)
		relation *change.Relation
		there    *Table
		steps    []string // sign, text
		problem  string
	}{
		{name: "the same", relation: events(text), there: fit0(Column{"s", "Nullable(String)", ""})},
		{name: "a choice", relation: events(text, number), there: fit0(Column{"s", "LowCardinality(String)", ""}, Column{"n", "UInt8", ""})},
		{name: "new", relation: events(text, number), there: fit0(), steps: []string{"+ column s Nullable(String)", "+ column n Nullable(Int64)"}},
		{name: "new, and ignored", config: func(c *config.Table) { c.OnNewColumn = "ignore" }, relation: events(text), there: fit0()},
		{name: "wider", relation: events(number), there: fit0(Column{"n", "Nullable(Int32)", ""}), steps: []string{"~ column n type Nullable(Int32) -> Nullable(Int64)"}},
		{name: "dropped", relation: events(), there: fit0(Column{"s", "String", ""}, Column{"at", "DateTime", "DEFAULT"}, Column{"day", "Date", "MATERIALIZED"}), steps: []string{"- column s is no longer at the source (kept: on_dropped_column)"}},
		{name: "dropped, and stopped", config: func(c *config.Table) { c.OnDroppedColumn = "stop" }, relation: events(), there: fit0(Column{"s", "String", ""}), problem: "DROP COLUMN `s`"},
		{name: "a type without a way", relation: events(column("s", change.TypeDate, "date")), there: fit0(Column{"s", "UUID", ""}), problem: "MODIFY COLUMN `s` Nullable(Date32)"},
		{name: "a key too small", relation: events(), there: edited(func(t *Table) { t.Columns[0].Type = "Int16" }), problem: "RENAME TABLE"},
		{name: "window", relation: events(), there: edited(func(t *Table) { t.Window = 100 }), steps: []string{"~ setting non_replicated_deduplication_window 100 -> 10000"}},
		{name: "window of a replica", relation: events(), there: edited(func(t *Table) { t.Window, t.Engine = 100, "Replicated"+t.Engine }), steps: []string{"~ setting replicated_deduplication_window 100 -> 10000"}},
		{name: "index", relation: events(), there: edited(func(t *Table) { t.Indexes = nil }), steps: []string{"+ index eventsync_version on _version", "~ index eventsync_version of the rows that are there"}},
		{name: "no index needed", config: func(c *config.Table) { c.AppendOnly = true }, relation: events(), there: edited(func(t *Table) { t.Engine, t.Arguments, t.SortingKey, t.Indexes = "MergeTree", "", "_version, id", nil })},
		{
			name: "no version", config: func(c *config.Table) { c.AppendOnly = true }, relation: events(), there: &Table{Engine: "MergeTree", SortingKey: "id", Window: Window, Columns: []Column{{"id", "Int64", ""}}},
			steps: []string{"+ column _version UInt64", "+ index eventsync_version on _version", "~ index eventsync_version of the rows that are there"},
		},
		{name: "engine without a version", relation: events(), there: edited(func(t *Table) { t.Arguments = "" }), problem: "ReplacingMergeTree()"},
		{name: "engine without deletes", relation: events(), there: edited(func(t *Table) { t.Arguments = "_version" }), problem: "deleted rows stay visible"},
		{name: "another version", relation: events(), there: edited(func(t *Table) { t.Arguments = "updated_at" }), problem: "ReplacingMergeTree(updated_at)"},
		{name: "another engine", relation: events(), there: edited(func(t *Table) { t.Engine = "SummingMergeTree" }), problem: "SummingMergeTree"},
		{name: "a changelog", relation: events(), there: edited(func(t *Table) { t.Engine, t.Arguments, t.SortingKey = "MergeTree", "", "day" })},
		{name: "different rows become one", relation: events(change.Column{Name: "day", Type: change.TypeDate, Key: true}), there: edited(func(t *Table) { t.Columns = append(t.Columns, Column{"day", "Date32", ""}) }), problem: "lacks day"},
		{name: "a row is there twice", relation: events(text), there: edited(func(t *Table) {
			t.SortingKey, t.Columns = "cityHash64(s), id", append(t.Columns, Column{"s", "String", ""})
		}), problem: "s is not of the source's key"},
		{name: "a key in parentheses", relation: events(), there: edited(func(t *Table) { t.SortingKey = "(id)" })},
		{name: "a name that needs quotes", relation: events(change.Column{Name: "a`,'b(", Type: change.TypeText, Key: true}), there: edited(func(t *Table) {
			t.SortingKey, t.Columns = "id, `a\\`,\\'b(`", append(t.Columns, Column{"a`,'b(", "String", ""})
		})},
		{name: "a longer key that is the same", relation: events(), there: edited(func(t *Table) { t.SortingKey = "intHash64(id), `id`" })},
	} {
		p := New(target(c.config), c.relation, c.there)
		var steps []string
		for _, s := range p.Steps {
			steps = append(steps, s.Sign+" "+s.Text)
		}
		if !slices.Equal(steps, c.steps) {
			t.Errorf("%s: steps %q, want %q", c.name, steps, c.steps)
		}
		var problems strings.Builder
		for _, f := range p.Problems {
			problems.WriteString(f.String())
		}
		if (problems.Len() > 0) != (c.problem != "") || !strings.Contains(problems.String(), c.problem) {
			t.Errorf("%s: problems %q, want %q", c.name, problems.String(), c.problem)
		}
	}
}

func edited(edit func(*Table)) *Table {
	t := fit0()
	edit(t)
	return t
}

func TestWrite(t *testing.T) {
	var b strings.Builder
	p := New(target(nil), events(column("s", change.TypeText, "text")), edited(func(t *Table) { t.Arguments = "" }))
	p.Write(&b)
	(&Plan{Target: "t"}).Write(&b)
	want := "public.events -> events:\n  + column s Nullable(String)\n      ALTER TABLE `db`.`events` ADD COLUMN IF NOT EXISTS `s` Nullable(String);\n" +
		"  ! " + p.Problems[0].Problem + "\n      " + p.Problems[0].Remedy + "\nt: as it must be\n"
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", b.String(), want)
	}
}

// Whatever a server says a sorting key is, reading it ends.
func FuzzSortingKey(f *testing.F) {
	for _, key := range []string{"", "id", "(id)", "a, f(b, 'c,`')", "`a\\`,`, b", "(a, b), c", ")(", "`"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		there := edited(func(t *Table) { t.SortingKey = key })
		inputs := sortingInputs(there)
		for _, c := range sortingColumns(there) {
			if !slices.Contains(inputs, c) {
				t.Errorf("%q: %s is an element and no input", key, c)
			}
		}
		New(target(nil), events(), there)
	})
}
