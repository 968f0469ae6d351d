package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/migrate"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
	"eventsync/pkg/program"
)

const applyMigrations = "consumer migrate --apply"

func checkTargets(ctx context.Context, cfg *config.Config, log *zap.Logger, relations map[string]*newest, found *program.Findings) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	s, err := sink.New(cfg.ClickHouse)
	if err != nil {
		found.Add("ClickHouse", err)
		return
	}
	defer s.Close()
	for _, server := range s.Servers() {
		there, err := server.HasDatabase(ctx)
		if err == nil && !there {
			found.Report(program.Finding{What: "ClickHouse", Problem: "there is no database " + cfg.ClickHouse.Database + " on " + server.Name, Fix: applyMigrations})
			return
		}
		if err == nil {
			err = server.Ping(ctx)
		}
		found.Add("ClickHouse", err)
		if err != nil {
			return
		}
		c := targetCheck{cfg: cfg, server: server, found: found}
		if len(s.Servers()) > 1 {
			c.suffix = " on " + server.Name
		}
		c.cursors(ctx)
		for _, t := range cfg.Tables {
			c.target(ctx, t, relations[cfg.Kafka.Topic(t.Source)])
		}
	}
}

// targetCheck looks at the targets of one shard.
type targetCheck struct {
	cfg    *config.Config
	server *sink.Server
	found  *program.Findings
	suffix string // of what is looked at
}

func (c *targetCheck) cursors(ctx context.Context) {
	what := "table " + cursorsTable + c.suffix
	plan, err := cursorsPlan(ctx, c.server, true)
	if err == nil && len(plan.Steps) > 0 {
		c.found.Report(program.Finding{What: what, OK: true, Problem: "it lacks " + plan.Steps[0].Text + ", so that SQL cannot see how far the tables are synced", Fix: applyMigrations})
		return
	}
	c.found.Add(what, err)
}

func (c *targetCheck) target(ctx context.Context, t config.Table, n *newest) {
	what := "target " + t.TargetName() + c.suffix
	d, err := c.server.Describe(ctx, t.TargetName())
	var missing *sink.NoTableError
	if errors.As(err, &missing) {
		c.found.Report(program.Finding{What: what, Problem: fmt.Sprintf("table %s.%s does not exist, or the user may not see it", missing.Database, missing.Table), Fix: applyMigrations})
		return
	}
	if err != nil {
		c.found.Add(what, err)
		return
	}
	well := len(d.Findings) == 0
	for _, f := range d.Findings {
		c.found.Report(program.Finding{What: what, Problem: f.Problem, Fix: f.Remedy})
	}
	there, err := definition(ctx, c.server, t.TargetName())
	if err != nil || there == nil {
		c.found.Add(what, err)
		return
	}
	if c.fit(what, t, n, there) && well {
		c.found.Add(what, nil)
	}
	c.window(what, t, there)
}

// fit compares the target with its source. What keeps run from inserting is a problem, and so is what makes other rows
// of those that are inserted; what else a plan has is advice.
func (c *targetCheck) fit(what string, t config.Table, n *newest, there *migrate.Table) (well bool) {
	if n == nil {
		return true // which was told with the topic
	}
	target := targetOf(c.cfg, t, c.server)
	plan := migrate.New(target, n.relation, there)
	for _, p := range plan.Problems {
		c.found.Report(program.Finding{What: what, Problem: p.Problem, Fix: p.Remedy})
	}
	admission := migrate.Admit(target, n.relation, there)
	if admission.Stop != nil && len(plan.Problems) == 0 {
		c.found.Report(program.Finding{What: what, Problem: admission.Stop.Error()})
		return false
	}
	var differences []string
	for _, s := range plan.Steps {
		if s.SQL != "" {
			differences = append(differences, s.Sign+" "+s.Text)
		}
	}
	if len(differences) > 0 {
		c.found.Report(program.Finding{What: what, OK: true, Problem: "it is not what migrate makes it: " + strings.Join(differences, ", "), Fix: applyMigrations})
	}
	return len(plan.Problems) == 0
}

// window compares how long a token is remembered with how long an insert may be under way: after that a batch is not
// sent again as it was, but row by row, which is right as well, and slower.
func (c *targetCheck) window(what string, t config.Table, there *migrate.Table) {
	partitions := t.Partitions
	if partitions == 0 {
		partitions = c.cfg.Kafka.Partitions
	}
	const settled = sink.ReceiveTimeout + sink.MaxExecutionTime
	under := c.cfg.Consumer.SessionTimeout + settled
	every := c.cfg.Consumer.Batch.Interval
	// At most one consumer a partition, each with an insert an interval.
	if needs := uint64(under/every+1) * uint64(partitions); there.Window > 0 && there.Window < needs { //nolint:gosec // G115: both are small and positive
		c.found.Report(program.Finding{
			What: what, OK: true,
			Problem: fmt.Sprintf("it remembers %d inserts; %d consumers that insert every %v make %d in the %v that an insert may be under way", there.Window, partitions, every, needs, under.Round(time.Second)),
			Fix:     applyMigrations,
		})
	}
}
