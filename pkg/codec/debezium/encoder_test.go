package debezium

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient/recordbatch"
)

func events() *change.Relation {
	return &change.Relation{Schema: "public", Table: "events", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true},
		{Name: "project_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "target_type", Type: change.TypeText, SourceType: "text"},
		{Name: "amount", Type: change.TypeDecimal, SourceType: "numeric(10,2)", Precision: 10, Scale: 2},
		{Name: "created_at", Type: change.TypeTimestampTZ, SourceType: "timestamp with time zone"},
	}}
}

func row(id int64) []change.Value {
	return []change.Value{
		change.IntegerValue(id), change.IntegerValue(278964), change.TextValue([]byte("MergeRequest")),
		change.TextValue([]byte("-12.50")), change.IntegerValue(1_767_323_045_678_901),
	}
}

// streamed is a change of the stream, with an epoch, of which the messages say nothing.
func streamed(r *change.Relation, op change.Op, values []change.Value) change.Change {
	return change.Change{
		Relation: r, Op: op, Version: change.NewVersion(3, 22741952), Position: change.Position{Commit: 3<<56 | 22742000, Sequence: 1},
		CommitTime: 1_795_489_545_569_488, Transaction: 756, Values: values,
	}
}

func newEncoder(schemas bool) *Encoder {
	e := New(Options{Name: "shop", Database: `d"b`, Schemas: schemas})
	e.now = func() time.Time { return time.Unix(1_795_489_549, 570_758_860) }
	return e
}

// encode gives the messages of all changes, as text.
func encode(e *Encoder, changes ...change.Change) (all []string) {
	for i := range changes {
		for _, r := range e.Records(nil, changes, i, e.Key(nil, &changes[i]), change.Position{}) {
			text := string(r.Key) + " " + string(r.Value)
			for _, h := range r.Headers {
				if !strings.HasPrefix(h.Key, "__debezium.context.") {
					text += " " + h.Key + "=" + string(h.Value)
				}
			}
			all = append(all, text)
		}
	}
	return all
}

