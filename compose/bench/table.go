package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
)

// writeTable prints the figures by name.
func writeTable(w io.Writer, figures map[string]figure) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FIGURE\tVALUE\tUNIT\tRATIO\tRELATIVE TO\tBAR, AIM\tREACHED")
	for _, name := range slices.Sorted(maps.Keys(figures)) {
		f := figures[name]
		fmt.Fprintf(t, "%s\t%s\t%s\t%.2f\t%s, %s", name, number(f.Value), f.Unit, f.Ratio, f.Peer.Name, number(f.Peer.Value))
		if g := f.Goal; g != nil {
			fmt.Fprintf(t, "\t%s %s, %s\t%s", g.Of, short(g.Bar), short(g.Aim), g.Reached)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// short prints a goal without digits that say nothing.
func short(v float64) string {
	if v < 1000 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return number(v)
}

// number prints large numbers in groups of three digits, and small ones with two decimals.
func number(v float64) string {
	if v < 1000 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	s := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
