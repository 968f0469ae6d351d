package sink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// Kind says what to do about an error.
type Kind uint8

// The kinds. What is not known is Stop: loud beats a loop that nobody sees.
const (
	Stop       Kind = iota // a person must mend something: table, column, privilege, configuration
	Retry                  // the same again can succeed, and does no harm
	RefuseRows             // these rows will never be taken; others would be
)

func (k Kind) String() string {
	switch k {
	case Retry:
		return "retry"
	case RefuseRows:
		return "refuse rows"
	default:
		return "stop"
	}
}

// Error is an INSERT that failed for good.
type Error struct {
	Kind   Kind
	Table  string
	Remedy string // "" where there is none but the server's own words
	Err    error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("insert into %s: %v", e.Table, e.Err)
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of an error of this package.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return kindOf(err)
}

func kindOf(err error) Kind {
	if e, ok := ch.AsException(err); ok {
		return kindOfException(e)
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return Stop
	}
	var network net.Error
	var corrupted *ch.CorruptedDataErr
	switch {
	case errors.As(err, &network), errors.As(err, &corrupted),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe), errors.Is(err, net.ErrClosed),
		errors.Is(err, ch.ErrClosed), errors.Is(err, errNoAnswer), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Retry
	default:
		return Stop
	}
}

func kindOfException(e *ch.Exception) Kind {
	if e.IsCode(proto.ErrTooManyParts) && tooManyPartitions(e) {
		return RefuseRows // fewer rows would span fewer partitions
	}
	if kind, ok := codes[e.Code]; ok {
		return kind
	}
	return Stop
}

// tooManyPartitions tells the limit of ClickHouse partitions per INSERT, which waiting does not mend, from the limit of
// parts per table, which goes by the same code.
func tooManyPartitions(e *ch.Exception) bool {
	return strings.Contains(e.Message, "partitions for single INSERT block")
}

func remedy(err error) string {
	e, ok := ch.AsException(err)
	if !ok {
		return ""
	}
	switch {
	case e.IsCode(proto.ErrUnknownTable, proto.ErrUnknownDatabase):
		return "create it: schemas/clickhouse has the statements"
	case e.IsCode(proto.ErrNoSuchColumnInTable, proto.ErrThereIsNoColumn, proto.ErrNotFoundColumnInBlock):
		return "the table was altered: restart the consumer, so that it reads the columns again"
	case e.IsCode(proto.ErrAuthenticationFailed, proto.ErrUnknownUser, proto.ErrWrongPassword, proto.ErrRequiredPassword):
		return "check clickhouse.username and clickhouse.password"
	case e.IsCode(proto.ErrAccessDenied, proto.ErrReadonly):
		return "grant the user INSERT on the table, and do not make it readonly"
	case e.IsCode(proto.ErrTooManyParts) && tooManyPartitions(e):
		return "the rows span more partitions of the table than one INSERT may: send fewer rows, or partition by a longer time"
	default:
		return ""
	}
}
