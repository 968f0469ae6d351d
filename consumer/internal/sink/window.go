package sink

import (
	"context"
	"fmt"
	"strings"
)

// wantedWindow is what a remedy asks for: blocks whose tokens the table remembers.
const wantedWindow = 10_000

// window finds out whether the table remembers tokens: without that, a retry after a lost answer leaves rows twice.
func (s *Server) window(ctx context.Context, c *client, database, table, engine, full string) ([]Finding, error) {
	if !strings.HasSuffix(engine, "MergeTree") {
		return []Finding{{
			Problem: fmt.Sprintf("table %s.%s has the engine %s, which does not recognise a block that is sent again", database, table, engine),
			Remedy:  "insert into a table of the MergeTree family",
		}}, nil
	}
	setting := ownWindow
	if isReplicated(engine) {
		setting = replicatedWindow
	}
	blocks, err := definedSetting(ctx, c, setting, full)
	if err != nil || blocks > 0 {
		return nil, err
	}
	return []Finding{{
		Problem: fmt.Sprintf("table %s.%s has no deduplication window: a block that is sent again after a lost answer would be there twice", database, table),
		Remedy:  fmt.Sprintf("ALTER TABLE %s.%s MODIFY SETTING %s = %d", identifier(database), identifier(table), setting, wantedWindow),
	}}, nil
}
