package replication

import (
	"errors"
	"strings"
	"testing"

	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// What the role may not do with one table keeps the others from nothing, and check says it beforehand.
func TestPrivilegesOfOneTable(t *testing.T) {
	db := newDatabase(t)
	role := "r_" + db.name
	db.exec("CREATE SCHEMA s; CREATE TABLE s.other (id int PRIMARY KEY); CREATE ROLE " + role + " LOGIN REPLICATION")
	db.exec("CREATE TABLE mine (id int PRIMARY KEY); ALTER TABLE mine OWNER TO " + role)
	cfg := db.config("public.mine", "s.other")
	cfg.DSN = config.Secret(strings.Replace(string(db.dsn), "postgres://postgres@", "postgres://"+role+"@", 1))
	finds := func(want string) {
		t.Helper()
		if found := problems(t, cfg); !strings.Contains(found, want) || strings.Contains(found, "public.mine") {
			t.Errorf("Check finds %q, not %q", found, want)
		}
	}
	grant := `GRANT CREATE ON DATABASE "` + db.name + `" TO "` + role + `"`
	finds(grant)
	db.exec(grant)
	rec := &recorder{}
	r := start(t, cfg, rec, noRows{}, func(r *Replicator) { r.look = looksOften })
	for _, step := range []string{
		`GRANT USAGE ON SCHEMA "s" TO "` + role + `"`,
		`GRANT SELECT ON "s"."other" TO "` + role + `"`,
		`ALTER PUBLICATION "pub" ADD TABLE "s"."other"`,
	} {
		r.waitLeftOut(step)
		finds(step)
		db.exec(step)
	}
	r.waitLeftOut()
	db.waitStreaming(cfg.Slot)
	db.exec("INSERT INTO s.other VALUES (1); INSERT INTO mine VALUES (1)")
	r.eventuallyHas("other insert 1")
	r.eventuallyHas("mine insert 1")
	if found := problems(t, cfg); found != "" {
		t.Errorf("Check still finds %q", found)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	db.exec("REASSIGN OWNED BY " + role + " TO postgres; DROP OWNED BY " + role + "; DROP ROLE " + role)
}

func TestServerIsTooOld(t *testing.T) {
	var refusal *source.Refusal
	if err := tooOld(130_012); !errors.As(err, &refusal) || refusal.Problem != "the server is of version 13" || !strings.Contains(refusal.Fix, "PostgreSQL 14") {
		t.Errorf("%v", err)
	}
}
