package batch

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"eventsync/pkg/change"
)

// What a column holds is the time rounded down to its precision.
func TestDateTime64KeepsTheTime(t *testing.T) {
	earliest := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	latest := time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		precision := rapid.IntRange(0, 9).Draw(t, "precision")
		micros := rapid.OneOf(
			rapid.Int64Range(earliest.UnixMicro()-10, latest.UnixMicro()+10),
			rapid.SampledFrom([]int64{earliest.UnixMicro(), earliest.UnixMicro() - 1, latest.UnixMicro(), latest.UnixMicro() - 1, -1, 0, math.MaxInt64 - 1, math.MinInt64 + 1}),
		).Draw(t, "micros")
		typ, err := parseType(fmt.Sprintf("DateTime64(%d, 'UTC')", precision))
		if err != nil {
			t.Fatal(err)
		}
		c, err := newConversion(&change.Column{Type: change.TypeTimestampTZ}, typ)
		if err != nil {
			t.Fatal(err)
		}
		v := change.IntegerValue(micros)
		b, err := c.append(nil, &v)

		at := time.UnixMicro(micros).UTC()
		unit := time.Duration(math.Pow10(9 - precision))
		inRange := !at.Before(earliest) && at.Before(latest)
		if precision > 6 {
			inRange = inRange && micros >= math.MinInt64/int64(math.Pow10(precision-6)) && micros <= math.MaxInt64/int64(math.Pow10(precision-6))
		}
		if inRange != (err == nil) {
			t.Fatalf("%v: error %v, but it is in range: %v", at, err, inRange)
		}
		if err != nil {
			return
		}
		ticks := int64(binary.LittleEndian.Uint64(b))
		perSecond := int64(time.Second / unit)
		seconds := floorDiv(ticks, perSecond)
		got := time.Unix(seconds, (ticks-seconds*perSecond)*int64(unit)).UTC()
		if lost := at.Sub(got); lost < 0 || lost >= max(unit, 1) {
			t.Fatalf("%v became %v", at, got)
		}
	})
}

func TestDateTimeKeepsTheSecond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(-5_000_000, (math.MaxUint32+5)*microsPerSecond).Draw(t, "micros")
		c, err := newConversion(&change.Column{Type: change.TypeTimestamp}, &typeName{base: "DateTime"})
		if err != nil {
			t.Fatal(err)
		}
		v := change.IntegerValue(micros)
		b, err := c.append(nil, &v)
		want := time.UnixMicro(micros).Unix()
		if fits := want >= 0 && want <= math.MaxUint32; fits != (err == nil) {
			t.Fatalf("%d: error %v", micros, err)
		}
		if err == nil && int64(binary.LittleEndian.Uint32(b)) != want {
			t.Fatalf("%d: %v, want %d", micros, b, want)
		}
	})
}

func TestTimeTextIsATime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(0, secondsPerDay*microsPerSecond-1).Draw(t, "micros")
		v := change.IntegerValue(micros)
		b, err := appendTimeText(nil, &v)
		if err != nil {
			t.Fatal(err)
		}
		want := time.UnixMicro(micros).UTC().Format("15:04:05.000000")
		if micros%microsPerSecond == 0 {
			want = want[:8]
		}
		if int(b[0]) != len(b)-1 || string(b[1:]) != want {
			t.Fatalf("%d: %q, want %q", micros, b, want)
		}
	})
}
