package pgvalue

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"
)

// printed compares what we print of the server's binary values with what it prints.
func printed(t rapid.TB, c *pgconn.PgConn, typ Type, name string, oid uint32, values [][]byte) {
	t.Helper()
	var rows []string
	var oids []uint32
	var formats []int16
	for i := range values {
		rows, oids, formats = append(rows, fmt.Sprintf("($%d::%s)", i+1, name)), append(oids, oid), append(formats, 1)
	}
	compare(t, c, typ, "SELECT v, v FROM (VALUES "+strings.Join(rows, ",")+") AS x (v)", values, oids, formats)
}

func compare(t rapid.TB, c *pgconn.PgConn, typ Type, sql string, values [][]byte, oids []uint32, formats []int16) {
	t.Helper()
	r := c.ExecParams(context.Background(), sql, values, oids, formats, []int16{0, 1}).Read()
	if r.Err != nil {
		t.Fatalf("%s of %x: %v", sql, values, r.Err)
	}
	var d Decoder
	for _, row := range r.Rows {
		s, err := appendPrinted(nil, typ, row[1])
		if err != nil || string(s) != string(row[0]) {
			t.Fatalf("the server prints %s, we %s (%v) of %x", row[0], s, err, row[1])
		}
		v, err := d.Binary(typ, row[1])
		if err != nil || v.Kind != typ.Change().Kind() {
			t.Fatalf("%s is read as a value of kind %d, %v", row[0], v.Kind, err)
		}
	}
}

func TestPrintedAsByTheServer(t *testing.T) {
	c := connect(t)
	for oid, generate := range generators {
		typ, name, ok := Builtin(oid)
		if !ok {
			t.Fatalf("OID %d is not known", oid)
		}
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				printed(t, c, typ, name, oid, rapid.SliceOfN(rapid.Custom(generate), 1, 40).Draw(t, "values"))
			})
		})
		t.Run(name+"[]", func(t *testing.T) {
			var arrayOID uint32
			var delimiter string
			row := string(read(t, c, fmt.Sprintf("SELECT typarray || ' ' || typdelim::text FROM pg_type WHERE oid = %d", oid), 0))
			if _, err := fmt.Sscan(row, &arrayOID, &delimiter); err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(t *rapid.T) {
				printed(t, c, Array(typ, delimiter[0]), name+"[]", arrayOID, rapid.SliceOfN(rapid.Custom(array(oid)), 1, 10).Draw(t, "arrays"))
			})
		})
	}
	for oid, b := range builtins {
		if generators[oid] == nil && b.code >= firstPrinted && !expressed[b.code] {
			t.Errorf("no values of %s are tried", b.name)
		}
	}
}

// expressed are the types of which values are made by SQL.
var expressed = map[code]bool{codeXML: true, codeTSVector: true, codeJSONPath: true}

// Values of types that are not easily made in binary.
func TestPrintedOfExpressions(t *testing.T) {
	c := connect(t)
	if _, err := c.Exec(t.Context(), `CREATE EXTENSION hstore; CREATE TYPE textrange AS RANGE (subtype = text); CREATE TYPE floatrange AS RANGE (subtype = float8)`).ReadAll(); err != nil {
		t.Fatal(err)
	}
	byOID := func(oid uint32) Type { typ, _, _ := Builtin(oid); return typ }
	const word = `translate(substr(md5(random()::text), 1, (random() * 5)::int), '0123456789', $$ "\'{},[()$$ || 'ä')`
	const bounds = `(array['[]', '[)', '(]', '()'])[1 + i % 4]`
	ordered := func(function, of string) string {
		return fmt.Sprintf(`(SELECT %s(CASE WHEN a < b THEN a WHEN i %% 5 > 0 THEN b END, CASE WHEN a < b THEN b WHEN i %% 7 > 0 THEN a END, %s) FROM (SELECT %s AS a, %s AS b) s)`, function, bounds, of, of)
	}
	for name, e := range map[string]struct {
		typ Type
		sql string
	}{
		"xml":            {byOID(142), `(array['<a b="1">x</a>', 'text', '', '<?xml version="1.0"?><a/>', '<?xml version="1.0" encoding="UTF-8"?><a>ä</a>', '<?xml version="1.0" standalone="yes"?><a/>', '<?xml version="1.1"?><a/>', '<!-- c --><a/>'])[1 + i % 8]::xml`},
		"jsonpath":       {byOID(4072), `(array['$.a[*] ? (@.b > 1)', 'strict $', '$."x y" + 1.50'])[1 + i % 3]::jsonpath`},
		"tsvector":       {byOID(3614), `(SELECT setweight(array_to_tsvector(array_agg(` + word + ` || 'x' || j)), 'B') || to_tsvector('simple', 'the cat''s \ and the cat ' || i) || setweight(to_tsvector('english', 'fat rats'), 'A') FROM generate_series(0, i % 4) j)`},
		"hstore":         {Hstore(), `(SELECT coalesce(hstore(array_agg(` + word + `), array_agg(CASE WHEN j % 3 > 0 THEN ` + word + ` END)), '') FROM generate_series(1, i % 4) j)`},
		"int4range":      {Range(byOID(23)), ordered("int4range", "(random() * 100)::int")},
		"int8range":      {Range(byOID(20)), ordered("int8range", "(random() * 1e15)::int8")},
		"numrange":       {Range(byOID(1700)), ordered("numrange", "(random() * 100)::numeric(10,4)")},
		"daterange":      {Range(byOID(1082)), ordered("daterange", "'2024-01-01'::date + (random() * 100)::int")},
		"tsrange":        {Range(byOID(1114)), ordered("tsrange", "'2024-01-01'::timestamp + random() * '1 year'::interval")},
		"tstzrange":      {Range(byOID(1184)), ordered("tstzrange", "(array['-infinity', '0044-03-15 01:02:03 BC', 'infinity'])[1 + (random() * 2)::int]::timestamptz")},
		"textrange":      {Range(byOID(25)), ordered("textrange", word)},
		"floatrange":     {Range(byOID(701)), ordered("floatrange", "random() * 10 ^ (random() * 40 - 20)")},
		"int4multirange": {Multirange(Range(byOID(23))), `(SELECT coalesce(range_agg(int4range(j * 10, j * 10 + 5)), '{}') FROM generate_series(1, i % 4) j)`},
		"nummultirange":  {Multirange(Range(byOID(1700))), `nummultirange(numrange(NULL, i), numrange(i + 1.50, NULL))`},
		"int4range[]":    {Array(Range(byOID(23)), ','), "array[" + ordered("int4range", "(random() * 100)::int") + ", NULL, 'empty']"},
		"hstore[]":       {Array(Hstore(), ','), `array[hstore('a b', ` + word + `), hstore(` + word + `, NULL)]`},
		"tsvector[]":     {Array(byOID(3614), ','), `array[to_tsvector('simple', 'it''s')]`},
		"textrange[]":    {Array(Range(byOID(25)), ','), "array[" + ordered("textrange", word) + "]"},
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, c, e.typ, "SELECT v, v FROM (SELECT ("+e.sql+")::"+name+" AS v FROM generate_series(1, 2000) i OFFSET 0) s", nil, nil, nil)
		})
	}
}

// everyType gives one of each.
func everyType() (all []Type) {
	for _, b := range builtins {
		t := Type{code: b.code}
		all = append(all, t, Array(t, ','), Range(t), Multirange(Range(t)))
	}
	return append(all, Other(), Hstore(), Array(Range(Type{code: codeText}), ','))
}
