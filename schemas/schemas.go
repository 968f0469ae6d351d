// Package schemas holds what the product's parts agree on with the world: the messages (change/v1), the tables of the
// first user in PostgreSQL and ClickHouse, its flag, and the schema of the config file.
package schemas

import "embed"

// Files are the SQL and flag files of this folder, by their paths below it.
//
//go:embed postgres clickhouse flags
var Files embed.FS
