package batch

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// presentQuery selects those of the target's rows that may be rows of the batch. A snapshot's rows all have one version,
// so the ranges of integer columns keep them few.
func (b *Batch) presentQuery() string {
	d := &b.plan.identity
	var columns, ranges []string
	for _, i := range d.steps {
		s := &b.plan.steps[i]
		columns = append(columns, selected(s))
		if lo, hi, ok := integerRange(b.columns[i], s.typ); ok {
			ranges = append(ranges, fmt.Sprintf("%s BETWEEN %s AND %s", identifier(s.name), lo, hi))
		}
	}
	s := &b.plan.steps[d.version]
	columns = append(columns, selected(s))
	lo, hi, _ := integerRange(b.columns[d.version], s.typ)
	condition := fmt.Sprintf("%s >= %s", identifier(s.name), lo)
	if !d.newer {
		condition += fmt.Sprintf(" AND %s <= %s", identifier(s.name), hi)
	}
	ranges = append(ranges, condition)
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + identifier(b.target.name) + " WHERE " + strings.Join(ranges, " AND ")
}

// selected makes the server send the column in the bytes that it was inserted with: not as a dictionary, not sparse, and
// not in the type that it may have got since.
func selected(s *step) string {
	return fmt.Sprintf("materialize(CAST(%s, %s))", identifier(s.name), literal(string(s.typ.plainType())))
}

// integerRange gives the smallest and the greatest value of a column of integers of up to 64 bits that cannot be NULL.
func integerRange(c column, t *typeName) (lo, hi string, ok bool) {
	p, isPlain := c.(*plain)
	w, isInteger := integerWidths[t.base]
	if !isPlain || !isInteger || w.bytes > 8 {
		return "", "", false
	}
	if w.min < 0 {
		least, greatest := int64(math.MaxInt64), int64(math.MinInt64)
		for at := 0; at < len(p.buf); at += w.bytes {
			i := signExtended(lowFirst(p.buf[at:at+w.bytes]), w.bytes)
			least, greatest = min(least, i), max(greatest, i)
		}
		return strconv.FormatInt(least, 10), strconv.FormatInt(greatest, 10), true
	}
	least, greatest := uint64(math.MaxUint64), uint64(0)
	for at := 0; at < len(p.buf); at += w.bytes {
		u := lowFirst(p.buf[at : at+w.bytes])
		least, greatest = min(least, u), max(greatest, u)
	}
	return strconv.FormatUint(least, 10), strconv.FormatUint(greatest, 10), true
}

func lowFirst(b []byte) uint64 {
	var word [8]byte
	copy(word[:], b)
	return binary.LittleEndian.Uint64(word[:])
}

func signExtended(u uint64, bytes int) int64 {
	shift := 64 - 8*bytes
	return int64(u<<shift) >> shift //nolint:gosec // G115: the bits are kept
}

var (
	identifierEscapes = strings.NewReplacer("\\", "\\\\", "`", "\\`")
	literalEscapes    = strings.NewReplacer("\\", "\\\\", "'", "\\'")
)

func identifier(name string) string { return "`" + identifierEscapes.Replace(name) + "`" }

func literal(text string) string { return "'" + literalEscapes.Replace(text) + "'" }
