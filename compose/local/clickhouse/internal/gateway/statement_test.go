package gateway

import (
	"fmt"
	"testing"
)

func TestParseStatement(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1;":                                        "SELECT [SELECT 1]",
		" select 1 format JSON ; ; ":                       "SELECT [ select 1]",
		"(SELECT 1) UNION ALL (SELECT 2)":                  "SELECT [(SELECT 1) UNION ALL (SELECT 2)]",
		"-- SELECT\nWITH 1 AS x SELECT x":                  "WITH [-- SELECT\nWITH 1 AS x SELECT x]",
		"SELECT 'a;b', `c;d` -- ;\n/* ; */":                "SELECT [SELECT 'a;b', `c;d`]",
		"CREATE TABLE t (a Int8) ENGINE = File FORMAT CSV": "CREATE [CREATE TABLE t (a Int8) ENGINE = File FORMAT CSV]",
		"SELECT 1; SELECT 2":                               "refused",
		"  ; -- nothing":                                   "refused",
		"SELECT 1 AS format":                               "SELECT [SELECT 1 AS format]",
	} {
		got := "refused"
		if s, err := parseStatement(sql); err == nil {
			got = fmt.Sprintf("%s [%s]", s.kind, s.text)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", sql, got, want)
		}
	}
}

func TestParseInsert(t *testing.T) {
	const elsewhere = "rows from elsewhere"
	for sql, want := range map[string]string{
		"INSERT INTO t VALUES": "t [] false []",
		"INSERT INTO t":        "t [] false []",
		"insert into table `a b`.\"c\" (x, `y z`, n.d) format Native;": "`a b`.\"c\" [x y z n.d] false []",
		"INSERT INTO t (* EXCEPT (a, b)) VALUES":                       "t [a b] true []",
		"INSERT INTO t (*) VALUES":                                     "t [] true []",
		"INSERT INTO t SETTINGS a = 1, b = 'x,y' VALUES":               "t [] false [{a 1} {b 'x,y'}]",
		"INSERT INTO t (a) SETTINGS s = [1, 2] FORMAT Native":          "t [a] false [{s [1, 2]}]",
		"INSERT INTO t VALUES (1, ';'); -- ;":                          elsewhere,
		"INSERT INTO t FORMAT CSV 1;2":                                 elsewhere,
		"INSERT INTO t SELECT 1":                                       elsewhere,
		"INSERT INTO t (SELECT 1)":                                     elsewhere,
		"INSERT INTO t (a) WITH 1 AS x SELECT x":                       elsewhere,
		"INSERT INTO FUNCTION file('x') VALUES":                        elsewhere,
		"INSERT INTO t (a":                                             elsewhere,
		"INSERT INTO":                                                  elsewhere,
	} {
		s, err := parseStatement(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		got := elsewhere
		if i := s.insert; i != nil {
			got = fmt.Sprint(i.table, " ", i.columns, " ", i.except, " ", i.settings)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
	}
}

func TestParseSet(t *testing.T) {
	s, err := parseStatement("SET a = 1, b = [2, (3, 4)], c = 'x, y', d = -5;")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(s.sets), "[{a 1} {b [2, (3, 4)]} {c 'x, y'} {d -5}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
