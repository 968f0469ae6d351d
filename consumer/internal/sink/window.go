package sink

import (
	"context"
	"fmt"
	"strings"
)

// wantedWindow is what a remedy asks for: blocks whose tokens the table remembers.
const wantedWindow = 10_000

// window finds out whether the table remembers tokens: without that, a retry after a lost answer leaves rows twice.
func (r relation) window(ctx context.Context, c *client) ([]Finding, error) {
	if !strings.HasSuffix(r.engine, "MergeTree") {
		return []Finding{{
			Problem: fmt.Sprintf("table %s.%s has the engine %s, which does not recognise a block that is sent again", r.database, r.name, r.engine),
			Remedy:  "insert into a table of the MergeTree family",
		}}, nil
	}
	blocks, err := definedSetting(ctx, c, windowSetting(r.engine), r.full)
	if err != nil || blocks > 0 {
		return nil, err
	}
	return []Finding{{
		Problem: fmt.Sprintf("table %s.%s has no deduplication window: a block that is sent again after a lost answer would be there twice", r.database, r.name),
		Remedy:  fmt.Sprintf("ALTER TABLE %s.%s MODIFY SETTING %s = %d", identifier(r.database), identifier(r.name), windowSetting(r.engine), wantedWindow),
	}}, nil
}

// windowSetting says how many blocks' tokens a table of the engine remembers.
func windowSetting(engine string) string {
	if isReplicated(engine) {
		return replicatedWindow
	}
	return ownWindow
}
