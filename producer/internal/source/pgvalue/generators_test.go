package pgvalue

import (
	"encoding/binary"
	"math"

	"pgregory.net/rapid"
)

// generators make values in the binary format that the server takes.
var generators = map[uint32]func(t *rapid.T) []byte{
	16: func(t *rapid.T) []byte { return []byte{rapid.Byte().Draw(t, "bool") & 1} },
	17: func(t *rapid.T) []byte { return rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes") },
	20: func(t *rapid.T) []byte { return fixed(rapid.Int64().Draw(t, "int8")) },
	21: func(t *rapid.T) []byte { return fixed(rapid.Int16().Draw(t, "int2")) },
	23: func(t *rapid.T) []byte { return fixed(rapid.Int32().Draw(t, "int4")) },
	25: text,
	26: func(t *rapid.T) []byte { return fixed(rapid.Uint32().Draw(t, "oid")) },
	27: func(t *rapid.T) []byte { return fixed(rapid.Uint32().Draw(t, "block"), rapid.Uint16().Draw(t, "line")) },
	28: func(t *rapid.T) []byte { return fixed(rapid.Uint32().Draw(t, "xid")) },
	114: func(t *rapid.T) []byte {
		return rapid.SampledFrom([][]byte{[]byte(`{"a":[1,"}"]}`), []byte(" null ")}).Draw(t, "json")
	},
	600: func(t *rapid.T) []byte { return points(t, 1) },
	601: func(t *rapid.T) []byte { return points(t, 2) },
	602: func(t *rapid.T) []byte {
		n := rapid.Int32Range(1, 4).Draw(t, "points")
		return fixed(rapid.Uint8Range(0, 1).Draw(t, "closed"), n, points(t, int(n)))
	},
	603: func(t *rapid.T) []byte { return points(t, 2) },
	604: func(t *rapid.T) []byte {
		n := rapid.Int32Range(1, 4).Draw(t, "points")
		return fixed(n, points(t, int(n)))
	},
	628:  func(t *rapid.T) []byte { return fixed(1+math.Abs(anyFloat(t)), anyFloat(t), anyFloat(t)) },
	650:  func(t *rapid.T) []byte { return address(t, true) },
	700:  func(t *rapid.T) []byte { return fixed(anyFloat4(t)) },
	701:  func(t *rapid.T) []byte { return fixed(anyFloat(t)) },
	718:  func(t *rapid.T) []byte { return fixed(points(t, 1), math.Abs(anyFloat(t))) },
	774:  func(t *rapid.T) []byte { return rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "macaddr8") },
	829:  func(t *rapid.T) []byte { return rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "macaddr") },
	869:  func(t *rapid.T) []byte { return address(t, false) },
	1043: text,
	1082: func(t *rapid.T) []byte { return fixed(rapid.Int32Range(-2_451_545, 2_145_031_948).Draw(t, "date")) },
	1083: func(t *rapid.T) []byte { return fixed(clock(t)) },
	1114: func(t *rapid.T) []byte { return fixed(moment(t)) },
	1184: func(t *rapid.T) []byte { return fixed(moment(t)) },
	1186: func(t *rapid.T) []byte {
		return fixed(rapid.Int64Range(math.MinInt64+1, math.MaxInt64-1).Draw(t, "micros"), rapid.Int32().Draw(t, "days"), rapid.Int32().Draw(t, "months"))
	},
	1266: func(t *rapid.T) []byte { return fixed(clock(t), rapid.Int32Range(-57_599, 57_599).Draw(t, "zone")) },
	1560: bits,
	1562: bits,
	1700: func(t *rapid.T) []byte {
		digits := rapid.SliceOfN(rapid.Int16Range(0, 9999), 0, 6).Draw(t, "digits")
		return fixed(int16(len(digits)), rapid.Int16Range(-4, 6).Draw(t, "weight"), rapid.SampledFrom([]uint16{0, 0x4000}).Draw(t, "sign"), rapid.Int16Range(0, 30).Draw(t, "scale"), digits)
	},
	2950: func(t *rapid.T) []byte { return rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid") },
	3802: func(t *rapid.T) []byte {
		return append([]byte{1}, rapid.SampledFrom([]string{`{"b": [1, "x y"]}`, "null"}).Draw(t, "jsonb")...)
	},
	5069: func(t *rapid.T) []byte { return fixed(rapid.Uint64().Draw(t, "xid8")) },
}

