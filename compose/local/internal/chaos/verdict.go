package chaos

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/ch-go"
	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/internal/scene"
)

// judge holds the counts against those of the second slot, and the tables against their sources.
func (c *chaos) judge(ctx context.Context) error {
	want, err := c.streamed(ctx)
	if err != nil {
		return err
	}
	got, err := c.targets(ctx)
	if err != nil {
		return err
	}
	c.Say("killed: %s", &c.kills)
	errs := []error{
		equal("the load's count of items and the second slot's", c.load.items.Load(), want["items"]),
		equal("the load's count of facts and the second slot's", c.load.facts.Load(), want["facts"]),
	}
	for _, t := range tables {
		c.Say("  %-6s %9s changes streamed, %9s raw rows, %9s in the view", t.Source, scene.Count(want[t.Source]), scene.Count(got[t.Target]), scene.Count(got[t.Target+"_by_kind"]))
		errs = append(errs,
			equal("the changes of "+t.Source+" and the raw rows", want[t.Source], got[t.Target]),
			equal("the changes of "+t.Source+" and the view's sum", want[t.Source], got[t.Target+"_by_kind"]),
			c.unmerged(ctx, t.Target))
	}
	return errors.Join(append(errs, c.compare(ctx))...)
}

func equal(what string, a, b int64) error {
	if a == b {
		return nil
	}
	return fmt.Errorf("%s differ: %d and %d", what, a, b)
}

// unmerged makes sure that no row that came twice was merged away, and says how many are there twice.
func (c *chaos) unmerged(ctx context.Context, table string) error {
	n, err := c.click.numbers(ctx, fmt.Sprintf(`SELECT 'merged' AS name, toInt64(count()) AS n FROM system.parts WHERE table = '%[1]s' AND level > 0
		UNION ALL SELECT 'twice', toInt64(count() - uniqExact(id, _version)) FROM %[1]s`, table))
	if err != nil {
		return err
	}
	return errors.Join(equal("the merged parts of "+table+" and none", n["merged"], 0), equal("the rows that are twice in "+table+" and none", n["twice"], 0))
}

func (c *chaos) compare(ctx context.Context) error {
	return c.click.connected(ctx, func(click *ch.Client) error {
		return c.postgres(ctx, func(pg *pgx.Conn) error {
			for _, t := range tables {
				r, err := t.Run(ctx, pg, click)
				if err != nil {
					return err
				}
				if !r.Equal {
					return fmt.Errorf("%s is not equal: %s", t.Source, r.Diff)
				}
				c.Say("  %-6s %9s rows at the source, equal row for row", t.Source, scene.Count(int64(r.Rows)))
			}
			return nil
		})
	})
}
