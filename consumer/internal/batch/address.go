package batch

import (
	"bytes"
	"encoding/binary"
	"errors"

	"eventsync/pkg/change"
)

var (
	errAddress = errors.New("it is no address of this kind")
	errNetwork = errors.New("it is a network, not an address")
)

func addressAppender(source change.Type, base string) (appender, []byte, error) {
	switch {
	case !isText(source):
		return nil, nil, errNoConversion
	case base == "IPv4":
		return appendIPv4, make([]byte, 4), nil
	default:
		return appendIPv6, make([]byte, 16), nil
	}
}

func appendIPv4(b []byte, v *change.Value) ([]byte, error) {
	n, ok := parseIPv4(v.Bytes)
	if !ok {
		return b, notAddress(v.Bytes)
	}
	return binary.LittleEndian.AppendUint32(b, n), nil
}

// appendIPv6 writes an address of version 4 as ClickHouse does: ::ffff:192.0.2.1.
func appendIPv6(b []byte, v *change.Value) ([]byte, error) {
	if n, ok := parseIPv4(v.Bytes); ok {
		b = append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)
		return binary.BigEndian.AppendUint32(b, n), nil
	}
	a, ok := parseIPv6(v.Bytes)
	if !ok {
		return b, notAddress(v.Bytes)
	}
	return append(b, a[:]...), nil
}

func notAddress(text []byte) error {
	if bytes.IndexByte(text, '/') >= 0 {
		return errNetwork
	}
	return errAddress
}

func parseIPv4(text []byte) (n uint32, ok bool) {
	part, digits, dots := 0, 0, 0
	for _, c := range text {
		switch {
		case isDigit(c) && digits < 3:
			part = part*10 + int(c-'0')
			digits++
		case c == '.' && digits > 0 && part <= 255 && dots < 3:
			n = n<<8 | uint32(part) //nolint:gosec // G115: at most 255
			part, digits, dots = 0, 0, dots+1
		default:
			return 0, false
		}
	}
	return n<<8 | uint32(part), digits > 0 && part <= 255 && dots == 3
}

// parseIPv6 reads groups of hexadecimal digits, of which a run of zeros may be left out, and the last two written as an
// address of version 4. (netip.ParseAddr allocates.)
func parseIPv6(text []byte) (a [16]byte, ok bool) {
	at, gap := 0, -1
	if rest, ok := bytes.CutPrefix(text, []byte("::")); ok {
		gap, text = 0, rest
	}
	for len(text) > 0 {
		n, digits := cutHex(text)
		switch rest := text[digits:]; {
		case len(rest) > 0 && rest[0] == '.' && at <= 12:
			four, ok := parseIPv4(text)
			if !ok {
				return a, false
			}
			binary.BigEndian.PutUint32(a[at:], four)
			at, text = at+4, nil
			continue
		case digits == 0 || at == 16:
			return a, false
		default:
			binary.BigEndian.PutUint16(a[at:], n)
			at, text = at+2, rest
		}
		switch {
		case len(text) == 0:
		case text[0] != ':' || len(text) == 1:
			return a, false
		case text[1] != ':':
			text = text[1:]
		case gap >= 0:
			return a, false
		default:
			gap, text = at, text[2:]
		}
	}
	if gap < 0 || at == 16 {
		return a, gap < 0 && at == 16
	}
	moved := copy(a[16-(at-gap):], a[gap:at])
	clear(a[gap : 16-moved])
	return a, true
}

// cutHex reads up to four digits.
func cutHex(text []byte) (n uint16, digits int) {
	for ; digits < len(text) && digits < 4; digits++ {
		c := text[digits]
		switch {
		case isDigit(c):
			n = n<<4 | uint16(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			n = n<<4 | uint16(c|0x20-'a'+10)
		default:
			return n, digits
		}
	}
	return n, digits
}
