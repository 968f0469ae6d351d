package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.uber.org/zap"

	"eventsync/consumer/internal/migrate"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
	"eventsync/schemas"
)

// MigrateOptions say which plans are made, and whether they are carried out.
type MigrateOptions struct {
	Tables []string // sources or targets; none: all of the config
	Apply  bool
	JSON   bool
	Out    io.Writer
}

const cursorsTable = "sync_cursors"

// shardPlan is a plan for one shard.
type shardPlan struct {
	server *sink.Server
	Shard  string `json:"shard"`
	*migrate.Plan
}

// Migrate shows what makes the targets what they must be, and does it if it is told to. It ends with program.ErrPending
// where something is left to do, and with another error where only a person can do it.
func Migrate(ctx context.Context, cfg *config.Config, log *zap.Logger, o MigrateOptions) error {
	tables, err := chosen(cfg, o.Tables)
	if err != nil {
		return err
	}
	client, err := kafkaclient.New(cfg.Kafka, clientID)
	if err != nil {
		return err
	}
	defer client.Close()
	s, err := sink.New(cfg.ClickHouse)
	if err != nil {
		return err
	}
	defer s.Close()
	relations := make([]*newest, len(tables))
	for i, t := range tables {
		if relations[i], err = newestRelation(ctx, client, cfg.Kafka.Topic(t.Source)); err != nil {
			return err
		}
	}
	var plans []shardPlan
	for _, server := range s.Servers() {
		made, err := plansOf(ctx, cfg, server, tables, relations)
		if err != nil {
			return fmt.Errorf("ClickHouse %s: %w", server.Name, err)
		}
		plans = append(plans, made...)
	}
	if err := showPlans(o, plans, len(s.Servers()) > 1); err != nil {
		return err
	}
	if !o.Apply {
		return outcome(plans)
	}
	return carryOut(ctx, o, plans)
}

var errOtherTable = errors.New("the config has no such table")

// chosen are the tables that are named, by source or target; all of them without a name.
func chosen(cfg *config.Config, names []string) (tables []config.Table, err error) {
	for _, name := range names {
		i := slices.IndexFunc(cfg.Tables, func(t config.Table) bool { return t.Source == name || t.TargetName() == name })
		if i < 0 {
			return nil, fmt.Errorf("%s: %w", name, errOtherTable)
		}
		tables = append(tables, cfg.Tables[i])
	}
	if len(names) == 0 {
		return cfg.Tables, nil
	}
	return tables, nil
}

// plansOf makes the plans of one shard: the database, what we keep in it, and the targets.
func plansOf(ctx context.Context, cfg *config.Config, server *sink.Server, tables []config.Table, relations []*newest) (plans []shardPlan, err error) {
	add := func(p *migrate.Plan) { plans = append(plans, shardPlan{server, server.Name, p}) }
	found, err := server.HasDatabase(ctx)
	if err != nil {
		return nil, err
	}
	if !found {
		add(&migrate.Plan{Target: "database " + cfg.ClickHouse.Database, Steps: []migrate.Step{
			{Sign: migrate.Add, Text: "database " + cfg.ClickHouse.Database, SQL: server.CreateDatabaseSQL()},
		}})
	}
	cursors, err := cursorsPlan(ctx, server, found)
	if err != nil {
		return nil, err
	}
	add(cursors)
	for i, t := range tables {
		var there *migrate.Table
		if found {
			if there, err = definition(ctx, server, t.TargetName()); err != nil {
				return nil, err
			}
		}
		add(planOf(targetOf(cfg, t, server), relations[i], there))
	}
	return plans, nil
}

func targetOf(cfg *config.Config, t config.Table, server *sink.Server) migrate.Target {
	return migrate.Target{Table: t, Database: cfg.ClickHouse.Database, Replicas: server.Replicas() > 1}
}

