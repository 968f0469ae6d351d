package sink

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// wantedWindow is what the remedy asks for: blocks whose tokens the table remembers.
const wantedWindow = 1000

// window finds out whether the table remembers tokens: without that, a retry after a lost answer leaves rows twice.
func (s *Sink) window(ctx context.Context, c *client, table, engine, full string) ([]Finding, error) {
	if !strings.HasSuffix(engine, "MergeTree") {
		return []Finding{{
			Problem: fmt.Sprintf("table %s.%s has the engine %s, which does not recognise a block that is sent again", s.database, table, engine),
			Remedy:  "insert into a table of the MergeTree family",
		}}, nil
	}
	setting := "non_replicated_deduplication_window"
	if strings.HasPrefix(engine, "Replicated") || strings.HasPrefix(engine, "Shared") {
		setting = "replicated_deduplication_window"
	}
	value, err := s.mergeTreeSetting(ctx, c, setting, full)
	if err != nil || value != "0" {
		return nil, err
	}
	return []Finding{{
		Problem: fmt.Sprintf("table %s.%s has no deduplication window: a block that is sent again after a lost answer would be there twice", s.database, table),
		Remedy:  fmt.Sprintf("ALTER TABLE %s.%s MODIFY SETTING %s = %d", identifier(s.database), identifier(table), setting, wantedWindow),
	}}, nil
}

// mergeTreeSetting is the table's own value of a setting, else the server's.
func (s *Sink) mergeTreeSetting(ctx context.Context, c *client, setting, engineFull string) (string, error) {
	own := regexp.MustCompile(`\b` + setting + ` = (\d+)`).FindStringSubmatch(engineFull)
	if own != nil {
		return own[1], nil
	}
	rows, err := s.query(ctx, c, "SELECT value FROM system.merge_tree_settings WHERE name = {table:String}", setting, 1)
	if err != nil || len(rows) == 0 {
		return "0", err
	}
	return rows[0][0], nil
}
