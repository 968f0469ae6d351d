package batch

import (
	"errors"
	"fmt"
	"strings"

	"eventsync/pkg/change"
)

// ErrUnsupported is what every UnsupportedError is.
var ErrUnsupported = errors.New("the target table cannot hold the operation")

// UnsupportedError says that the target has no place for an operation.
type UnsupportedError struct {
	Op     change.Op
	Target string
	Remedy string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("table %s cannot hold a %v: %s", e.Target, e.Op, e.Remedy)
}

// Is makes every UnsupportedError an ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }

// RefusedError says that a source column, or one value of it, does not fit its target column.
type RefusedError struct {
	Relation   string // the source table
	Column     string
	SourceType string
	Target     string // the ClickHouse table
	TargetType string
	// Value is the value that does not fit, shortened; "" if no value of the type would.
	Value  string
	Reason string
	Remedy string
}

func (e *RefusedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, column %s (%s)", e.Relation, e.Column, e.SourceType)
	if e.Value != "" {
		fmt.Fprintf(&b, ", value %s", e.Value)
	}
	fmt.Fprintf(&b, " does not fit column %s of table %s (%s): %s", e.Column, e.Target, e.TargetType, e.Reason)
	if e.Remedy != "" {
		fmt.Fprintf(&b, "; %s", e.Remedy)
	}
	return b.String()
}

// RefusesRow reports whether the error is about this one value: others of its column would fit. What is about the column
// stops the partition, since no row would get through.
func (e *RefusedError) RefusesRow() bool { return e.Value != "" }

const maxShownValue = 64

// shown is a value as an error message has it.
func shown(t change.Type, v *change.Value) string {
	switch v.Kind {
	case change.Bool:
		return fmt.Sprint(v.Bool())
	case change.Integer:
		return shownInteger(t, v.Integer())
	case change.Float:
		return fmt.Sprint(v.Float())
	case change.Text, change.Bytes:
		if len(v.Bytes) > maxShownValue {
			return fmt.Sprintf("%q... (%d bytes)", v.Bytes[:maxShownValue], len(v.Bytes))
		}
		return fmt.Sprintf("%q", v.Bytes)
	case change.Unavailable:
		return "(left out)"
	default:
		return "NULL"
	}
}

func shownInteger(t change.Type, i int64) string {
	switch t {
	case change.TypeDate, change.TypeTimestamp, change.TypeTimestampTZ:
		switch i {
		case change.PositiveInfinity:
			return "infinity"
		case change.NegativeInfinity:
			return "-infinity"
		}
		if t == change.TypeDate {
			return fmt.Sprintf("%d days since 1970-01-01", i)
		}
		return fmt.Sprintf("%d microseconds since 1970-01-01", i)
	default:
		return fmt.Sprint(i)
	}
}
