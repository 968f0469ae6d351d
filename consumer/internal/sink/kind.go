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

// Error is a statement that failed. What it says of itself is what a worker asks.
type Error struct {
	Kind   Kind
	What   string // the statement, or what it was for
	Remedy string // "" where there is none but the server's own words
	Err    error

	unanswered bool
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %v", e.What, e.Err)
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Again reports whether the same again can succeed.
func (e *Error) Again() bool { return e.Kind == Retry }

// RefusesRows reports whether the server will never take these rows, and would take others.
func (e *Error) RefusesRows() bool { return e.Kind == RefuseRows }

// Unanswered reports whether the statement may have been taken, or may be yet: it was sent, and no answer came.
func (e *Error) Unanswered() bool { return e.unanswered }

// failed makes an *Error of what a statement ended with.
func (s *Server) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kindOf(err), What: what, Remedy: remedy(err), Err: err, unanswered: unanswered(err)}
}

func unanswered(err error) bool {
	if e, ok := ch.AsException(err); ok {
		return e.IsCode(proto.ErrUnknownStatusOfInsert) // which is an answer by its form only
	}
	var never *unsentError
	return !errors.As(err, &never)
}

// unsentError is one of connecting: nothing was sent.
type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

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
	if refusedTLS(err) {
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

// refusedTLS reports whether one side does not accept the other: its certificate, or that it speaks TLS at all.
func refusedTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var alert tls.AlertError
	var plain tls.RecordHeaderError
	return errors.As(err, &certificate) || errors.As(err, &plain) || errors.As(err, &alert) && alert != alertInternalError
}

// alertInternalError is what a server says that is in trouble itself.
const alertInternalError tls.AlertError = 80

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
