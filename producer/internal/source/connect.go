package source

import (
	"fmt"
	"maps"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"eventsync/pkg/config"
)

// settings are those of every connection, whatever is configured for the role, the database or the server: the forms in
// which values are printed, and no limits to the time that reading a table takes.
var settings = map[string]string{
	"client_encoding":    "UTF8",
	"DateStyle":          "ISO",
	"IntervalStyle":      "postgres",
	"TimeZone":           "UTC",
	"bytea_output":       "hex",
	"extra_float_digits": "3",

	"row_security": "off", // an error instead of rows that are silently left out

	"statement_timeout":                   "0",
	"lock_timeout":                        "0",
	"idle_in_transaction_session_timeout": "0",

	// A connection that was cut without a word must not hold locks, snapshots and the slot for hours.
	"tcp_keepalives_idle":     "10",
	"tcp_keepalives_interval": "10",
	"tcp_keepalives_count":    "3",
}

// connectTimeout bounds each try to connect where the connection string does not: a server that takes the connection
// and says nothing would be waited for without end, and without a word.
const connectTimeout = 10 * time.Second

// Parse reads a connection string. Where it names no application, the connections are eventsync's.
func Parse(dsn config.Secret) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(dsn.Reveal())
	if err != nil { // it does not print the password
		return nil, &Refusal{
			Problem: fmt.Sprintf("postgres.dsn: %v", err),
			Fix:     "write it as postgres://user:password@host:port/database",
		}
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "eventsync"
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	maps.Copy(cfg.RuntimeParams, settings)
	return cfg, nil
}

// ParseReplication is Parse for a connection that takes replication commands besides SQL.
func ParseReplication(dsn config.Secret) (*pgconn.Config, error) {
	cfg, err := Parse(dsn)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["replication"] = "database"
	return &cfg.Config, nil
}

// Address is the server's, for errors and logs.
func Address(cfg *pgconn.Config) string {
	return net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
}
