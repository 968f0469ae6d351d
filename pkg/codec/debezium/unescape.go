package debezium

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var errEscape = errors.New("malformed escape in a JSON string")

const (
	escapes  = `"\/bfnrt`
	escapeds = "\"\\/\b\f\n\r\t"
)

// unescape appends what stands between a string's quotes. Half a pair of surrogates becomes the replacement character.
func unescape(b, raw []byte) ([]byte, error) {
	for {
		slash := bytes.IndexByte(raw, '\\')
		if slash < 0 {
			return append(b, raw...), nil
		}
		b, raw = append(b, raw[:slash]...), raw[slash+1:]
		if len(raw) == 0 {
			return b, errEscape
		}
		if i := strings.IndexByte(escapes, raw[0]); i >= 0 {
			b, raw = append(b, escapeds[i]), raw[1:]
			continue
		}
		r, ok := escapedRune(raw)
		if !ok {
			return b, errEscape
		}
		raw = raw[5:]
		if utf16.IsSurrogate(r) {
			low, ok := rune(0), false
			if len(raw) > 0 && raw[0] == '\\' {
				low, ok = escapedRune(raw[1:])
			}
			if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
				raw = raw[6:]
			}
		}
		b = utf8.AppendRune(b, r)
	}
}

// escapedRune reads u and four hexadecimal digits.
func escapedRune(raw []byte) (r rune, ok bool) {
	if len(raw) < 5 || raw[0] != 'u' {
		return 0, false
	}
	for _, c := range raw[1:5] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