func fixed(fields ...any) (b []byte) {
	for _, f := range fields {
		b, _ = binary.Append(b, binary.BigEndian, f) // all are of a fixed size
	}
	return b
}

func text(t *rapid.T) []byte {
	return []byte(rapid.OneOf(
		rapid.StringMatching(`[ -~\t\n\r\v\fä✓]{0,8}`), rapid.SampledFrom([]string{"", "NULL", "nULl", `"`, `\`, " ", "a,b", "{}", "[1,2)", "\u00a0", "a;b"}),
	).Draw(t, "text"))
}

// anyFloat draws floats of every kind, among them those between which a short number lies in the middle.
func anyFloat(t *rapid.T) float64 {
	return rapid.OneOf(
		rapid.Float64(), rapid.Map(rapid.Uint64(), math.Float64frombits), rapid.Map(rapid.Int64(), func(i int64) float64 { return float64(i) }),
		rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1e15, 1e14, 1e-4, 1e-5, 123456, 5e-324, 1 << 62, 9007199254740993}),
		rapid.Custom(func(t *rapid.T) float64 {
			return math.Ldexp(float64(rapid.Int64Range(1<<52, 1<<53-1).Draw(t, "mantissa")&^1), rapid.IntRange(0, 80).Draw(t, "exponent"))
		}),
	).Draw(t, "float")
}

func anyFloat4(t *rapid.T) float32 {
	return rapid.OneOf(
		rapid.Float32(), rapid.Map(rapid.Uint32(), math.Float32frombits), rapid.SampledFrom([]float32{1e5, 1e6, 1e-4, 1e-5, 123456, 1 << 30}),
		rapid.Custom(func(t *rapid.T) float32 {
			return float32(math.Ldexp(float64(rapid.Int32Range(1<<23, 1<<24-1).Draw(t, "mantissa")&^1), rapid.IntRange(0, 45).Draw(t, "exponent")))
		}),
	).Draw(t, "float4")
}

func points(t *rapid.T, n int) (b []byte) {
	for range n {
		b = append(b, fixed(anyFloat(t), anyFloat(t))...)
	}
	return b
}

func address(t *rapid.T, network bool) []byte {
	family, size := byte(inetFour), 4
	if rapid.Bool().Draw(t, "six") {
		family, size = inetSix, 16
	}
	length := rapid.IntRange(0, 8*size).Draw(t, "bits")
	if rapid.Bool().Draw(t, "host") {
		length = 8 * size
	}
	b := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0, 0, 0, 1, 0xff, 0xff, 0x12}), size, size).Draw(t, "address")
	flag := byte(0)
	if network {
		flag = 1
		for i := range b {
			b[i] &= byte(uint16(0xff00) >> min(8, max(0, length-8*i)))
		}
	}
	return append([]byte{family, byte(length), flag, byte(size)}, b...)
}

func clock(t *rapid.T) int64 {
	return rapid.OneOf(rapid.Int64Range(0, microsPerDay), rapid.Map(rapid.Int64Range(0, 86_400), func(s int64) int64 { return s * 1_000_000 })).Draw(t, "time")
}

func moment(t *rapid.T) int64 {
	return rapid.OneOf(
		rapid.Int64Range(-211_813_488_000_000_000, 9_223_371_331_199_999_999), rapid.Map(rapid.Int64Range(-1e9, 1e9), func(s int64) int64 { return s * 1_000_000 }),
		rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64}),
	).Draw(t, "timestamp")
}

func bits(t *rapid.T) []byte {
	n := rapid.Int32Range(0, 20).Draw(t, "bits")
	size := int(n+7) / 8
	return fixed(n, rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "bytes"))
}

// array makes arrays of up to three dimensions.
func array(element uint32) func(t *rapid.T) []byte {
	return func(t *rapid.T) []byte {
		dimensions := rapid.Int32Range(0, 3).Draw(t, "dimensions")
		b, n := fixed(dimensions, int32(0), element), 1
		for range dimensions {
			length := rapid.Int32Range(1, 3).Draw(t, "length")
			b = append(b, fixed(length, rapid.OneOf(rapid.Just(int32(1)), rapid.Int32Range(-3, 3)).Draw(t, "lower"))...)
			n *= int(length)
		}
		for range n {
			if dimensions == 0 {
				break
			}
			if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
				b = append(b, fixed(int32(-1))...)
				continue
			}
			value := generators[element](t)
			b = append(b, fixed(int32(len(value)), value)...)
		}
		return b
	}
}
