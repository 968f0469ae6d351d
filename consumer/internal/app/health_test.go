package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"eventsync/consumer/internal/gate"
	"eventsync/consumer/internal/group"
	"eventsync/consumer/internal/partition"
)

func TestReadyIsProgress(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	ago := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	refused := errors.New("connection refused")
	// well is a member with a partition that moves.
	well := func(edit func(*view)) view {
		v := view{
			started: true, topics: true, verdict: gate.Verdict{Known: true, Pass: true},
			member: group.Membership{Member: "m", Joined: 1, Partitions: 2, Since: ago(900)},
			partitions: []standing{{
				Partition: group.Partition{Topic: "t", ID: 1}, running: true, progress: partition.Progress{Committed: 7, Next: 9, End: 9}, outlook: outlook{at: 7, end: 9, moved: ago(30)},
			}},
		}
		if edit != nil {
			edit(&v)
		}
		return v
	}
	stands := func(v *view) {
		v.partitions[0].progress.Oldest = ago(100)
		v.partitions[0].outlook.moved = ago(31)
	}
	for name, c := range map[string]struct {
		view view
		want string
	}{
		"at the start":                          {view{}, "starting"},
		"ClickHouse is away at the start":       {view{clickHouseErr: refused, clickHouseSince: now}, "ClickHouse has not answered yet: connection refused"},
		"joining":                               {well(func(v *view) { v.member = group.Membership{Since: ago(1)} }), "not in the group yet"},
		"joining for long":                      {well(func(v *view) { v.member = group.Membership{Since: ago(31)} }), "not in the group for 31s"},
		"between generations":                   {well(func(v *view) { v.member = group.Membership{Since: ago(1), Joined: 3} }), ""},
		"no topic yet":                          {well(func(v *view) { v.topics, v.member = false, group.Membership{Since: ago(900)} }), ""},
		"without partitions":                    {well(func(v *view) { v.member.Partitions, v.partitions = 0, nil }), ""},
		"syncing":                               {well(func(v *view) { v.partitions[0].progress.Oldest = ago(100) }), ""},
		"nothing to do":                         {well(func(v *view) { v.partitions[0].outlook.moved = ago(900) }), ""},
		"stands still":                          {well(stands), "topic t, partition 1 has stood at offset 7 for 31s, and a change that was committed 1m40s ago waits"},
		"stands still, and ClickHouse says why": {well(func(v *view) { stands(v); v.partitions[0].progress.Failure = errors.New("too many parts") }), "waits: too many parts"},
		"what waits was not read":               {well(func(v *view) { v.partitions[0].outlook = outlook{at: 7, end: 9, waiting: ago(100), moved: ago(31)} }), "waits"},
		"held back by the flag":                 {well(func(v *view) { stands(v); v.partitions[0].progress.Held = true }), ""},
		"the flag is off":                       {well(func(v *view) { v.verdict.Pass = false }), ""},
		"the flag cannot be read any more":      {well(func(v *view) { v.verdict.Err = refused }), ""},
		"the flag could never be read":          {well(func(v *view) { v.verdict = gate.Verdict{Err: refused} }), "the flag could not be evaluated yet, so that nothing passes: connection refused"},
		"a partition has stopped":               {well(func(v *view) { v.stopped = []group.Stopped{{Partition: group.Partition{Topic: "t"}, Err: refused}} }), "1 of 2 partitions have stopped: topic t, partition 0: connection refused"},
		"Kafka is away":                         {well(func(v *view) { v.kafkaErr, v.kafkaSince = refused, ago(30) }), ""},
		"Kafka is away for long":                {well(func(v *view) { v.kafkaErr, v.kafkaSince = refused, ago(31) }), "Kafka has not answered for 31s"},
		"ClickHouse is away, and nothing waits": {well(func(v *view) { v.clickHouseErr, v.clickHouseSince = refused, ago(900) }), ""},
		"ClickHouse is away, and changes wait": {well(func(v *view) {
			v.clickHouseErr, v.clickHouseSince, v.partitions[0].progress.Oldest = refused, ago(31), ago(31)
		}), "ClickHouse has not answered for 31s, and changes wait: connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			c.view.now = now
			got := ""
			if err := c.view.problem(30 * time.Second); err != nil {
				got = err.Error()
			}
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("it says %q, want %q", got, c.want)
			}
		})
	}
}
