package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.uber.org/zap"

	"eventsync/pkg/config"
	"eventsync/pkg/program"
)

// MigrateOptions say which plans are made, and whether they are carried out.
type MigrateOptions struct {
	Tables []string // sources or targets; none: all of the config
	Apply  bool
	JSON   bool
	Out    io.Writer
}

// Migrate shows what makes the targets what they must be, and does it if it is told to. It ends with program.ErrPending
// where something is left to do, and with another error where only a person can do it.
func Migrate(ctx context.Context, cfg *config.Config, log *zap.Logger, o MigrateOptions) error {
	tables, err := chosen(cfg, o.Tables)
	if err != nil {
		return err
	}
	at, err := connect(cfg)
	if err != nil {
		return err
	}
	defer at.close()
	relations := make([]*newest, len(tables))
	for i, t := range tables {
		if relations[i], err = newestRelation(ctx, at.client, cfg.Kafka.Topic(t.Source)); err != nil {
			return err
		}
	}
	var plans []shardPlan
	for _, server := range at.sink.Servers() {
		made, err := plansOf(ctx, cfg, server, tables, relations)
		if err != nil {
			return fmt.Errorf("ClickHouse %s: %w", server.Name, err)
		}
		plans = append(plans, made...)
	}
	if err := showPlans(o, plans, len(at.sink.Servers()) > 1); err != nil {
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
