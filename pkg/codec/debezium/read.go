package debezium

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"eventsync/pkg/change"
)

// row reads a row's values, in the order of the columns. What it does not have is unavailable; so are the nulls of a
// deleted row beside its key, of which nobody knows what they were.
func (t *table) row(values []change.Value, row []byte, deleted bool) ([]change.Value, error) {
	for range t.columns {
		values = append(values, change.UnavailableValue())
	}
	next := 0
	err := eachField(row, func(name string, raw []byte) error {
		i := next
		if i >= len(t.columns) || t.relation.Columns[i].Name != name {
			if i = t.relation.Column(name); i < 0 {
				return fmt.Errorf("the row has a column %q, which the schema has not", name)
			}
		}
		next = i + 1
		if deleted && raw[0] == 'n' && !t.relation.Columns[i].Key {
			return nil
		}
		v, err := t.columns[i].read(raw)
		if err != nil {
			return fmt.Errorf("column %s: %w", name, err)
		}
		values[i] = v
		return nil
	})
	return values, err
}

// read reads a value's JSON, which is known to be well-formed.
func (c column) read(raw []byte) (change.Value, error) {
	switch {
	case raw[0] == 'n':
		return change.NullValue(), nil
	case string(raw) == unavailable, string(raw) == unavailableBytes, string(raw) == "["+unavailable+"]":
		return change.UnavailableValue(), nil
	}
	switch c.form {
	case formRaw:
		return change.TextValue(raw), nil
	case formBool:
		return change.BoolValue(raw[0] == 't'), nil
	case formInteger, formMicroTime, formMicroTimestamp:
		return readInteger(raw, 1)
	case formTime:
		return readInteger(raw, 1000)
	case formTimestamp:
		return readInteger(raw, 1000, millisNegativeInfinity, millisInfinity)
	case formDate:
		return readInteger(raw, 1, dateNegativeInfinity, dateInfinity)
	case formFloat32:
		return readFloat(raw, 32)
	case formFloat64:
		return readFloat(raw, 64)
	case formVariableDecimal:
		var v struct {
			Scale int
			Value []byte
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			return change.Value{}, err
		}
		return readDecimal(v.Value, v.Scale)
	}
	if raw[0] != '"' { // a column of text that also held numbers
		return change.TextValue(raw), nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return change.Value{}, err
	}
	return c.readText(s)
}

// readText reads what stands in a JSON string.
func (c column) readText(s string) (change.Value, error) {
	switch c.form {
	case formBytes:
		b, err := base64.StdEncoding.DecodeString(s)
		return change.BytesValue(b), err
	case formDecimal:
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return change.Value{}, err
		}
		return readDecimal(b, c.scale)
	case formUUID:
		b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
		if err != nil || len(b) != 16 {
			return change.Value{}, fmt.Errorf("%q is no UUID", s)
		}
		return change.BytesValue(b), nil
	case formZonedTimestamp:
		return readZonedTimestamp(s)
	default:
		return change.TextValue([]byte(s)), nil
	}
}

// readInteger reads a whole number in that many units; infinities are those that stand for the negative and the positive.
func readInteger(raw []byte, unit int64, infinities ...int64) (change.Value, error) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return change.Value{}, err
	}
	for i, v := range infinities {
		if n == v {
			return change.IntegerValue([]int64{change.NegativeInfinity, change.PositiveInfinity}[i]), nil
		}
	}
	return change.IntegerValue(n * unit), nil
}

func readFloat(raw []byte, bits int) (change.Value, error) {
	f, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), bits) // NaN and the infinities are strings
	return change.FloatValue(f), err
}

// readDecimal makes text of a number's bytes without its point.
func readDecimal(b []byte, scale int) (change.Value, error) {
	if len(b) == 0 || scale < -100_000 || scale > 100_000 {
		return change.Value{}, errors.New("malformed decimal")
	}
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	digits := n.String()
	sign := ""
	if n.Sign() < 0 {
		sign, digits = "-", digits[1:]
	}
	switch {
	case scale < 0 && n.Sign() != 0:
		digits += strings.Repeat("0", -scale)
	case scale > 0:
		if missing := scale + 1 - len(digits); missing > 0 {
			digits = strings.Repeat("0", missing) + digits
		}
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	return change.TextValue([]byte(sign + digits)), nil
}

// readZonedTimestamp reads "2024-02-29T12:34:56.789012Z", also of years before Christ and beyond 9999.
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

func isObject(raw []byte) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '{'
}

// eachField calls f with each field of an object, in their order.
func eachField(object []byte, f func(name string, value []byte) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("%.40q is no object", object)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		text, _ := name.(string)
		if err := f(text, value); err != nil {
			return err
		}
	}
	return nil
}
