package batch

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/codec/debezium"
)

// recorded gives the key and value of each message that Debezium wrote of a table.
func recorded(t *testing.T, file, table string) (messages [][2][]byte) {
	t.Helper()
	f, err := os.Open("../../../pkg/codec/debezium/testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct{ Topic, Key, Value string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(line.Topic, ".public."+table) {
			messages = append(messages, [2][]byte{[]byte(line.Key), []byte(line.Value)})
		}
	}
	return messages
}

// fromDebezium appends messages, and gives the keys of those whose rows are refused.
func fromDebezium(t *testing.T, b *Batch, messages [][2][]byte) (refused []string) {
	t.Helper()
	var d debezium.Decoder
	var m codec.Message
	versions := map[string]change.Version{}
	for _, keyed := range messages {
		key := string(keyed[0])
		ok, err := d.Decode(keyed[0], keyed[1], &m)
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		if !ok || m.Op == change.Truncate { // a tombstone; the worker's own
			continue
		}
		if m.Version < versions[key] || m.Version == 0 {
			t.Errorf("%s: version %d comes after %d", key, m.Version, versions[key])
		}
		versions[key] = m.Version
		switch added, err := b.Append(&m); {
		case rowRefusal(err):
			refused = append(refused, key)
		case err != nil || !added:
			t.Fatalf("%s: added %v, error %v", key, added, err)
		}
	}
	return refused
}

func TestDebeziumOnTheEngine(t *testing.T) {
	e := newEngine(t)
	const common = `id Int32, bool Bool, int2 Int16, int4 Int32, int8 Int64, oid UInt32, float4 Float32, float8 Nullable(Float64), text String, name String,
		uuid Nullable(UUID), json String, timestamptz DateTime64(6, 'UTC'), inet IPv4, bit1 UInt8, int4s String, mood LowCardinality(String), posint UInt8,
		_version UInt64, _deleted UInt8, `
	const engine = "ReplacingMergeTree(_version, _deleted) ORDER BY id"
	for _, c := range []struct {
		file, columns string
		refused, want []string
	}{
		{
			"schemas.jsonl", `numeric Decimal(38, 3), numeric10_2 Decimal(10, 2), numeric30 UInt128, bytea String, date Date32, time String, time3 Int64,
				timestamp DateTime64(6, 'UTC'), timestamp3 DateTime64(3, 'UTC'), timestamp0 DateTime('UTC'), interval Int64`,
			nil,
			[]string{"(1,true,-32768,2147483647,-9223372036854775808,4294967295,1.1,-1.5e300,'550e8400-e29b-41d4-a716-446655440000','{\"a\": [1, 2.50]}'," +
				"'2024-02-29 10:34:56.789012','10.0.0.1',1,'[1,null,3]','o\"k',5) (123456789012345678901234567890.123,-1234.5,123456789012345678901234567890," +
				"'\\0\xff\x10','2024-02-29','12:34:56.789012',45296789000,'2024-02-29 12:34:56.789012','2024-02-29 12:34:56.789','2024-02-29 12:34:57',37091106789000)"},
		},
		{
			"plain.jsonl", `numeric String, numeric10_2 String, numeric30 String, bytea String, date Int32, time Int64, time3 Int64,
				timestamp Int64, timestamp3 Int64, timestamp0 Int64, interval Int64`,
			[]string{`{"id":3}`, `{"id":4}`, `{"id":5}`, `{"id":14}`, `{"id":15}`}, // timestamptz before 1900, beyond 2299, infinite
			[]string{
				"(1,true,-32768,2147483647,-9223372036854775808,4294967295,1.1,-1.5e300,'550e8400-e29b-41d4-a716-446655440000','{\"a\": [1, 2.50]}'," +
					"'2024-02-29 10:34:56.789012','10.0.0.1',1,'[1,null,3]','o\"k',5) ('{\"scale\":3,\"value\":\"BhY+ZlvrfKai4aZCRMs=\"}','/h3G','AY7pD/bDc+DuTj8K0g=='," +
					"'AP8Q',19782,45296789012,45296789,1709210096789012,1709210096789,1709210097000,37091106789000)",
				"(22,false,0,7,0,0,nan,nan,NULL,'','1970-01-01 00:00:00.000000','0.0.0.0',0,'','',0) ('','','','',0,0,0,0,0,0,0)",
				"(23,false,0,7,0,0,inf,-inf,NULL,'','1970-01-01 00:00:00.000000','0.0.0.0',0,'','',0) ('','','','',0,0,0,0,0,0,0)",
			},
		},
	} {
		name, _, _ := strings.Cut(c.file, ".")
		b := e.target(name, common+c.columns, engine).NewBatch(e)
		if refused := fromDebezium(t, b, recorded(t, c.file, "kinds")); !slices.Equal(refused, c.refused) {
			t.Errorf("%s: the rows of %q are refused, want %q", c.file, refused, c.refused)
		}
		insert(t, b, "t")
		got := e.strings(`SELECT concat(toString(tuple(id, bool, int2, int4, int8, oid, float4, float8, uuid, json, timestamptz, inet, bit1, int4s, mood, posint)), ' ',
			toString(tuple(numeric, numeric10_2, numeric30, bytea, date, time, time3, timestamp, timestamp3, timestamp0, interval))) AS s
			FROM ` + name + ` FINAL WHERE id IN (1, 2, 22, 23) ORDER BY id`)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: ClickHouse has\n%s\nwant\n%s", c.file, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}

	// An update that leaves a TOASTed value as it was.
	b := e.target("toast", "id Int32, n Int32, big String, bytes String, _version UInt64, _deleted UInt8", engine).NewBatch(e)
	if refused := fromDebezium(t, b, recorded(t, "plain.jsonl", "toast")); !slices.Equal(refused, []string{`{"id":1}`}) {
		t.Errorf("of toast %q are refused, want the update", refused)
	}
}

// Without a schema nobody knows what a column is of which only NULLs have come: it fits any type.
func TestNullsOfAnUnknownType(t *testing.T) {
	b := target(t, "t", "MergeTree", []TargetColumn{{"id", "UInt64", ""}, {"n", "Nullable(UInt64)", ""}}).NewBatch(&kept{})
	var messages [][2][]byte
	for _, row := range []string{`{"id":1,"n":null}`, `{"id":2,"n":5}`, `{"id":3,"n":null}`} {
		messages = append(messages, [2][]byte{[]byte(row[:7] + "}"), []byte(`{"before":null,"after":` + row + `,"source":{"schema":"public","table":"t","lsn":5},"op":"c"}`)})
	}
	if refused := fromDebezium(t, b, messages); len(refused) > 0 || b.Rows() != 3 {
		t.Errorf("%q are refused, %d rows", refused, b.Rows())
	}
}
