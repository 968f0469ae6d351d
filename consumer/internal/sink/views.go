package sink

import (
	"context"
	"regexp"
	"slices"
)

// views finds out whether the targets of the table's materialized views remember tokens, and of the views on those: when
// a block is sent again that the table has, its views are given it again, and only their targets' own windows know it.
func (s *Server) views(ctx context.Context, c *client, database, table string, seen []string) (findings []Finding, err error) {
	name := database + "." + table
	if slices.Contains(seen, name) {
		return nil, nil
	}
	seen = append(seen, name)
	rows, err := readStrings(ctx, c, "SELECT v.database, v.name, v.create_table_query, toString(v.uuid) FROM system.tables AS v "+
		"WHERE (v.database, v.name) IN (SELECT arrayJoin(arrayZip(dependencies_database, dependencies_table)) FROM system.tables WHERE database = {database:String} AND name = {table:String}) "+
		"AND v.engine = 'MaterializedView' ORDER BY 1, 2", 4, parameter("database", database), parameter("table", table))
	if err != nil {
		return nil, err
	}
	for _, v := range rows {
		toDatabase, to, err := viewTarget(ctx, c, v[0], v[1], v[2], v[3])
		if err != nil {
			return nil, err
		}
		engine, full, err := engineOf(ctx, c, toDatabase, to)
		if err != nil {
			return nil, err
		}
		if engine != "" && engine != "Null" { // which keeps nothing, and may have views of its own
			found, err := s.window(ctx, c, toDatabase, to, engine, full)
			if err != nil {
				return nil, err
			}
			for _, f := range found {
				f.Problem = "materialized view " + v[0] + "." + v[1] + " on " + name + ": " + f.Problem
				findings = append(findings, f)
			}
		}
		found, err := s.views(ctx, c, toDatabase, to, seen)
		if err != nil {
			return nil, err
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

// to finds the target in "CREATE MATERIALIZED VIEW d.v TO d.t (...) AS SELECT ..."; a part of the name may be quoted.
var to = regexp.MustCompile("^CREATE MATERIALIZED VIEW \\S+ (?:UUID '[^']*' )?TO (`(?:[^`\\\\]|\\\\.)*`|[^`.\\s]+)\\.(`(?:[^`\\\\]|\\\\.)*`|[^`.\\s(]+)")

// viewTarget is the table that a view writes to: one of its own when it names none.
func viewTarget(ctx context.Context, c *client, database, view, statement, uuid string) (string, string, error) {
	if m := to.FindStringSubmatch(statement); m != nil {
		return unquoted(m[1]), unquoted(m[2]), nil
	}
	inner := ".inner_id." + uuid
	engine, _, err := engineOf(ctx, c, database, inner)
	if err == nil && engine == "" {
		inner = ".inner." + view // in a database that keeps no UUIDs
	}
	return database, inner, err
}

var quoted = regexp.MustCompile(`\\(.)`)

func unquoted(name string) string {
	if len(name) < 2 || name[0] != '`' {
		return name
	}
	return quoted.ReplaceAllString(name[1:len(name)-1], "$1")
}
