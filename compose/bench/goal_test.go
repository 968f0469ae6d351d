package main

import "testing"

func TestReached(t *testing.T) {
	large, small := goal{Of: ofRatio, Bar: 0.85, Aim: 1}, goal{Of: ofValue, Bar: 512, Aim: 256}
	for _, tc := range []struct {
		goal goal
		got  float64
		want string
	}{
		{large, 1.2, "aim"},
		{large, 1, "aim"},
		{large, 0.9, "bar"},
		{large, 0.85, "bar"},
		{large, 0.8, "none"},
		{small, 200, "aim"},
		{small, 256, "aim"},
		{small, 300, "bar"},
		{small, 512, "bar"},
		{small, 513, "none"},
	} {
		if got := tc.goal.reached(tc.got); got != tc.want {
			t.Errorf("%v reaches %s of %+v, want %s", tc.got, got, tc.goal, tc.want)
		}
	}
}

func TestJudged(t *testing.T) {
	f := judged("consumer_rows_per_second", figure{Value: 1e9, Ratio: 0.9})
	if f.Goal == nil || f.Goal.Reached != "bar" {
		t.Errorf("the ratio decides, and is between bar and aim: %+v", f.Goal)
	}
	if f := judged("another", figure{}); f.Goal != nil {
		t.Errorf("a figure without a goal has got one: %+v", f.Goal)
	}
}
