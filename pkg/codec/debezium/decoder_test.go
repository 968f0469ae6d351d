package debezium

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// every has a column of each type that a schema tells in full.
var every = &change.Relation{Schema: "public", Table: "every", Columns: []change.Column{
	{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true},
	{Name: "bool", Type: change.TypeBool, SourceType: "boolean"},
	{Name: "int2", Type: change.TypeInt16, SourceType: "smallint"},
	{Name: "int4", Type: change.TypeInt32, SourceType: "integer"},
	{Name: "float4", Type: change.TypeFloat32, SourceType: "real"},
	{Name: "float8", Type: change.TypeFloat64, SourceType: "double precision"},
	{Name: `te"xt`, Type: change.TypeText, SourceType: "text"},
	{Name: "bytes", Type: change.TypeBytes, SourceType: "bytea"},
	{Name: "uuid", Type: change.TypeUUID, SourceType: "uuid", Key: true},
	{Name: "json", Type: change.TypeJSON, SourceType: "json"},
	{Name: "decimal", Type: change.TypeDecimal, SourceType: "numeric(30,5)", Precision: 30, Scale: 5},
	{Name: "numeric", Type: change.TypeDecimal, SourceType: "numeric"},
	{Name: "date", Type: change.TypeDate, SourceType: "date"},
	{Name: "time", Type: change.TypeTime, SourceType: "time without time zone"},
	{Name: "timestamp", Type: change.TypeTimestamp, SourceType: "timestamp without time zone"},
	{Name: "timestamptz", Type: change.TypeTimestampTZ, SourceType: "timestamp with time zone"},
}}

