package clickhouse_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/uuid"
)

// kind is a type of column, how to fill one, and how to read it back.
type kind struct {
	name, ddl string
	input     proto.ColInput
	result    proto.ColResult
	append    func(i int)
}

// roundTrip makes a kind whose column can be both written and read.
func roundTrip[T interface {
	proto.ColInput
	proto.ColResult
}](name, ddl string, column T, add func(c T, i int)) kind {
	return kind{name, ddl, column, column, func(i int) { add(column, i) }}
}

// decimal makes a kind whose column's type must be named in full, which ch-go does for the written one only.
func decimal[T interface {
	proto.ColInput
	proto.ColResult
}](name, ddl string, column T, add func(c T, i int)) kind {
	k := roundTrip(name, ddl, column, add)
	k.input = proto.Alias(column, proto.ColumnType(ddl))
	return k
}

func numberKinds() []kind {
	return []kind{
		roundTrip("i8", "Int8", new(proto.ColInt8), func(c *proto.ColInt8, i int) { c.Append(int8(i)) }),
		roundTrip("u256", "UInt256", new(proto.ColUInt256), func(c *proto.ColUInt256, i int) { c.Append(proto.UInt256{Low: proto.UInt128{Low: uint64(i)}}) }),
		roundTrip("f64", "Float64", new(proto.ColFloat64), func(c *proto.ColFloat64, i int) { c.Append(float64(i) / 3) }),
		roundTrip("n", "Nullable(Int32)", new(proto.ColInt32).Nullable(), func(c *proto.ColNullable[int32], i int) {
			c.Append(proto.Nullable[int32]{Set: i%3 != 0, Value: int32(i)})
		}),
		roundTrip("b", "Bool", new(proto.ColBool), func(c *proto.ColBool, i int) { c.Append(i%2 == 0) }),
		decimal("d", "Decimal(18, 4)", new(proto.ColDecimal64), func(c *proto.ColDecimal64, i int) { c.Append(proto.Decimal64(i * 10_000)) }),
		decimal("dd", "Decimal(38, 10)", new(proto.ColDecimal128), func(c *proto.ColDecimal128, i int) { c.Append(proto.Decimal128(proto.Int128FromInt(i))) }),
		roundTrip("e", "Enum8('a' = 1, 'b' = 2)", new(proto.ColEnum), func(c *proto.ColEnum, _ int) { c.Append("b") }),
	}
}

func textKinds() []kind {
	words := []string{"", "Issue", "\n\n", "Wiki\x00Page", strings.Repeat("long ", 100)}
	return []kind{
		roundTrip("s", "String", new(proto.ColStr), func(c *proto.ColStr, i int) { c.Append(words[i%len(words)]) }),
		roundTrip("f", "FixedString(5)", &proto.ColFixedStr{Size: 5}, func(c *proto.ColFixedStr, _ int) { c.Append([]byte("abcde")) }),
		roundTrip("lc", "LowCardinality(String)", new(proto.ColStr).LowCardinality(), func(c *proto.ColLowCardinality[string], i int) { c.Append(words[i%len(words)]) }),
		roundTrip("j", "JSON", new(proto.ColJSONStr), func(c *proto.ColJSONStr, i int) {
			c.Append(fmt.Sprintf(`{"a":{"b":"%d"},"s":"%s"}`, i, strings.Repeat("z", i%300)))
		}),
		roundTrip("u", "UUID", new(proto.ColUUID), func(c *proto.ColUUID, i int) { c.Append(uuid.UUID{15: byte(i)}) }),
		roundTrip("ip", "IPv6", new(proto.ColIPv6), func(c *proto.ColIPv6, i int) { c.Append(proto.IPv6{15: byte(i)}) }),
	}
}

func timeKinds() []kind {
	day := time.Date(1960, 2, 3, 0, 0, 0, 0, time.UTC)
	now := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	return []kind{
		roundTrip("t", "DateTime('Europe/Vienna')", new(proto.ColDateTime), func(c *proto.ColDateTime, i int) { c.Append(now.Add(time.Duration(i) * time.Second)) }),
		roundTrip("t64", "DateTime64(6, 'UTC')", new(proto.ColDateTime64).WithPrecision(6).WithLocation(time.UTC), func(c *proto.ColDateTime64, i int) { c.Append(now.Add(time.Duration(i))) }),
		roundTrip("t32", "Date32", new(proto.ColDate32), func(c *proto.ColDate32, i int) { c.Append(day.AddDate(0, 0, i)) }),
	}
}

