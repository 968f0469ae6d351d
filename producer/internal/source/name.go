package source

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// Name is a table's qualified name.
type Name struct {
	Schema, Table string
}

// ParseName takes "public.events" apart; the schema is public where none is named.
func ParseName(s string) Name {
	schema, table, found := strings.Cut(s, ".")
	if !found {
		return Name{"public", s}
	}
	return Name{schema, table}
}

// String is the name as it stands in configurations: "public.events".
func (n Name) String() string { return n.Schema + "." + n.Table }

// SQL is the name as it stands in statements: "public"."events".
func (n Name) SQL() string { return pgx.Identifier{n.Schema, n.Table}.Sanitize() }

// Quote quotes an identifier.
func Quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// QuoteLiteral quotes a string constant, for commands that take no parameters.
func QuoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
