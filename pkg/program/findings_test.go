package program

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"
)

func TestFindings(t *testing.T) {
	advice := Finding{What: "c", OK: true, Problem: "it may fail over", Fix: "SET a > b"}
	report := func(f *Findings, err error) {
		f.Add("a", nil)
		f.Add("b", err)
		f.Report(advice)
	}
	for _, c := range []struct {
		err   error
		lines string
		all   []Finding
	}{
		{nil, "ok: a\nok: b\nADVICE: c: it may fail over; to mend it: SET a > b\n", []Finding{{What: "a", OK: true}, {What: "b", OK: true}, advice}},
		{errors.New("gone"), "ok: a\nPROBLEM: b: gone\nADVICE: c: it may fail over; to mend it: SET a > b\n", []Finding{{What: "a", OK: true}, {What: "b", Problem: "gone"}, advice}},
	} {
		var out bytes.Buffer
		lines := Findings{Out: &out}
		report(&lines, c.err)
		if err := lines.Err(); out.String() != c.lines || (err != nil) != (c.err != nil) {
			t.Errorf("%v: %q (%v)", c.err, out.String(), err)
		}
		out.Reset()
		object := Findings{Out: &out, JSON: true}
		report(&object, c.err)
		if err := object.Err(); (err != nil) != (c.err != nil) {
			t.Errorf("%v: %v", c.err, err)
		}
		var all []Finding
		if err := json.Unmarshal(out.Bytes(), &all); err != nil || !slices.Equal(all, c.all) {
			t.Errorf("%v: %s (%v)", c.err, out.String(), err)
		}
	}
}