func TestMessages(t *testing.T) {
	r := events()
	const source = `,"source":{"version":"3.7.0.Final","connector":"postgresql","name":"shop","ts_ms":1795489545569,"snapshot":"false","db":"d\"b",` +
		`"sequence":"[\"22742000\",\"22741952\"]","ts_us":1795489545569488,"ts_ns":1795489545569488000,"schema":"public","table":"events",` +
		`"txId":756,"lsn":22741952,"xmin":null,"origin":null,"origin_lsn":null},"transaction":null,"op":`
	const read = `,"source":{"version":"3.7.0.Final","connector":"postgresql","name":"shop","ts_ms":1795489545569,"snapshot":"true","db":"d\"b",` +
		`"sequence":"[null,\"22741952\"]","ts_us":1795489545569488,"ts_ns":1795489545569488000,"schema":"public","table":"events",` +
		`"txId":null,"lsn":22741952,"xmin":null,"origin":null,"origin_lsn":null},"transaction":null,"op":`
	const times = `,"ts_ms":1795489549570,"ts_us":1795489549570758,"ts_ns":1795489549570758860}`
	full := func(id string) string {
		return `{"id":` + id + `,"project_id":278964,"target_type":"MergeRequest","amount":"+x4=","created_at":"2026-01-02T03:04:05.678901Z"}`
	}
	const onlyKey = `{"id":1,"project_id":null,"target_type":null,"amount":null,"created_at":null}`
	gone := row(1)
	for i := range gone[1:] {
		gone[1+i] = change.UnavailableValue()
	}
	toast := row(1)
	toast[2] = change.UnavailableValue()
	updated := streamed(r, change.Update, row(1))
	updated.Before = row(1)
	snapshot := streamed(r, change.Snapshot, row(1))
	snapshot.Position, snapshot.Transaction = change.Position{}, 0
	later := streamed(r, change.Insert, row(2))
	later.Version++
	for name, c := range map[string]struct {
		changes []change.Change
		want    []string
	}{
		"insert": {[]change.Change{streamed(r, change.Insert, row(1))}, []string{`{"id":1} {"before":null,"after":` + full("1") + source + `"c"` + times}},
		"update": {[]change.Change{streamed(r, change.Update, row(1))}, []string{`{"id":1} {"before":null,"after":` + full("1") + source + `"u"` + times}},
		"full":   {[]change.Change{updated}, []string{`{"id":1} {"before":` + full("1") + `,"after":` + full("1") + source + `"u"` + times}},
		"delete": {[]change.Change{streamed(r, change.Delete, gone)}, []string{`{"id":1} {"before":` + onlyKey + `,"after":null` + source + `"d"` + times, `{"id":1} `}},
		"toast": {[]change.Change{streamed(r, change.Update, toast)}, []string{`{"id":1} {"before":null,"after":` +
			strings.Replace(full("1"), "MergeRequest", "__debezium_unavailable_value", 1) + source + `"u"` + times}},
		"read":     {[]change.Change{snapshot}, []string{`{"id":1} {"before":null,"after":` + full("1") + read + `"r"` + times}},
		"truncate": {[]change.Change{streamed(r, change.Truncate, nil)}, []string{` {"before":null,"after":null` + source + `"t"` + times}},
		"changed key": {[]change.Change{streamed(r, change.Delete, gone), streamed(r, change.Insert, row(2))}, []string{
			`{"id":1} {"before":` + onlyKey + `,"after":null` + source + `"d"` + times + ` __debezium.newkey={"id":2}`,
			`{"id":1}  __debezium.newkey={"id":2}`,
			`{"id":2} {"before":null,"after":` + full("2") + source + `"c"` + times + ` __debezium.oldkey={"id":1}`,
		}},
		"delete and insert": {[]change.Change{streamed(r, change.Delete, gone), later}, []string{
			`{"id":1} {"before":` + onlyKey + `,"after":null` + source + `"d"` + times, `{"id":1} `,
			`{"id":2} {"before":null,"after":` + full("2") + strings.ReplaceAll(source, "22741952", "22741953") + `"c"` + times,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := encode(newEncoder(false), c.changes...); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// A message with its schema is the schema, and the message.
func TestSchemaIsAroundThePayload(t *testing.T) {
	c := streamed(events(), change.Insert, row(1))
	without := encode(newEncoder(false), c)[0]
	with := newEncoder(true)
	r := with.Records(nil, []change.Change{c}, 0, with.Key(nil, &c), change.Position{})[0]
	var parts []string
	for _, b := range [][]byte{r.Key, r.Value} {
		var m struct{ Schema, Payload json.RawMessage }
		if err := json.Unmarshal(b, &m); err != nil || len(m.Schema) == 0 {
			t.Fatalf("%v: %s", err, b)
		}
		parts = append(parts, string(m.Payload))
	}
	if got := strings.Join(parts, " "); got != without {
		t.Errorf("the payload is %s, want %s", got, without)
	}
}

// Debezium's first snapshot read, but for the marks of the first and last rows, which we do not have.
func TestSnapshotRead(t *testing.T) {
	r := &change.Relation{Schema: "public", Table: "keyless", Columns: []change.Column{
		{Name: "a", Type: change.TypeInt32, SourceType: "integer"}, {Name: "note", Type: change.TypeText, SourceType: "text"},
	}}
	got := encode(newEncoder(false), change.Change{
		Relation: r, Op: change.Snapshot, Version: 31198648, CommitTime: 1795523220340619,
		Values: []change.Value{change.IntegerValue(1), change.TextValue([]byte("one"))},
	})[0]
	want := ""
	f, err := os.Open("testdata/plain.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if bytes.Contains(lines.Bytes(), []byte(`"topic":"plain.public.keyless"`)) && bytes.Contains(lines.Bytes(), []byte(`\"op\":\"r\"`)) {
			var m struct{ Value string }
			if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
				t.Fatal(err)
			}
			want = m.Value
		}
	}
	for _, differs := range [][2]string{
		{`"snapshot":"last"`, `"snapshot":"true"`}, {`"name":"plain"`, `"name":"shop"`}, {`"db":"plain"`, `"db":"d\"b"`}, {`"txId":777`, `"txId":null`},
	} {
		want = strings.Replace(want, differs[0], differs[1], 1)
	}
	cut := func(s string) string { before, _, _ := strings.Cut(strings.TrimSpace(s), `,"op":"r"`); return before }
	if want == "" || cut(got) != cut(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What an Encoder remembers of the changes before is nothing that a message could tell.
func TestMessagesDoNotDependOnThoseBefore(t *testing.T) {
	tables := []*change.Relation{events(), {Schema: "public", Table: "other", Columns: events().Columns}}
	rapid.Check(t, func(t *rapid.T) {
		e := newEncoder(false)
		for range rapid.IntRange(2, 20).Draw(t, "changes") {
			c := streamed(rapid.SampledFrom(tables).Draw(t, "table"), rapid.SampledFrom([]change.Op{change.Insert, change.Snapshot}).Draw(t, "op"), row(1))
			c.Version = change.Version(rapid.IntRange(1, 3).Draw(t, "row LSN"))
			c.CommitTime = int64(rapid.IntRange(-1, 1).Draw(t, "time"))
			c.Transaction = uint32(rapid.IntRange(0, 2).Draw(t, "transaction"))
			c.Position.Commit = change.LSN(rapid.IntRange(1, 2).Draw(t, "commit"))
			c.Values[4] = change.IntegerValue(rapid.Int64Range(-200_000_000_000, 200_000_000_000).Draw(t, "created_at"))
			if c.Op == change.Snapshot {
				c.Position, c.Transaction = change.Position{}, 0
			}
			got, want := encode(e, c), encode(newEncoder(false), c)
			if !reflect.DeepEqual(got, want) || !json.Valid([]byte(want[0][strings.Index(want[0], " "):])) {
				t.Fatalf("got %s, alone %s", got, want)
			}
		}
	})
}

func TestEncodingAllocatesNothing(t *testing.T) {
	e := newEncoder(true)
	changes := []change.Change{streamed(events(), change.Insert, row(1)), streamed(events(), change.Delete, row(1))}
	changes[1].Relation = changes[0].Relation
	var key []byte
	var records []recordbatch.ProducerRecord
	n := testing.AllocsPerRun(100, func() {
		for i := range changes {
			key = e.Key(key[:0], &changes[i])
			records = e.Records(records[:0], changes, i, key, change.Position{})
		}
	})
	if n > 0 {
		t.Errorf("%v allocations in two changes", n)
	}
}

func TestFloats(t *testing.T) {
	for want, v := range map[string]float64{
		"0.0": 0, "-0.0": math.Copysign(0, -1), "1.0": 1, "0.001": 0.001, "9.99E-4": 0.000999, "9999999.0": 9999999, "1.0E7": 1e7,
		"-1.5E300": -1.5e300, "1.2345678E7": 12345678, "1.0E-10": 1e-10, `"NaN"`: math.NaN(), `"Infinity"`: math.Inf(1), `"-Infinity"`: math.Inf(-1),
	} {
		if got := string(appendFloat(nil, v, 64)); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
}
