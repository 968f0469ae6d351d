package main

// goal is what a figure is to reach.
type goal struct {
	// Of is what of the figure is meant, its "value" or its "ratio".
	Of  string  `json:"of"`
	Bar float64 `json:"bar"` // what must be
	Aim float64 `json:"aim"` // what should be
	// Reached is "aim", "bar" or "none" of them.
	Reached string `json:"reached"`
}

const (
	ofValue = "value"
	ofRatio = "ratio"
)

// goals are those of figures by name. An aim below its bar is of a figure that is to be small.
func goals() map[string]goal {
	return map[string]goal{
		"producer_changes_per_second":            {Of: ofRatio, Bar: 1.3, Aim: 2},
		"producer_cpu":                           {Of: ofValue, Bar: 3, Aim: 1.5},
		"producer_zstd_cpu":                      {Of: ofValue, Bar: 3, Aim: 1.5},
		"producer_single_row_changes_per_second": {Of: ofRatio, Bar: 1, Aim: 1.3},
		"producer_snapshot_rows_per_second":      {Of: ofRatio, Bar: 0.30, Aim: 0.55},
		"producer_large_transaction_memory":      {Of: ofValue, Bar: largeLimit, Aim: 100},
		"producer_latency_p99":                   {Of: ofValue, Bar: latencyLimit, Aim: 15},

		"consumer_rows_per_cpu_second":          {Of: ofValue, Bar: 1_000_000, Aim: 2_000_000},
		"consumer_rows_per_second":              {Of: ofRatio, Bar: 0.85, Aim: 1},
		allocationsMetric.name:                  {Of: ofValue, Bar: 0.01, Aim: 0},
		"consumer_debezium_rows_per_cpu_second": {Of: ofValue, Bar: 250_000, Aim: 500_000},
		memoryMetric.name:                       {Of: ofValue, Bar: 512, Aim: 256},
		"consumer_visible_p50":                  {Of: ofValue, Bar: 300, Aim: 100},
		"consumer_visible_p99":                  {Of: ofValue, Bar: 800, Aim: 250},
		"consumer_inserts_per_second":           {Of: ofValue, Bar: 5, Aim: 2},
		takeoverMetric.name:                     {Of: ofValue, Bar: 2, Aim: 0.5},
	}
}

// judged adds its goal to a figure that has one.
func judged(name string, f figure) figure {
	g, ok := goals()[name]
	if !ok {
		return f
	}
	got := f.Value
	if g.Of == ofRatio {
		got = f.Ratio
	}
	g.Reached = g.reached(got)
	f.Goal = &g
	return f
}

func (g goal) reached(got float64) string {
	meets := func(limit float64) bool {
		if g.Aim < g.Bar {
			return got <= limit
		}
		return got >= limit
	}
	switch {
	case meets(g.Aim):
		return "aim"
	case meets(g.Bar):
		return "bar"
	default:
		return "none"
	}
}
