package debezium

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"eventsync/pkg/change"
)

// memory holds the values of one message that do not stand in it as they are.
type memory struct {
	b   []byte
	day []byte // the last one that was read, as it was written
	at  int64  // when it began, in microseconds since 1970
}

// since gives what was appended from a length on.
func (m *memory) since(from int) []byte { return m.b[from:len(m.b):len(m.b)] }

func (m *memory) unescape(raw []byte) (_ []byte, err error) {
	from := len(m.b)
	m.b, err = unescape(m.b, raw)
	return m.since(from), err
}

func (m *memory) base64(raw []byte) (_ []byte, err error) {
	from := len(m.b)
	m.b, err = base64.StdEncoding.AppendDecode(m.b, raw)
	return m.since(from), err
}

// readInfinite reads a whole number in that many units, of which two stand for the infinities.
func readInfinite(raw []byte, unit, negative, positive int64) (change.Value, error) {
	n, err := parseInteger(raw)
	switch n {
	case negative:
		return change.IntegerValue(change.NegativeInfinity), err
	case positive:
		return change.IntegerValue(change.PositiveInfinity), err
	default:
		return change.IntegerValue(n * unit), err
	}
}

func readFloat(raw []byte, bits int) (change.Value, error) {
	f, err := strconv.ParseFloat(string(raw), bits)
	return change.FloatValue(f), err
}

func readUUID(raw []byte, m *memory) (change.Value, error) {
	from := len(m.b)
	for i := 0; i+1 < len(raw); i += 2 {
		if raw[i] == '-' {
			i++
		}
		var err error
		if m.b, err = hex.AppendDecode(m.b, raw[i:min(i+2, len(raw))]); err != nil {
			break
		}
	}
	if b := m.since(from); len(b) == 16 && len(raw) <= 36 {
		return change.BytesValue(b), nil
	}
	return change.Value{}, fmt.Errorf("%.40q is no UUID", raw)
}

// readVariableDecimal reads {"scale":2,"value":"..."}.
func readVariableDecimal(raw []byte, m *memory) (change.Value, error) {
	s := scanner{b: raw}
	if err := s.open(); err != nil {
		return change.Value{}, err
	}
	scale, value := int64(0), []byte(nil)
	for first := true; ; first = false {
		name, err := s.field(first)
		if err != nil {
			return change.Value{}, err
		}
		if name == nil {
			return readDecimal(value, int(scale), m)
		}
		field, err := s.value()
		switch {
		case err != nil:
		case string(name) == "scale":
			scale, err = parseInteger(field)
		case string(name) == "value" && len(field) > 2 && field[0] == '"':
			value = field[1 : len(field)-1]
		}
		if err != nil {
			return change.Value{}, err
		}
	}
}

var errDecimal = errors.New("malformed decimal")

// readDecimal makes text of the base64 of a number's bytes without its point.
func readDecimal(raw []byte, scale int, m *memory) (change.Value, error) {
	b, err := m.base64(raw)
	switch {
	case err != nil:
		return change.Value{}, err
	case len(b) == 0 || scale < -100_000 || scale > 100_000:
		return change.Value{}, errDecimal
	}
	var short [20]byte
	var digits []byte
	negative := b[0] >= 0x80
	if len(b) <= 8 {
		n := int64(int8(b[0])) //nolint:gosec // G115: the sign
		for _, c := range b[1:] {
			n = n<<8 | int64(c)
		}
		digits = strconv.AppendInt(short[:0], n, 10)
	} else {
		n := new(big.Int).SetBytes(b)
		if negative {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
		digits = n.Append(nil, 10)
	}
	if negative {
		digits = digits[1:]
	}
	from := len(m.b)
	m.point(negative, digits, scale)
	return change.TextValue(m.since(from)), nil
}

// point appends digits with a point before that many of them.
func (m *memory) point(negative bool, digits []byte, scale int) {
	if negative {
		m.b = append(m.b, '-')
	}
	whole := len(digits) - max(scale, 0)
	if whole <= 0 {
		m.b = append(m.b, '0')
	} else {
		m.b = append(m.b, digits[:whole]...)
	}
	switch {
	case scale > 0:
		m.b = append(m.b, '.')
		for range -whole {
			m.b = append(m.b, '0')
		}
		m.b = append(m.b, digits[max(whole, 0):]...)
	case string(digits) != "0":
		for range -scale {
			m.b = append(m.b, '0')
		}
	}
}

// zonedTimestamp reads "2024-02-29T12:34:56.789012Z", also of years before Christ and beyond 9999.
func (m *memory) zonedTimestamp(raw []byte) (change.Value, error) {
	const day, clock = len("2024-02-29"), len("2024-02-29T12:34:56")
	if len(raw) > clock && raw[day] == 'T' && raw[day+3] == ':' && raw[day+6] == ':' && string(raw[:day]) == string(m.day) {
		hour, minute, second := digits(raw[day+1:]), digits(raw[day+4:]), digits(raw[day+7:])
		fraction, unit, at := int64(0), int64(microsPerSecond), clock
		if raw[at] == '.' {
			for at++; at < len(raw) && raw[at] >= '0' && raw[at] <= '9'; at++ {
				unit /= 10
				fraction += int64(raw[at]-'0') * unit
			}
		}
		if at == len(raw)-1 && raw[at] == 'Z' && hour < 24 && minute < 60 && second < 60 {
			return change.IntegerValue(m.at + (hour*3600+minute*60+second)*microsPerSecond + fraction), nil
		}
	}
	v, err := readZonedTimestamp(string(raw))
	if err == nil && len(raw) > clock && raw[day] == 'T' && raw[len(raw)-1] == 'Z' {
		m.day, m.at = append(m.day[:0], raw[:day]...), floorDiv(v.Integer(), microsPerDay)*microsPerDay
	}
	return v, err
}

// digits reads two digits; what is none gives more than there are.
func digits(b []byte) int64 {
	if b[0] < '0' || b[0] > '9' || b[1] < '0' || b[1] > '9' {
		return 100
	}
	return int64(b[0]-'0')*10 + int64(b[1]-'0')
}

// readZonedTimestamp is the same, not made for speed.
func readZonedTimestamp(s string) (change.Value, error) {
	switch s {
	case "infinity":
		return change.IntegerValue(change.PositiveInfinity), nil
	case "-infinity":
		return change.IntegerValue(change.NegativeInfinity), nil
	}
	signless := strings.TrimLeft(s, "+-")
	year, rest, ok := strings.Cut(signless, "-")
	y, err := strconv.Atoi(year)
	if !ok || err != nil || len(year) > 6 {
		return change.Value{}, fmt.Errorf("%q is no timestamp", s)
	}
	if s[0] == '-' {
		y = -y
	}
	const cycle = 400 // years, after which the calendar repeats itself
	within := (y%cycle+cycle)%cycle + 2000
	t, err := time.Parse(time.RFC3339Nano, strconv.Itoa(within)+"-"+rest)
	if err != nil {
		return change.Value{}, fmt.Errorf("%q is no timestamp: %w", s, err)
	}
	const daysPerCycle = 146_097
	return change.IntegerValue(t.UnixMicro() + int64((y-within)/cycle)*daysPerCycle*microsPerDay), nil
}
