package sink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

func TestExceptions(t *testing.T) {
	for _, c := range []struct {
		code    proto.Error
		message string
		want    Kind
	}{
		{proto.ErrTooManyParts, "Too many parts (300) in all partitions in total", Retry},
		{proto.ErrTooManyParts, "Too many partitions for single INSERT block (more than 100)", RefuseRows},
		{proto.ErrMemoryLimitExceeded, "(total) memory limit exceeded", Retry},
		{proto.ErrTableIsReadOnly, "Table is in readonly mode", Retry},
		{proto.ErrReadonly, "Cannot execute query in readonly mode", Stop},
		{proto.ErrTimeoutExceeded, "Timeout exceeded: elapsed 15 seconds", Retry},
		{proto.ErrQuotaExceeded, "Quota for user `u` for 3600s has been exceeded", Retry},
		{proto.ErrStdException, "std::exception. Code: 1001, type: std::__1::__fs::filesystem::filesystem_error, No space left on device", Retry},
		{proto.ErrPocoException, "Poco::Exception. Code: 1000, Timeout", Retry},
		{proto.ErrUnknownException, "Unknown exception", Stop},
		{proto.ErrLogicalError, "Logical error", Stop},
		{proto.ErrAuthenticationFailed, "u: Authentication failed", Stop},
		{proto.ErrAccessDenied, "Not enough privileges", Stop},
		{proto.ErrUnknownSetting, "Setting is neither a builtin setting nor started with the prefix", Stop},
		{proto.ErrTypeMismatch, "of no value", Stop},
		{proto.ErrViolatedConstraint, "Constraint is violated", RefuseRows},
		{proto.ErrIllegalDivision, "Division by zero, in a view", RefuseRows},
		{4711, "of the future", Stop},
	} {
		err := (&Server{}).failed("insert into t", fmt.Errorf("127.0.0.1:1: %w", &ch.Exception{Code: c.code, Message: c.message}))
		var e *Error
		if !errors.As(err, &e) || e.Kind != c.want || e.Unanswered() || e.Again() != (c.want == Retry) || e.RefusesRows() != (c.want == RefuseRows) {
			t.Errorf("%v, want %v: unanswered %v, again %v, refuses rows %v", err, c.want, e.Unanswered(), e.Again(), e.RefusesRows())
		}
	}
}

// Some answers are none.
func TestAnswersThatLeaveItOpen(t *testing.T) {
	var e *Error
	err := (&Server{}).failed("insert into t", &ch.Exception{Code: proto.ErrUnknownStatusOfInsert, Message: "Unknown status. Client must retry."})
	if !errors.As(err, &e) || !e.Again() || !e.Unanswered() {
		t.Errorf("%v", err)
	}
}

func TestErrorsOfTheConnection(t *testing.T) {
	remote := func(alert tls.AlertError) error { return &net.OpError{Op: "remote error", Err: alert} }
	for _, c := range []struct {
		err        error
		want       Kind
		unanswered bool
	}{
		{io.ErrUnexpectedEOF, Retry, true},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, Retry, true},
		{context.DeadlineExceeded, Retry, true},
		{fmt.Errorf("%w: %w", errNoAnswer, net.ErrClosed), Retry, true},
		{errors.New("column [1] has 2 rows, expected 3"), Stop, true},
		{&unsentError{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}}, Retry, false},
		{&unsentError{remote(42)}, Stop, false}, // bad certificate
		{remote(116), Stop, true},               // certificate required, told after the handshake in TLS 1.3
		{&unsentError{remote(alertInternalError)}, Retry, false},
		{&unsentError{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}}, Stop, false},
	} {
		var e *Error
		err := (&Server{}).failed("insert into t", c.err)
		if !errors.As(err, &e) || e.Kind != c.want || e.Unanswered() != c.unanswered {
			t.Errorf("%v: %v, unanswered %v; want %v, %v", err, e.Kind, e.Unanswered(), c.want, c.unanswered)
		}
		if refusedTLS(c.err) && c.want == Stop && !strings.Contains(err.Error(), "clickhouse.tls") {
			t.Errorf("%v: no remedy", err)
		}
	}
}
