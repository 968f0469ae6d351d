package sink

import (
	"context"
	"fmt"
	"regexp"
	"slices"
)

// view is a materialized view, and the table that it writes to.
type view struct {
	name string // of the view, and what it reads from
	to   relation
}

// viewsOf gives the views that read from a table, and those that read from their targets.
func viewsOf(ctx context.Context, c *client, of relation, seen []relation) (views []view, err error) {
	if slices.Contains(seen, of) {
		return nil, nil
	}
	seen = append(seen, of)
	rows, err := readStrings(ctx, c, "SELECT v.database, v.name, v.create_table_query, toString(v.uuid) FROM system.tables AS v "+
		"WHERE (v.database, v.name) IN (SELECT arrayJoin(arrayZip(dependencies_database, dependencies_table)) FROM system.tables WHERE database = {database:String} AND name = {table:String}) "+
		"AND v.engine = 'MaterializedView' ORDER BY 1, 2", 4, parameter("database", of.database), parameter("table", of.name))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		v := view{name: fmt.Sprintf("%s.%s on %s.%s", row[0], row[1], of.database, of.name)}
		if v.to, err = viewTarget(ctx, c, row[0], row[1], row[2], row[3]); err != nil {
			return nil, err
		}
		behind, err := viewsOf(ctx, c, v.to, seen)
		if err != nil {
			return nil, err
		}
		views = append(append(views, v), behind...)
	}
	return views, nil
}

// viewFindings finds out whether the targets of the table's materialized views remember tokens, and of the views on those:
// when a block is sent again that the table has, its views are given it again, and only their targets' own windows know it.
func viewFindings(ctx context.Context, c *client, of relation) (findings []Finding, err error) {
	views, err := viewsOf(ctx, c, of, nil)
	for _, v := range views {
		if v.to.engine == "" || v.to.engine == "Null" { // which keeps nothing, and may have views of its own
			continue
		}
		found, err := v.to.window(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			f.Problem = "materialized view " + v.name + ": " + f.Problem
			findings = append(findings, f)
		}
	}
	return findings, err
}

// to finds the target in "CREATE MATERIALIZED VIEW d.v TO d.t (...) AS SELECT ..."; a part of the name may be quoted.
var to = regexp.MustCompile("^CREATE MATERIALIZED VIEW \\S+ (?:UUID '[^']*' )?TO (`(?:[^`\\\\]|\\\\.)*`|[^`.\\s]+)\\.(`(?:[^`\\\\]|\\\\.)*`|[^`.\\s(]+)")

// viewTarget is the table that a view writes to: one of its own when it names none.
func viewTarget(ctx context.Context, c *client, database, view, statement, uuid string) (relation, error) {
	if m := to.FindStringSubmatch(statement); m != nil {
		return relationOf(ctx, c, unquoted(m[1]), unquoted(m[2]))
	}
	r, err := relationOf(ctx, c, database, ".inner_id."+uuid)
	if err == nil && r.engine == "" {
		return relationOf(ctx, c, database, ".inner."+view) // in a database that keeps no UUIDs
	}
	return r, err
}

var quoted = regexp.MustCompile(`\\(.)`)

func unquoted(name string) string {
	if len(name) < 2 || name[0] != '`' {
		return name
	}
	return quoted.ReplaceAllString(name[1:len(name)-1], "$1")
}
