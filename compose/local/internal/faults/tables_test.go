package faults

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// Tables beside the events are dropped, renamed and altered under load; the producer goes on with what is left, each
// row in the shape that its table had.
func TestTablesChangedUnderTheStream(t *testing.T) {
	w := newWorld(t, 1_000)
	w.exec(`CREATE TABLE dropped (id int PRIMARY KEY); CREATE TABLE renamed (id int PRIMARY KEY);
		CREATE TABLE altered (id int PRIMARY KEY, a text, b int); CREATE TABLE unkeyed (id int PRIMARY KEY, n int)`)
	w.config(w.postgres.DSN(), w.broker.Addr(), "public.dropped", "public.renamed", "public.altered", "public.unkeyed", "public.events")
	p := w.run("producer")
	p.says(1, "streaming")
	l := w.load()
	for _, sql := range []string{
		"INSERT INTO dropped VALUES (1); INSERT INTO renamed VALUES (1); INSERT INTO altered VALUES (1, 'one', 1); INSERT INTO unkeyed VALUES (1, 1)",
		"BEGIN; INSERT INTO dropped VALUES (2); DROP TABLE dropped; COMMIT",
		"BEGIN; INSERT INTO altered VALUES (2, 'two', 2); ALTER TABLE altered ADD COLUMN c text DEFAULT 'c'; INSERT INTO altered VALUES (3, 'three', 3, 'new'); COMMIT",
		"BEGIN; INSERT INTO renamed VALUES (2); ALTER TABLE renamed RENAME TO other; INSERT INTO other VALUES (3); COMMIT",
		"ALTER TABLE altered DROP COLUMN a; INSERT INTO altered VALUES (4, 4, 'four')",
		"ALTER TABLE altered ALTER COLUMN b TYPE text USING b::text; INSERT INTO altered VALUES (5, 'five', 'five')",
		"ALTER TABLE unkeyed DROP CONSTRAINT unkeyed_pkey; INSERT INTO unkeyed VALUES (2, 2)",
		"INSERT INTO other VALUES (4); INSERT INTO altered VALUES (6, 'six', 'six')",
	} {
		l.changes(100)
		w.exec(sql)
	}
	l.changes(200)
	l.stop()
	w.verify(expectation{})
	w.holds("dropped", "id=1", "id=2")
	w.holds("altered", "id=1 a=one b=1", "id=2 a=two b=2", "id=3 a=three b=3 c=new", "id=4 b=4 c=four", "id=5 b=five c=five", "id=6 b=six c=six")
	w.holds("renamed", "id=1", "id=2", "id=3", "id=4") // under the name that is configured
	w.holds("other")
}

// holds wants a table's topic to hold rows, in whatever order.
func (w *world) holds(table string, want ...string) {
	w.Helper()
	var got []string
	w.readTopic("cdc.public."+table, func(_ *kgo.Record, m *codec.Message) {
		var row []string
		for i, c := range m.Relation.Columns {
			switch v := &m.Values[i]; v.Kind {
			case change.Integer:
				row = append(row, fmt.Sprintf("%s=%d", c.Name, v.Integer()))
			default:
				row = append(row, fmt.Sprintf("%s=%s", c.Name, v.Bytes))
			}
		}
		got = append(got, strings.Join(row, " "))
	})
	slices.Sort(got)
	if !slices.Equal(got, want) {
		w.Errorf("the topic of %s holds %q, and should hold %q", table, got, want)
	}
}
