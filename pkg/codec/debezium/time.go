package debezium

import (
	"time"

	"eventsync/pkg/change"
)

// What Debezium makes of the infinities of dates, and of timestamps in milliseconds.
const (
	dateInfinity           = 2146033979
	dateNegativeInfinity   = -2147472691
	millisInfinity         = 9223372036825200000
	millisNegativeInfinity = -9223372036832400000
)

// finite gives the number that stands for v: n, unless it is an infinity.
func finite(v, n, positive, negative int64) int64 {
	switch v {
	case change.PositiveInfinity:
		return positive
	case change.NegativeInfinity:
		return negative
	default:
		return n
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// calendar prints days, and remembers the last: those of a stream are nearly all the same.
type calendar struct {
	day  int64
	text []byte
}

// append appends a day since 1970 as "2024-02-29".
func (c *calendar) append(b []byte, day int64) []byte {
	if day != c.day || len(c.text) == 0 {
		year, month, date := time.Unix(day*86_400, 0).UTC().Date()
		text := c.text[:0]
		switch {
		case year < 0:
			text = append(text, '-')
			year = -year
		case year > 9999:
			text = append(text, '+')
		}
		text = append(appendPadded(text, year, 4), '-')
		text = append(append2(text, int(month)), '-')
		c.day, c.text = day, append2(text, date)
	}
	return append(b, c.text...)
}

// appendZonedTimestamp appends microseconds since 1970 as "2024-02-29T12:34:56.789012Z".
func (c *calendar) appendZonedTimestamp(b []byte, micros int64, digits int) []byte {
	switch micros {
	case change.PositiveInfinity:
		return append(b, `"infinity"`...)
	case change.NegativeInfinity:
		return append(b, `"-infinity"`...)
	}
	day := floorDiv(micros, microsPerDay)
	inDay := micros - day*microsPerDay
	b = c.append(append(b, '"'), day)
	b = appendClock(append(b, 'T'), int(inDay/microsPerSecond))
	if digits > 0 {
		b = appendPadded(append(b, '.'), int(inDay%microsPerSecond), 6)
		b = b[:len(b)-6+min(digits, 6)]
	}
	return append(b, 'Z', '"')
}

// appendClock appends seconds since midnight as "12:34:56".
func appendClock(b []byte, seconds int) []byte {
	b = append2(b, seconds/3600)
	b = append2(append(b, ':'), seconds/60%60)
	return append2(append(b, ':'), seconds%60)
}

// append2 appends a number of two digits.
func append2(b []byte, n int) []byte { return append(b, byte('0'+n/10%10), byte('0'+n%10)) }

// appendPadded appends a number of at least that many digits.
func appendPadded(b []byte, n, digits int) []byte {
	var memory [20]byte
	at := len(memory)
	for n > 0 || digits > 0 {
		at--
		memory[at] = byte('0' + n%10)
		n /= 10
		digits--
	}
	return append(b, memory[at:]...)
}

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
	microsPerMonth  = microsPerDay * 30_4375 / 1_0000 // a year has 365.25 days
)

// appendInterval appends "1 year 2 mons -3 days 04:05:06.789" as microseconds.
func appendInterval(b, text []byte) []byte {
	var total, n int64
	for len(text) > 0 {
		var word []byte
		word, text = cutWord(text)
		switch {
		case len(word) == 0:
		case isNumber(word[0]):
			if micros, ok := parseClock(word); ok {
				total += micros
				continue
			}
			n = parseNumber(word)
		case word[0] == 'y':
			total += n * 12 * microsPerMonth
		case word[0] == 'm':
			total += n * microsPerMonth
		case word[0] == 'd':
			total += n * microsPerDay
		}
	}
	return appendNumber(b, "", total)
}

// appendZonedTime appends "12:34:56.789+02" as the time in UTC, "10:34:56.789Z".
func appendZonedTime(b, text []byte) []byte {
	at := len(text)
	for at > 0 && text[at-1] != '+' && text[at-1] != '-' {
		at--
	}
	if at == 0 {
		return appendString(b, text)
	}
	clock, ok := parseClock(text[:at-1])
	offset, ok2 := parseClock(text[at-1:])
	if !ok2 { // hours alone
		offset = parseNumber(text[at-1:]) * 3600 * microsPerSecond
	}
	if !ok {
		return appendString(b, text)
	}
	clock = ((clock-offset)%microsPerDay + microsPerDay) % microsPerDay
	seconds := int(clock / microsPerSecond)
	b = appendClock(append(b, '"'), seconds)
	if fraction := int(clock % microsPerSecond); fraction > 0 {
		b = appendPadded(append(b, '.'), fraction, 6)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return append(b, 'Z', '"')
}

// parseClock reads "-04:05:06.789" or "04:05" as microseconds.
func parseClock(b []byte) (micros int64, ok bool) {
	negative := len(b) > 0 && b[0] == '-'
	unit, n, fraction := int64(3600*microsPerSecond), int64(0), false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9' && fraction:
			unit /= 10
			micros += int64(c-'0') * unit
		case c >= '0' && c <= '9':
			n = n*10 + int64(c-'0')
		case c == ':':
			micros += n * unit
			n, unit, ok = 0, unit/60, true
		case c == '.':
			micros += n * unit
			n, fraction = 0, true
		}
	}
	if !fraction {
		micros += n * unit
	}
	if negative {
		micros = -micros
	}
	return micros, ok
}

func cutWord(b []byte) (word, rest []byte) {
	for i, c := range b {
		if c == ' ' {
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

func isNumber(c byte) bool { return c == '-' || c == '+' || c >= '0' && c <= '9' }

func parseNumber(b []byte) (n int64) {
	for _, c := range b {
		if c >= '0' && c <= '9' {
			n = n*10 + int64(c-'0')
		}
	}
	if len(b) > 0 && b[0] == '-' {
		n = -n
	}
	return n
}