func nestedKinds() []kind {
	x, y := new(proto.ColUInt8), new(proto.ColStr)
	return []kind{
		roundTrip("a", "Array(String)", new(proto.ColStr).Array(), func(c *proto.ColArr[string], i int) { c.Append([]string{"x", "", "yz"}[:i%4]) }),
		roundTrip("aa", "Array(Array(UInt16))", proto.NewArray(proto.NewArray(new(proto.ColUInt16))), func(c *proto.ColArr[[]uint16], i int) {
			c.Append([][]uint16{{1}, {}, {2, 3}}[:i%4])
		}),
		roundTrip("la", "Array(LowCardinality(String))", proto.NewArray[string](new(proto.ColStr).LowCardinality()), func(c *proto.ColArr[string], i int) { c.Append(eventKinds[:i%3]) }),
		roundTrip("m", "Map(String, UInt64)", proto.NewMap(new(proto.ColStr), new(proto.ColUInt64)), func(c *proto.ColMap[string, uint64], i int) {
			c.Append(map[string]uint64{"k": uint64(i)})
		}),
		roundTrip("ml", "Map(LowCardinality(String), Array(Nullable(String)))", proto.NewMap(
			new(proto.ColStr).LowCardinality(), proto.NewArray(new(proto.ColStr).Nullable())),
			func(c *proto.ColMap[string, []proto.Nullable[string]], i int) {
				if i%2 == 0 {
					c.Append(map[string][]proto.Nullable[string]{"q": {proto.NewNullable("v"), proto.Null[string]()}})
				} else {
					c.Append(nil)
				}
			}),
		roundTrip("tup", "Tuple(x UInt8, y String)", proto.ColTuple{proto.Named(x, "x"), proto.Named(y, "y")}, func(_ proto.ColTuple, i int) {
			x.Append(uint8(i))
			y.Append("y")
		}),
	}
}

// TestKindsOfColumns writes columns of many types and reads the same bytes back.
func TestKindsOfColumns(t *testing.T) {
	const rows = 3000
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			kinds := append(append(append(numberKinds(), textKinds()...), timeKinds()...), nestedKinds()...)
			var ddl, names []string
			var input proto.Input
			for _, k := range kinds {
				ddl = append(ddl, k.name+" "+k.ddl)
				names = append(names, k.name)
				for i := range rows {
					k.append(i)
				}
				input = append(input, proto.InputColumn{Name: k.name, Data: k.input})
			}
			c := dial(t, compressed(compression))
			table, list := tableName(t, c), strings.Join(names, ", ")
			exec(t, c, "CREATE TABLE "+table+" (row UInt64, "+strings.Join(ddl, ", ")+") ENGINE = MergeTree ORDER BY row")
			rowNumbers := make(proto.ColUInt64, rows)
			for i := range rowNumbers {
				rowNumbers[i] = uint64(i)
			}
			input = append(input, proto.InputColumn{Name: "row", Data: rowNumbers})
			if err := c.Do(t.Context(), ch.Query{Body: "INSERT INTO " + table + " (" + list + ", row) VALUES", Input: input}); err != nil {
				t.Fatal(err)
			}
			for _, k := range kinds {
				want := encoded(t, k.input)
				if err := readBack(t, c, k, table); err != nil {
					t.Errorf("%s %s: %v", k.name, k.ddl, err)
				} else if k.input.Rows() != rows || !bytes.Equal(encoded(t, k.input), want) {
					t.Errorf("%s %s: other bytes came back, %d rows", k.name, k.ddl, k.input.Rows())
				}
			}
			expect(t, c, "SELECT ("+list+") FROM "+table+" WHERE row = 2002", "(-46,2002,667.3333333333334,2002,true,2002,0.0000002002,'b','\\n\\n','abcde','\\n\\n','{\"a\":{\"b\":\"2002\"},\"s\":\""+strings.Repeat("z", 202)+"\"}','00000000-0000-0000-0000-0000000000d2','::d2','2026-01-02 04:37:27','2026-01-02 03:04:05.678903','1965-07-28',['x',''],[[1],[]],['Issue'],{'k':2002},{'q':['v',NULL]},(210,'y'))")
		})
	}
}

// readBack reads one column, in a result of one block, into the column that it was written from.
func readBack(t *testing.T, c *ch.Client, k kind, table string) error {
	t.Helper()
	k.input.(proto.Resettable).Reset()
	return c.Do(t.Context(), ch.Query{
		Body:     "SELECT " + k.name + " FROM " + table + " ORDER BY row",
		Result:   proto.Results{{Name: k.name, Data: k.result}},
		Settings: []ch.Setting{setting("output_format_native_write_json_as_string", "1")},
	})
}

func encoded(t *testing.T, column proto.ColInput) []byte {
	t.Helper()
	if p, ok := column.(proto.Preparable); ok {
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
	}
	var b proto.Buffer
	column.EncodeColumn(&b)
	return b.Buf
}
