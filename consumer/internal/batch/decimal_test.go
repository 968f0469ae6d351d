package batch

import (
	"bytes"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"eventsync/pkg/change"
)

// scaled is the same conversion by arbitrary precision.
func scaled(t *rapid.T, text string, precision, scale int) (n *big.Int, fits bool) {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("not a number: %q", text)
	}
	ten := big.NewInt(10)
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(ten, big.NewInt(int64(scale)), nil)))
	limit := new(big.Int).Exp(ten, big.NewInt(int64(precision)), nil)
	return r.Num(), r.IsInt() && r.Num().CmpAbs(limit) < 0
}

// number reads little-endian two's complement.
func number(b []byte) *big.Int {
	b = bytes.Clone(b)
	slices.Reverse(b)
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func TestDecimalIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		precision := rapid.IntRange(1, maxDecimalDigits).Draw(t, "precision")
		scale := rapid.IntRange(0, precision).Draw(t, "scale")
		text := rapid.StringMatching(`[+-]?0{0,3}[0-9]{1,40}(\.[0-9]{0,40}0{0,3})?`).Draw(t, "text")
		if rapid.Bool().Draw(t, "at the limit") {
			text = strings.Repeat("9", precision-scale) + "." + strings.Repeat("9", scale)
			text = rapid.SampledFrom([]string{"", "-", "1"}).Draw(t, "lead") + text
		}
		text = strings.TrimSuffix(text, ".")
		if text == "" || text == "-" || text == "1" && precision == scale {
			text = "0"
		}
		n, err := parseDecimal([]byte(text), precision, scale)
		want, fits := scaled(t, text, precision, scale)
		if fits != (err == nil) {
			t.Fatalf("%q into Decimal(%d, %d): error %v, but it fits: %v", text, precision, scale, err, fits)
		}
		if err != nil {
			return
		}
		size := decimalBytes(precision)
		if got := number(n.append(nil, size)); got.Cmp(want) != 0 {
			t.Fatalf("%q into Decimal(%d, %d): %v, want %v", text, precision, scale, got, want)
		}
	})
}

func TestIntegerToDecimalIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		precision := rapid.IntRange(1, maxDecimalDigits).Draw(t, "precision")
		scale := rapid.IntRange(0, precision).Draw(t, "scale")
		i := rapid.Int64().Draw(t, "i")
		n, err := scaleInteger(i, precision, scale)
		want, fits := scaled(t, big.NewInt(i).String(), precision, scale)
		if fits != (err == nil) {
			t.Fatalf("%d into Decimal(%d, %d): error %v, but it fits: %v", i, precision, scale, err, fits)
		}
		if err == nil && number(n.append(nil, decimalBytes(precision))).Cmp(want) != 0 {
			t.Fatalf("%d into Decimal(%d, %d): %v, want %v", i, precision, scale, n, want)
		}
	})
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"", "-", ".", "-.5", "1.", "00.10", "NaN", "-Infinity", "1e5", "1.2.3", "١"} {
		f.Add(s, 18, 4)
	}
	f.Fuzz(func(t *testing.T, text string, precision, scale int) {
		if precision < 1 || precision > maxDecimalDigits || scale < 0 || scale > precision {
			return
		}
		_, err := parseDecimal([]byte(text), precision, scale)
		if _, ok := new(big.Rat).SetString(text); err == nil && !ok {
			t.Errorf("%q is taken for a number", text)
		}
	})
}

func TestDecimalErrorsAreNotNumbers(t *testing.T) {
	a, _, err := decimalAppender(change.TypeDecimal, &typeName{text: "Decimal(9, 2)", base: "Decimal", arguments: "9, 2"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"", "-", ".", "1e5", "1.2.3", " 1", "1,5", "0x10"} {
		v := change.TextValue([]byte(s))
		if b, err := a([]byte("kept"), &v); !errors.Is(err, errNumber) || string(b) != "kept" {
			t.Errorf("%q: error %v, bytes %q", s, err, b)
		}
	}
}
