package app

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"eventsync/consumer/internal/migrate"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
	"eventsync/schemas"
)

const cursorsTable = "sync_cursors"

// shardPlan is a plan for one shard.
type shardPlan struct {
	server *sink.Server
	Shard  string `json:"shard"`
	*migrate.Plan
}

// plansOf makes the plans of one shard: the database, what we keep in it, and the targets.
func plansOf(ctx context.Context, cfg *config.Config, server *sink.Server, tables []config.Table, relations []*newest) (plans []shardPlan, err error) {
	add := func(p *migrate.Plan) {
		if p.Steps == nil {
			p.Steps = []migrate.Step{} // as JSON, no steps are a list too
		}
		plans = append(plans, shardPlan{server, server.Name, p})
	}
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

// cursorsPlan creates the table of sync cursors, or adds the columns that one of an earlier release lacks.
func cursorsPlan(ctx context.Context, server *sink.Server, database bool) (*migrate.Plan, error) {
	p := &migrate.Plan{Target: cursorsTable}
	text, err := schemas.Files.ReadFile("clickhouse/" + cursorsTable + ".sql")
	if err != nil {
		return nil, err
	}
	var there *migrate.Table
	if database {
		if there, err = definition(ctx, server, cursorsTable); err != nil {
			return nil, err
		}
	}
	if there == nil {
		p.Steps = append(p.Steps, migrate.Step{Sign: migrate.Add, Text: "table " + cursorsTable, SQL: uncommented(string(text))})
		return p, nil
	}
	for _, c := range cursorsColumn.FindAllStringSubmatch(string(text), -1) {
		name, typ := c[1], c[2]
		if !slices.ContainsFunc(there.Columns, func(c migrate.Column) bool { return c.Name == name }) {
			p.Steps = append(p.Steps, migrate.Step{
				Sign: migrate.Add, Text: "column " + name + " " + typ, SQL: "ALTER TABLE " + cursorsTable + " ADD COLUMN IF NOT EXISTS " + name + " " + typ,
			})
		}
	}
	return p, nil
}

// cursorsColumn is a line of the statement that creates the table.
var cursorsColumn = regexp.MustCompile(`(?m)^    (\w+) +(\w+(?:\([^)]*\))?)`)

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
