package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/config"
	"eventsync/pkg/program"
	"eventsync/producer/internal/replication"
)

// sourceOnly is a config of a database with a table, and of no broker; do runs SQL there.
func sourceOnly(t *testing.T) (cfg *config.Config, do func(sql string)) {
	t.Helper()
	db := postgrestest.New(t)
	conn, err := pgx.Connect(t.Context(), db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	do = func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	do("CREATE TABLE a (id int PRIMARY KEY)")
	c := config.Default()
	c.Postgres.DSN = config.Secret(db.DSN)
	c.Kafka.Brokers = []string{"127.0.0.1:1"}
	c.Producer.Slot = "slot_" + db.Name
	c.Tables = []config.Table{{Source: "public.a"}, {Source: "public.b"}}
	return &c, do
}

func TestCheckAsJSON(t *testing.T) {
	cfg, _ := sourceOnly(t)
	var out bytes.Buffer
	if err := Check(t.Context(), cfg, zap.NewNop(), &out, true); err == nil {
		t.Error("no problem was found")
	}
	var found []program.Finding
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	is := map[string]program.Finding{}
	for _, f := range found {
		is[f.What] = f
	}
	if f := is["PostgreSQL: table public.a"]; !f.OK {
		t.Errorf("%+v", found)
	}
	if f := is["PostgreSQL: table public.b"]; f.OK || f.Problem == "" || f.Fix == "" {
		t.Errorf("of a table that is missing it says %+v", f)
	}
	if !slices.ContainsFunc(found, func(f program.Finding) bool {
		return strings.HasPrefix(f.What, "Kafka") && !f.OK && f.Problem != ""
	}) {
		t.Errorf("nothing is said of a broker that is not there: %+v", found)
	}
}

func TestStatusAndDrop(t *testing.T) {
	cfg, do := sourceOnly(t)
	var out bytes.Buffer
	if err := Status(t.Context(), cfg, zap.NewNop(), &out, false); err != nil || !strings.Contains(out.String(), "there is none yet") || !strings.Contains(out.String(), "PROBLEM: the table public.b does not exist; to mend it: create it") {
		t.Errorf("%s (%v)", out.String(), err)
	}
	do("SELECT pg_create_logical_replication_slot('" + cfg.Producer.Slot + "', 'pgoutput')")
	out.Reset()
	var report replication.Report
	if err := Status(t.Context(), cfg, zap.NewNop(), &out, true); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || !report.Slot.Exists || report.Slot.WALStatus != "reserved" {
		t.Errorf("%s (%v)", out.String(), err)
	}
	for _, c := range []struct {
		sure bool
		want string
		err  error
	}{
		{false, "would drop the slot " + cfg.Producer.Slot + "\n", errNotSure},
		{true, "dropped the slot " + cfg.Producer.Slot + "\n", nil},
		{true, "there is nothing to drop\n", nil},
	} {
		out.Reset()
		if err := Drop(t.Context(), cfg, zap.NewNop(), &out, c.sure); !errors.Is(err, c.err) || out.String() != c.want {
			t.Errorf("%q (%v), want %q (%v)", out.String(), err, c.want, c.err)
		}
	}
}

func TestTableLine(t *testing.T) {
	eta := 61.4
	for want, table := range map[string]replication.TableReport{
		"a: streamed": {Source: "a", State: "streamed", Percent: 100, Rows: 5},
		"a: waiting":  {Source: "a", State: "waiting"},
		"a: snapshot, 40.0 %, 800 rows, 100 rows/s, ready in 1m1s": {Source: "a", State: "snapshot", Percent: 40, Rows: 800, Rate: 100, ETA: &eta},
	} {
		if got := tableLine(table); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for want, n := range map[string]int64{"0 B": 0, "1023 B": 1023, "1.0 KiB": 1024, "1.5 GiB": 3 << 29} {
		if got := size(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
