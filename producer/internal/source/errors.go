package source

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Refusal is something wrong at the source, or in the configuration, that stays wrong until somebody mends it.
type Refusal struct {
	Problem string
	// Fix is the SQL, or what else to do.
	Fix string
	// Err is the server's error behind it, if there is one.
	Err error
}

// Error says what is wrong and how to mend it.
func (r *Refusal) Error() string {
	s := r.Problem
	if r.Err != nil {
		s += ": " + r.Err.Error()
	}
	return s + "; to mend it: " + r.Fix
}

// Unwrap gives the server's error.
func (r *Refusal) Unwrap() error { return r.Err }

// PublishError is a failure of the side that changes are given to: nothing at the source can mend it.
type PublishError struct{ Err error }

// Error is the failure's.
func (e *PublishError) Error() string { return e.Err.Error() }

// Unwrap gives the failure.
func (e *PublishError) Unwrap() error { return e.Err }

// SQLState is the server's code of an error, or "".
func SQLState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// Transient reports whether an error may pass by itself: the connection, or the server's state, is what failed.
func Transient(err error) bool {
	code := SQLState(err)
	if code == "" {
		return true
	}
	switch code[:2] {
	case "08", "40", "53", "55", "57", "58": // connection, rollback, resources, state, operator, system
		return true
	default:
		return false
	}
}

// The codes that are told apart.
const (
	InsufficientPrivilege = "42501"
	UndefinedTable        = "42P01"
	UndefinedColumn       = "42703"
	ObjectInUse           = "55006"
	ConfigurationLimit    = "53400"
	TooManyConnections    = "53300"

	invalidDatabase = "3D000"
	classAuth       = "28"
)

// ConnectError makes a refusal of a failure to connect that will not pass by itself.
func ConnectError(err error) error {
	switch code := SQLState(err); {
	case strings.HasPrefix(code, classAuth):
		return &Refusal{Problem: "the server does not let us in", Err: err, Fix: "correct postgres.dsn, or the server's pg_hba.conf, which must let this role in for the database and for replication"}
	case code == invalidDatabase:
		return &Refusal{Problem: "the database does not exist", Err: err, Fix: "correct postgres.dsn"}
	case code == InsufficientPrivilege:
		return &Refusal{Problem: "the role may not connect so", Err: err, Fix: "ALTER ROLE <role> REPLICATION; or the managed service's grant for it"}
	default:
		return err
	}
}
