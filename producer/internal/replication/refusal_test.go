package replication

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// runOnce runs a Replicator until it ends by itself.
func runOnce(t testing.TB, cfg Config) error {
	t.Helper()
	return runOnceWith(t, cfg, &recorder{})
}

func runOnceWith(t testing.TB, cfg Config, rec *recorder) error {
	t.Helper()
	r, err := New(cfg, rec, noRows{}, nopLog(t))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err = r.Run(ctx); err == nil {
		t.Fatal("nothing was refused")
	}
	return err
}

func TestRefusals(t *testing.T) {
	const table = "CREATE TABLE a (id int PRIMARY KEY);"
	for _, c := range []struct {
		name  string
		setup string // %s is the slot's name
		table string
		want  []string
		mend  string // after which it runs; the fix itself where "fix"
	}{
		{"no table", "", "public.a", []string{"public.a does not exist"}, table},
		{"no key", "CREATE TABLE a (id int)", "public.a", []string{"no replica identity", `ALTER TABLE "public"."a" ADD PRIMARY KEY`, "append_only"}, `ALTER TABLE "public"."a" ADD PRIMARY KEY (id)`},
		{"a candidate", "CREATE TABLE a (id int NOT NULL, n int UNIQUE); CREATE UNIQUE INDEX \"the Index\" ON a (id)", "public.a", []string{"no replica identity", `ALTER TABLE "public"."a" REPLICA IDENTITY USING INDEX "the Index"`}, "fix"},
		{"nothing", table + "ALTER TABLE a REPLICA IDENTITY NOTHING", "public.a", []string{"no replica identity", `ALTER TABLE "public"."a" REPLICA IDENTITY DEFAULT`}, "fix"},
		{"a partition", "CREATE TABLE a (id int PRIMARY KEY) PARTITION BY HASH (id); CREATE TABLE a1 PARTITION OF a FOR VALUES WITH (MODULUS 1, REMAINDER 0); ALTER TABLE a1 REPLICA IDENTITY NOTHING", "public.a", []string{`ALTER TABLE "public"."a1" REPLICA IDENTITY DEFAULT`}, "fix"},
		{"a view", table + "CREATE VIEW v AS SELECT * FROM a", "public.v", []string{"public.v is not a table"}, ""},
		{"unlogged", "CREATE UNLOGGED TABLE a (id int PRIMARY KEY)", "public.a", []string{"unlogged", `ALTER TABLE "public"."a" SET LOGGED`}, "fix"},
		{"a publication of inserts", table + "CREATE PUBLICATION pub FOR TABLE a WITH (publish = 'insert')", "public.a", []string{"publication pub", `ALTER PUBLICATION "pub" SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)`}, "fix"},
		{"append-only among the others", table + "CREATE PUBLICATION pub FOR TABLE a WITH (publish_via_partition_root = true)", "public.a append", []string{"append-only tables are in the publication pub", `ALTER PUBLICATION "pub" DROP TABLE "public"."a"`}, "fix"},
		{"columns without the key", "CREATE TABLE a (id int PRIMARY KEY, n int, m int); CREATE PUBLICATION pub FOR TABLE a (n) WHERE (id > 1) WITH (publish_via_partition_root = true)", "public.a", []string{"without those that tell its rows apart: id", `ALTER PUBLICATION "pub" DROP TABLE "public"."a"; ALTER PUBLICATION "pub" ADD TABLE "public"."a" ("id", "n") WHERE ((id > 1))`}, "fix"},
		{"another's slot", table + "SELECT pg_create_logical_replication_slot('%s', 'test_decoding')", "public.a", []string{"somebody else's", "test_decoding", "producer.slot"}, "SELECT pg_drop_replication_slot('%s')"},
		{"no publication before the slot", table + "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')", "public.a", []string{"publication pub is missing", "pg_drop_replication_slot"}, "SELECT pg_drop_replication_slot('%s')"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(c.setup, "WHERE (") && postgrestest.Server(t).Version() < 15 {
				t.Skip("there are no row filters before version 15")
			}
			db := newDatabase(t)
			cfg := db.config(c.table)
			here := func(sql string) string { return strings.ReplaceAll(sql, "%s", cfg.Slot) }
			for sql := range strings.SplitSeq(here(c.setup), ";") { // a slot is not created in a transaction that writes
				db.exec(sql)
			}
			err := runOnce(t, cfg)
			var refusal *source.Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("it ended with %v, no refusal", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the refusal %q does not say %q", err, want)
				}
			}
			if found := problems(t, cfg); !strings.Contains(found, c.want[0]) || !strings.Contains(found, refusal.Fix) {
				t.Errorf("Check says %q, not %q", found, refusal.Fix)
			}
			mend := c.mend
			if mend == "fix" {
				mend, _, _ = strings.Cut(refusal.Fix, ", or append_only")
			}
			if mend == "" {
				return
			}
			db.exec(here(mend))
			start(t, cfg, &recorder{}, noRows{})
			db.waitStreaming(cfg.Slot)
		})
	}
}