func drawValue(t *rapid.T, c *change.Column) change.Value {
	if !c.Key && rapid.IntRange(0, 9).Draw(t, c.Name+" is NULL") == 0 {
		return change.NullValue()
	}
	infinite := func(v int64) change.Value {
		return change.IntegerValue(rapid.SampledFrom([]int64{v, v, v, change.PositiveInfinity, change.NegativeInfinity}).Draw(t, c.Name+" or infinity"))
	}
	switch c.Type {
	case change.TypeBool:
		return change.BoolValue(rapid.Bool().Draw(t, c.Name))
	case change.TypeInt16:
		return change.IntegerValue(int64(rapid.Int16().Draw(t, c.Name)))
	case change.TypeInt32:
		return change.IntegerValue(int64(rapid.Int32().Draw(t, c.Name)))
	case change.TypeInt64, change.TypeTimestamp:
		return change.IntegerValue(rapid.Int64().Draw(t, c.Name))
	case change.TypeFloat32:
		return change.FloatValue(float64(rapid.Float32().Draw(t, c.Name)))
	case change.TypeFloat64:
		return change.FloatValue(rapid.Float64().Draw(t, c.Name))
	case change.TypeBytes:
		return change.BytesValue(rapid.SliceOf(rapid.Byte()).Draw(t, c.Name))
	case change.TypeUUID:
		return change.BytesValue(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, c.Name))
	case change.TypeDecimal:
		text := rapid.StringMatching(`[1-9][0-9]{0,24}\.[0-9]{5}`).Draw(t, c.Name)
		return change.TextValue([]byte(rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign") + text))
	case change.TypeDate:
		return infinite(rapid.Int64Range(-2_451_507, 2_145_031_948).Draw(t, c.Name))
	case change.TypeTime:
		return change.IntegerValue(rapid.Int64Range(0, microsPerDay).Draw(t, c.Name))
	case change.TypeTimestampTZ:
		return infinite(rapid.Int64Range(-210_866_803_200_000_000, 9_223_371_331_200_000_000).Draw(t, c.Name))
	default:
		return change.TextValue([]byte(rapid.String().Draw(t, c.Name)))
	}
}

func drawRow(t *rapid.T) (values []change.Value) {
	for i := range every.Columns {
		values = append(values, drawValue(t, &every.Columns[i]))
	}
	return values
}

func sameValues(a, b []change.Value) bool {
	return slices.EqualFunc(a, b, func(a, b change.Value) bool {
		return a.Kind == b.Kind && a.Integer() == b.Integer() && bytes.Equal(a.Bytes, b.Bytes)
	})
}

// What is encoded with its schema is decoded as it was.
func TestDecodesWhatIsEncoded(t *testing.T) {
	var d Decoder
	e := newEncoder(true)
	rapid.Check(t, func(t *rapid.T) {
		c := streamed(every, rapid.SampledFrom([]change.Op{change.Insert, change.Update, change.Delete, change.Snapshot}).Draw(t, "op"), drawRow(t))
		if c.Op == change.Update && rapid.Bool().Draw(t, "with the old row") {
			c.Before = drawRow(t)
		}
		if c.Op == change.Delete {
			for i := range c.Values {
				if !every.Columns[i].Key { // as where the key is all that is known
					c.Values[i] = change.UnavailableValue()
				}
			}
		}
		key := e.Key(nil, &c)
		var m codec.Message
		record := e.Records(nil, []change.Change{c}, 0, key, change.Position{})[0]
		if ok, err := d.Decode(key, record.Value, &m); err != nil || !ok {
			t.Fatalf("%v, %v: %s", ok, err, record.Value)
		}
		if m.Op != c.Op || m.Version != 22741952 || m.CommitTime != c.CommitTime || m.Transaction != c.Transaction || !m.Position.IsZero() {
			t.Fatalf("decoded as %+v", m)
		}
		if !slices.Equal(m.Relation.Columns, every.Columns) || m.Relation.Name() != every.Name() {
			t.Fatalf("the relation is decoded as %+v", m.Relation)
		}
		if !sameValues(m.Values, c.Values) || !sameValues(m.Before, c.Before) {
			t.Fatalf("%+v are decoded as %+v of %s", c.Values, m.Values, record.Value)
		}
		var again codec.Message
		if _, err := d.Decode(key, record.Value, &again); err != nil || again.Relation != m.Relation || again.Fingerprint != m.Fingerprint {
			t.Fatalf("the same message has another relation: %v", err)
		}
	})
}

// Everything that Debezium itself wrote is read.
func TestDecodesDebeziums(t *testing.T) {
	for _, name := range []string{"plain.jsonl", "schemas.jsonl"} {
		var d Decoder
		f, err := os.Open("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		ops, tombstones := map[change.Op]int{}, 0
		for lines.Scan() {
			var line struct {
				Topic      string
				Key, Value *string
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			var key, value []byte
			if line.Key != nil {
				key = []byte(*line.Key)
			}
			if line.Value != nil {
				value = []byte(*line.Value)
			}
			var m codec.Message
			ok, err := d.Decode(key, value, &m)
			if err != nil || ok != (value != nil) {
				t.Fatalf("%v, %v: %s", ok, err, value)
			}
			if !ok {
				tombstones++
				continue
			}
			ops[m.Op]++
			if !strings.HasSuffix(line.Topic, m.Relation.Name()) || m.Version == 0 || m.CommitTime == 0 {
				t.Errorf("%s is decoded as %+v", line.Topic, m)
			}
			if m.Op != change.Truncate && (len(m.Values) != len(m.Relation.Columns) || m.Relation.HasKey() != (key != nil)) {
				t.Errorf("%d values of %+v with key %s", len(m.Values), m.Relation, key)
			}
		}
		if ops[change.Insert] < 5 || tombstones == 0 || ops[change.Truncate] == 0 || ops[change.Snapshot] == 0 {
			t.Errorf("%s: %v, %d tombstones", name, ops, tombstones)
		}
	}
}

// Without a schema a column has a type from its first value on.
func TestInfersTypes(t *testing.T) {
	var d Decoder
	for _, c := range []struct {
		row  string
		want []change.Type
		text string // of the first column that is text
	}{
		{`{"id":1,"a":null}`, []change.Type{change.TypeInt64, change.TypeUnknown}, ""},
		{`{"id":1,"a":5}`, []change.Type{change.TypeInt64, change.TypeInt64}, ""},
		{`{"id":1,"a":null}`, []change.Type{change.TypeInt64, change.TypeInt64}, ""},
		{`{"id":1,"a":1.5}`, []change.Type{change.TypeInt64, change.TypeFloat64}, ""},
		{`{"id":1,"a":2}`, []change.Type{change.TypeInt64, change.TypeFloat64}, ""},
		{`{"id":1,"a":true}`, []change.Type{change.TypeInt64, change.TypeText}, "true"},
		{`{"id":1,"a":7}`, []change.Type{change.TypeInt64, change.TypeText}, "7"},
		{`{"id":1,"a":"x","b":[1, {"c":2}]}`, []change.Type{change.TypeInt64, change.TypeText, change.TypeJSON}, "x"},
	} {
		var m codec.Message
		value := `{"before":null,"after":` + c.row + `,"source":{"schema":"public","table":"t","lsn":5,"ts_ms":7},"op":"c"}`
		if ok, err := d.Decode([]byte(`{"id":1}`), []byte(value), &m); !ok || err != nil {
			t.Fatal(err)
		}
		var types []change.Type
		for _, column := range m.Relation.Columns {
			types = append(types, column.Type)
		}
		if !slices.Equal(types, c.want) || !m.Relation.Columns[0].Key || m.CommitTime != 7000 {
			t.Errorf("%s has types %v, want %v", c.row, types, c.want)
		}
		if c.text != "" && string(m.Values[1].Bytes) != c.text {
			t.Errorf("%s has the text %q", c.row, m.Values[1].Bytes)
		}
	}
}

func TestRefusesWhatIsNoEnvelope(t *testing.T) {
	for _, value := range []string{`x`, `{}`, `[]`, `{"op":"c"}`, `{"op":"x","source":{"table":"t","lsn":1}}`, `{"op":"c","source":{"table":"t"}}`} {
		var d Decoder
		var m codec.Message
		if ok, err := d.Decode(nil, []byte(value), &m); ok || err == nil {
			t.Errorf("%s is taken", value)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, schemas := range []bool{false, true} {
		e := newEncoder(schemas)
		c := streamed(events(), change.Update, row(1))
		key := e.Key(nil, &c)
		f.Add(key, e.Records(nil, []change.Change{c}, 0, key, change.Position{})[0].Value)
	}
	f.Add([]byte(`{"a":1}`), []byte(` { "op" : "d" , "source":{"table":"t","lsn":1,"schema":"s"}, "before": { "a" : [ 1 ] , "b": "" } }`))
	f.Fuzz(func(t *testing.T, key, value []byte) {
		var d Decoder
		var m codec.Message
		for range 2 {
			ok, err := d.Decode(key, value, &m)
			if ok && err == nil && m.Op != change.Truncate && len(m.Values) != len(m.Relation.Columns) {
				t.Errorf("%d values of %d columns", len(m.Values), len(m.Relation.Columns))
			}
		}
	})
}
