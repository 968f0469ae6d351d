package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"eventsync/producer/internal/replication"
)

func TestReadyIsProgress(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	ago := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	refused := errors.New("connection refused")
	for name, c := range map[string]struct {
		view view
		want string
	}{
		"streaming":                         {view{standing: standing(replication.Streaming, ago(900), nil)}, ""},
		"streaming, and a change waits":     {view{standing: standing(replication.Streaming, ago(900), nil), waiting: ago(30)}, ""},
		"streaming, and it waits for long":  {view{standing: standing(replication.Streaming, ago(900), nil), waiting: ago(31)}, "a change has waited for 31s"},
		"standing by":                       {view{standing: standing(replication.StandingBy, ago(900), nil)}, ""},
		"standing by with what it did":      {view{standing: standing(replication.StandingBy, ago(900), nil), waiting: ago(900), reading: true, moved: ago(900)}, ""},
		"at the start":                      {view{standing: standing(replication.Preparing, ago(1), nil)}, "not streaming yet"},
		"interrupted":                       {view{standing: standing(replication.Preparing, ago(30), refused)}, ""},
		"interrupted for long":              {view{standing: standing(replication.Preparing, ago(31), refused)}, "not streaming for 31s: connection refused"},
		"interrupted, and a change waits":   {view{standing: standing(replication.Preparing, ago(3), refused), waiting: ago(40)}, "a change has waited for 40s"},
		"the first snapshot":                {view{standing: standing(replication.Copying, ago(900), nil), reading: true, moved: ago(30)}, ""},
		"the first snapshot stands still":   {view{standing: standing(replication.Copying, ago(900), nil), reading: true, moved: ago(31)}, "nothing of it was read for 31s"},
		"a snapshot beside it stands still": {view{standing: standing(replication.Streaming, ago(900), nil), reading: true, moved: ago(31)}, "nothing of it was read for 31s"},
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

func standing(p replication.Phase, since time.Time, err error) replication.Standing {
	return replication.Standing{Phase: p, Since: since, Err: err}
}
