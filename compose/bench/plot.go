package main

import (
	"bytes"
	"fmt"
	"math"
)

// panel plots rates against what grows, with both axes logarithmic.
type panel struct {
	of    string
	sizes []int
}

const (
	panelWidth, panelHeight = 360, 260
	plotMargin              = 60
)

// plotGrowth draws the growth's rates as SVG: rows per second and per CPU second, by partitions and by columns.
func plotGrowth(figures map[string]figure) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n", 2*panelWidth+plotMargin, panelHeight+2*plotMargin)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/>`+"\n")
	for i, p := range []panel{{"partitions", grownPartitions}, {"columns", grownColumns}} {
		drawPanel(&b, i*panelWidth+plotMargin, p, figures)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// series are the lines of a panel.
func series() []struct{ metric, label, color string } {
	return []struct{ metric, label, color string }{
		{"rows_per_cpu_second", "rows per CPU second", "#1f77b4"},
		{"rows_per_second", "rows per second", "#d62728"},
	}
}

func drawPanel(b *bytes.Buffer, left int, p panel, figures map[string]figure) {
	width, top := panelWidth-plotMargin, plotMargin
	x := scale{float64(p.sizes[0]), float64(p.sizes[len(p.sizes)-1]), float64(left), float64(left + width)}
	y := scale{1e4, 1e7, float64(top + panelHeight), float64(top)}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", left+width/2, top+panelHeight+36, p.of)
	for v := y.from; v <= y.to; v *= 10 {
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			left, left+width, y.at(v), y.at(v), left-6, y.at(v)+4, short(v))
	}
	for _, n := range p.sizes {
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%d</text>`+"\n", x.at(float64(n)), top+panelHeight+18, n)
	}
	for i, s := range series() {
		fmt.Fprintf(b, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", left, 18+16*i, s.color, s.label)
		points := ""
		for _, n := range p.sizes {
			f, ok := figures[growthName(fmt.Sprintf("%s_%d", p.of, n), s.metric)]
			if !ok {
				continue
			}
			px, py := x.at(float64(n)), y.at(f.Value)
			points += fmt.Sprintf("%.1f,%.1f ", px, py)
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", px, py, s.color)
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s"/>`+"\n", points, s.color)
	}
}

// scale maps from..to, by their logarithms, to pixels.
type scale struct{ from, to, low, high float64 }

func (s scale) at(v float64) float64 {
	v = min(max(v, s.from), s.to)
	return s.low + (s.high-s.low)*math.Log(v/s.from)/math.Log(s.to/s.from)
}
