package debezium

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"time"
)

// appendArray appends the source's text of an array, {1,NULL,"a b"}, as a JSON array. It allocates where elements are
// escaped or no plain numbers and texts.
func (f *field) appendArray(b, text []byte) []byte {
	if at := bytes.IndexByte(text, '{'); at > 0 && text[0] == '[' { // its bounds do not begin with 1: [0:2]={...}
		text = text[at:]
	}
	element := field{form: f.items, scale: f.scale}
	first := true
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '{':
			if !first {
				b = append(b, ',')
			}
			b = append(b, '[')
			first = true
			i++
		case '}':
			b = append(b, ']')
			first = false
			i++
		case ',':
			i++
		default:
			if !first {
				b = append(b, ',')
			}
			first = false
			var item []byte
			var quoted bool
			item, quoted, i = cutElement(text, i)
			if !quoted && string(item) == "NULL" {
				b = append(b, "null"...)
			} else {
				b = element.appendElement(b, item)
			}
		}
	}
	return b
}

// cutElement reads the element at i.
func cutElement(text []byte, i int) (item []byte, quoted bool, next int) {
	if text[i] != '"' {
		end := i
		for end < len(text) && text[end] != ',' && text[end] != '}' {
			end++
		}
		return text[i:end], false, end
	}
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		item = append(item, text[i])
	}
	return item, true, i + 1
}

// appendElement appends an element, which is always text, in the form of a column of its type.
func (f *field) appendElement(b, text []byte) []byte {
	switch f.form {
	case formInteger:
		return append(b, text...)
	case formBool:
		return strconv.AppendBool(b, len(text) > 0 && text[0] == 't')
	case formFloat32:
		return appendFloatText(b, text, 32)
	case formFloat64:
		return appendFloatText(b, text, 64)
	case formBytes:
		raw, err := hex.DecodeString(string(bytes.TrimPrefix(text, []byte(`\x`))))
		if err != nil {
			return append(b, "null"...)
		}
		return appendBytes(b, raw)
	case formDate:
		t, err := time.Parse(time.DateOnly, string(text))
		if err != nil {
			return append(b, "null"...)
		}
		return appendNumber(b, "", floorDiv(t.Unix(), 86_400))
	case formMicroTimestamp:
		t, err := time.Parse(time.DateTime, string(text))
		if err != nil {
			return append(b, "null"...)
		}
		return appendNumber(b, "", t.UnixMicro())
	case formZonedTimestamp:
		t, err := time.Parse(time.DateTime+"Z07", string(text))
		if err != nil {
			return append(b, "null"...)
		}
		return f.days.appendZonedTimestamp(b, t.UnixMicro(), f.scale)
	default:
		return f.appendText(b, text)
	}
}

func appendFloatText(b, text []byte, bits int) []byte {
	v, err := strconv.ParseFloat(string(text), bits)
	if err != nil {
		return append(b, "null"...)
	}
	return appendFloat(b, v, bits)
}