// problems is what Check finds.
func problems(t testing.TB, cfg Config) string {
	t.Helper()
	var all []string
	for _, f := range Check(t.Context(), cfg, nopLog(t)) {
		if !f.OK {
			all = append(all, f.What+": "+f.Problem+"; to mend it: "+f.Fix)
		}
	}
	return strings.Join(all, "\n")
}

func TestLostSlot(t *testing.T) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY)")
	cfg := db.config("public.a")
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	db.dropSlots()
	err := runOnce(t, cfg)
	var refusal *source.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Problem, "is gone") {
		t.Fatalf("it ended with %v", err)
	}
	fix, _, _ := strings.Cut(refusal.Fix, ";")
	db.exec(fix)
	start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
}

func TestPrivileges(t *testing.T) {
	db := newDatabase(t)
	role := "r_" + db.name
	db.exec("CREATE TABLE a (id int PRIMARY KEY); CREATE ROLE " + role + " LOGIN")
	cfg := db.config("public.a")
	cfg.DSN = config.Secret(strings.Replace(string(db.dsn), "postgres://postgres@", "postgres://"+role+"@", 1))
	for _, step := range []struct{ want, mend string }{
		{`ALTER ROLE "` + role + `" REPLICATION`, "ALTER ROLE " + role + " REPLICATION"},
		{"may not read public.a", `GRANT SELECT ON "public"."a" TO ` + role},
		{`CREATE PUBLICATION "pub" FOR TABLE "public"."a"`, "CREATE PUBLICATION pub FOR TABLE a WITH (publish_via_partition_root = true); CREATE PUBLICATION pub_append WITH (publish = 'insert', publish_via_partition_root = true)"},
		{"CREATE SCHEMA IF NOT EXISTS eventsync", state.DDL + "; GRANT USAGE ON SCHEMA eventsync TO " + role + "; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA eventsync TO " + role},
	} {
		if err := runOnce(t, cfg); !strings.Contains(err.Error(), step.want) {
			t.Fatalf("it ended with %v, want %q", err, step.want)
		}
		db.exec(step.mend)
	}
	r := start(t, cfg, &recorder{}, noRows{})
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO a VALUES (1)")
	r.expect("a insert 1")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	db.exec("DROP OWNED BY " + role + "; DROP ROLE " + role)
}

func TestConnectionRefusals(t *testing.T) {
	db := newDatabase(t)
	cfg := db.config("public.a")
	cfg.DSN = config.Secret(strings.Replace(string(db.dsn), "/"+db.name, "/nowhere", 1))
	if err := runOnce(t, cfg); !strings.Contains(err.Error(), "database does not exist") {
		t.Errorf("a wrong database gives %v", err)
	}
	cfg.DSN = "postgres://nobody:secret@127.0.0.1:port/x"
	if err := runOnce(t, cfg); !strings.Contains(err.Error(), "postgres.dsn") || strings.Contains(err.Error(), "secret") {
		t.Errorf("a malformed DSN gives %v", err)
	}
}

func TestWrongWALLevel(t *testing.T) {
	s, err := postgres.Start(t.Context(), postgres.Config{Dir: t.TempDir(), Settings: map[string]string{"wal_level": "replica"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	err = runOnce(t, Config{DSN: config.Secret(s.DSN()), Slot: "s", Publication: "p"})
	if !strings.Contains(err.Error(), "ALTER SYSTEM SET wal_level = 'logical'") {
		t.Errorf("it ended with %v", err)
	}
}
