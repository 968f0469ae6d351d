package migrate

import (
	"slices"
	"strings"
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/config"
)

func TestAdmit(t *testing.T) {
	small := fit0(Column{"n", "Int32", ""})
	number := column("n", change.TypeInt64, "bigint")
	policies := func(added, dropped, changed string) func(*config.Table) {
		return func(c *config.Table) { c.OnNewColumn, c.OnDroppedColumn, c.OnChangedType = added, dropped, changed }
	}
	for _, c := range []struct {
		name     string
		config   func(*config.Table)
		relation *change.Relation
		there    *Table
		alter    []string
		stop     string
		suspects []string
	}{
		{name: "new, by default", relation: events(number), there: fit0()},
		{name: "new, ignored", config: policies("ignore", "", ""), relation: events(number), there: fit0()},
		{name: "new, added", config: policies("add", "", ""), relation: events(number), there: fit0(), alter: []string{"ALTER TABLE `db`.`events` ADD COLUMN IF NOT EXISTS `n` Nullable(Int64)"}},
		{name: "new, stopped", config: policies("stop", "", ""), relation: events(number), there: fit0(), stop: "column n is new"},
		{name: "dropped, by default", relation: events(), there: small},
		{name: "dropped, stopped", config: policies("", "stop", ""), relation: events(), there: small, suspects: []string{"n"}},
		{name: "changed, by default", relation: events(number), there: small, stop: "on_changed_type: widen"},
		{name: "changed, widened", config: policies("", "", "widen"), relation: events(number), there: small, alter: []string{"ALTER TABLE `db`.`events` MODIFY COLUMN `n` Int64"}},
		{name: "changed, not to be widened", config: policies("", "", "widen"), relation: events(column("n", change.TypeDate, "date")), there: small, stop: "does not hold the source's date"},
		{name: "our own", config: policies("stop", "", ""), relation: events(column("_version", change.TypeText, "text")), there: fit0()},
		{name: "different rows become one", relation: events(change.Column{Name: "k", Type: change.TypeInt64, Key: true}), there: fit0(Column{"k", "Int64", ""}), stop: "lacks k of the source's key"},
		{name: "of no known type", config: policies("stop", "", ""), relation: events(column("n", change.TypeUnknown, ""), column("m", change.TypeUnknown, "")), there: small},
		{name: "of no known type, added", config: policies("add", "", ""), relation: events(column("m", change.TypeUnknown, "")), there: fit0()},
		{name: "computed", config: policies("stop", "", ""), relation: events(number), there: fit0(Column{"n", "Date", "ALIAS"})},
	} {
		a := Admit(target(c.config), c.relation, c.there)
		var alter []string
		for _, s := range a.Alter {
			alter = append(alter, s.SQL)
		}
		if !slices.Equal(alter, c.alter) || !slices.Equal(a.Suspects, c.suspects) {
			t.Errorf("%s: alter %q, suspects %q", c.name, alter, a.Suspects)
		}
		if (a.Stop != nil) != (c.stop != "") || a.Stop != nil && !strings.Contains(a.Stop.Error(), c.stop) {
			t.Errorf("%s: stop %v, want %q", c.name, a.Stop, c.stop)
		}
	}
}

func TestDropped(t *testing.T) {
	if err := Dropped(target(nil), events(column("n", change.TypeText, "text")), []string{"n"}); err != nil {
		t.Errorf("a column that the newest relation has: %v", err)
	}
	if err := Dropped(target(nil), events(), []string{"n"}); err == nil || !strings.Contains(err.Error(), "DROP COLUMN `n`") {
		t.Errorf("a column that is gone: %v", err)
	}
}
