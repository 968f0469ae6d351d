package debezium

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// However JSON is written, it is read as the same.
func TestDecodesAnyJSON(t *testing.T) {
	var d Decoder
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("\x00\b\f\n\r\t\"\\/<é\u2028😀")), 0, 20, -1)), 2, 2).Draw(t, "texts")
		row := map[string]any{"id": rapid.Int64().Draw(t, "id"), texts[0] + "#": texts[1], "nested": []any{map[string]any{texts[1]: "]}"}, 1.5}, "null": nil}
		envelope := map[string]any{
			"op": "c", "before": nil, "after": row, "more": row, "ts_ms": 1,
			"source": map[string]any{"schema": "pub\"lic", "table": "t", "lsn": 7, "ts_us": 9, "more": row},
		}
		value, err := json.Marshal(envelope)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "spread out") {
			var b bytes.Buffer
			if err := json.Indent(&b, value, "\r\n", " \t"); err != nil {
				t.Fatal(err)
			}
			value = b.Bytes()
		}
		for range 2 { // by a table that is learnt, and by one that is known
			var m codec.Message
			if ok, err := d.Decode([]byte(` { "id" : 1 } `), value, &m); !ok || err != nil {
				t.Fatalf("%v: %s", err, value)
			}
			id, text := m.Relation.Column("id"), m.Relation.Column(texts[0]+"#")
			if m.Relation.Schema != "pub\"lic" || m.Version != 7 || m.CommitTime != 9 || id < 0 || text < 0 || !m.Relation.Columns[id].Key {
				t.Fatalf("%s is decoded as %+v of %+v", value, m, m.Relation)
			}
			if m.Values[id].Integer() != row["id"] || string(m.Values[text].Bytes) != texts[1] {
				t.Fatalf("%s is decoded as %+v", value, m.Values)
			}
		}
		cut := value[:rapid.IntRange(1, len(bytes.TrimSpace(value))-1).Draw(t, "cut")]
		var m codec.Message
		if ok, err := d.Decode([]byte(`{"id":1}`), cut, &m); ok || err == nil {
			t.Fatalf("%s is taken", cut)
		}
	})
}

// A row is not read as one of the table before.
func TestDecodesTablesInTurn(t *testing.T) {
	var d Decoder
	for range 3 {
		for table, row := range map[string]string{"one": `{"id":1,"a":2}`, "two": `{"a":2,"id":1}`} {
			var m codec.Message
			value := `{"before":null,"after":` + row + `,"source":{"schema":"public","table":"` + table + `","lsn":5},"op":"u"}`
			if ok, err := d.Decode([]byte(`{"id":1}`), []byte(value), &m); !ok || err != nil {
				t.Fatal(err)
			}
			if id := m.Relation.Column("id"); m.Relation.Table != table || m.Values[id].Integer() != 1 {
				t.Errorf("%s of %s is decoded as %+v of %+v", row, table, m.Values, m.Relation)
			}
		}
	}
}

func TestUnescapes(t *testing.T) {
	for raw, want := range map[string]string{
		`\"\\\/\b\f\n\r\t`: "\"\\/\b\f\n\r\t", `\u00e9\uD83D\uDE00`: "é😀", `\ud83dx`: "\ufffdx", `\ud83d\u0041`: "\ufffdA", `a\u0000`: "a\x00",
	} {
		if got, err := unescape(nil, []byte(raw)); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v, want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{`\`, `\x`, `\u12`, `\u12g4`} {
		if got, err := unescape(nil, []byte(raw)); err == nil {
			t.Errorf("%s is %q", raw, got)
		}
	}
}

func TestDecodingAllocatesNothing(t *testing.T) {
	for _, schemas := range []bool{false, true} {
		e, d := newEncoder(schemas), Decoder{}
		c := []change.Change{streamed(events(), change.Insert, row(1))}
		key := e.Key(nil, &c[0])
		value := e.Records(nil, c, 0, key, change.Position{})[0].Value
		var m codec.Message
		allocations := testing.AllocsPerRun(100, func() {
			if ok, err := d.Decode(key, value, &m); !ok || err != nil {
				t.Fatal(err)
			}
		})
		if allocations > 0 {
			t.Errorf("schemas %v: %v allocations", schemas, allocations)
		}
	}
}