func planOf(t migrate.Target, n *newest, there *migrate.Table) *migrate.Plan {
	if n == nil {
		return &migrate.Plan{Target: t.TargetName(), Source: t.Source, Problems: []migrate.Problem{{
			Problem: "there is no message of " + t.Source + " yet, which tells its columns", Remedy: "start the producer first",
		}}}
	}
	p := migrate.New(t, n.relation, there)
	if n.inferred && len(p.Statements()) > 0 {
		p.Steps = append([]migrate.Step{{Sign: migrate.Change, Hint: true, Text: "the types below are told by JSON without a schema, and may be others at the source: look at them before they are applied"}}, p.Steps...)
	}
	return p
}

// cursorsPlan creates the table of sync cursors.
func cursorsPlan(ctx context.Context, server *sink.Server, database bool) (*migrate.Plan, error) {
	p := &migrate.Plan{Target: cursorsTable}
	if database {
		there, err := server.Definition(ctx, cursorsTable)
		if err != nil || there != nil {
			return p, err
		}
	}
	sql, err := schemas.Files.ReadFile("clickhouse/" + cursorsTable + ".sql")
	p.Steps = []migrate.Step{{Sign: migrate.Add, Text: "table " + cursorsTable, SQL: uncommented(string(sql))}}
	return p, err
}

// definition is a table as the plan sees it; nil if it is missing.
func definition(ctx context.Context, server *sink.Server, table string) (*migrate.Table, error) {
	d, err := server.Definition(ctx, table)
	if err != nil || d == nil {
		return nil, err
	}
	t := &migrate.Table{Engine: d.Engine, Arguments: d.Arguments, SortingKey: d.SortingKey, Window: d.Window}
	for _, c := range d.Columns {
		t.Columns = append(t.Columns, migrate.Column(c))
	}
	for _, i := range d.Indexes {
		t.Indexes = append(t.Indexes, migrate.Index(i))
	}
	return t, nil
}

// carryOut runs the statements one by one. Each can be run again, so that whoever is interrupted begins anew.
func carryOut(ctx context.Context, o MigrateOptions, plans []shardPlan) error {
	run := 0
	for _, p := range plans {
		for _, sql := range p.Statements() {
			exec := p.server.Exec
			if sql == p.server.CreateDatabaseSQL() {
				exec = func(ctx context.Context, _ string) error { return p.server.CreateDatabase(ctx) }
			}
			if err := exec(ctx, sql); err != nil {
				return fmt.Errorf("ClickHouse %s, after %d statements, the plan of %s: %w; what was run stays: mend it, and run consumer migrate --apply again", p.Shard, run, p.Target, err)
			}
			run++
		}
	}
	if !o.JSON {
		fmt.Fprintf(o.Out, "%d statements were run\n", run)
	}
	return problems(plans)
}

func showPlans(o MigrateOptions, plans []shardPlan, shards bool) error {
	if o.JSON {
		encoder := json.NewEncoder(o.Out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(plans)
	}
	last := ""
	for _, p := range plans {
		if shards && p.Shard != last {
			fmt.Fprintf(o.Out, "shard %s\n", p.Shard)
			last = p.Shard
		}
		p.Write(o.Out)
	}
	return nil
}

func outcome(plans []shardPlan) error {
	statements := 0
	for _, p := range plans {
		statements += len(p.Statements())
	}
	if err := problems(plans); err != nil || statements == 0 {
		return err
	}
	return fmt.Errorf("%d statements to run: %w: consumer migrate --apply does it", statements, program.ErrPending)
}

func problems(plans []shardPlan) error {
	n := 0
	for _, p := range plans {
		n += len(p.Problems)
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d problems are left that no statement mends", n)
}

// uncommented is a statement without its lines of comment.
func uncommented(sql string) string {
	var b strings.Builder
	for line := range strings.Lines(sql) {
		if !strings.HasPrefix(line, "--") {
			b.WriteString(line)
		}
	}
	return strings.TrimSpace(b.String())
}
