package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func TestScale(t *testing.T) {
	s := scale{from: 1, to: 100, low: 200, high: 0}
	for v, want := range map[float64]float64{1: 200, 10: 100, 100: 0, 0.1: 200, 1000: 0} {
		if got := s.at(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v is at %v, want %v", v, got, want)
		}
	}
}

// The picture is well-formed, and has a point for each figure.
func TestPlotGrowth(t *testing.T) {
	svg := plotGrowth(map[string]figure{
		"growth_partitions_1_rows_per_second": {Value: 1e6}, "growth_partitions_4_rows_per_second": {Value: 2e6}, "growth_columns_9_rows_per_cpu_second": {Value: 1e6},
	})
	d, circles := xml.NewDecoder(strings.NewReader(string(svg))), 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
			circles++
		}
	}
	if circles != 3 {
		t.Errorf("%d points, want 3", circles)
	}
}
