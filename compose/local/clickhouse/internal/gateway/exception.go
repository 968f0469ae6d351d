package gateway

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse/internal/native"
)

const exceptionName = "DB::Exception"

// exceptionError is an error of the gateway's own that has a ClickHouse code.
type exceptionError struct {
	code    proto.Error
	message string
}

func (e exceptionError) Error() string { return e.message }

// exception makes one; its message ends, as the engine's do, with the code's name.
func exception(code proto.Error, format string, args ...any) error {
	name := strings.ToUpper(snake(code.String()))
	return exceptionError{code, fmt.Sprintf(format, args...) + ". (" + name + ")"}
}

var wordStart = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func snake(s string) string { return wordStart.ReplaceAllString(s, "${1}_${2}") }

// engineText is how the engine words its exceptions.
var engineText = regexp.MustCompile(`^Code: (\d+)\. (?s)(.*)$`)

// toException gives an error the form that it has in the protocol.
func toException(err error) proto.Exception {
	e := proto.Exception{Code: proto.ErrUnknownException, Name: exceptionName, Message: exceptionName + ": " + err.Error()}
	var own exceptionError
	if errors.As(err, &own) {
		e.Code, e.Message = own.code, exceptionName+": "+own.message
		return e
	}
	if errors.Is(err, native.ErrUnsupported) {
		e.Code = proto.ErrNotImplemented
		return e
	}
	if errors.Is(err, os.ErrDeadlineExceeded) { // the client was waited for
		e.Code = proto.ErrSocketTimeout
		return e
	}
	if m := engineText.FindStringSubmatch(err.Error()); m != nil {
		if code, err := strconv.Atoi(m[1]); err == nil {
			e.Code, e.Message = proto.Error(code), m[2]
		}
	}
	return e
}

// refuse sends an error to the client as an exception, in place of what was encoded and not sent yet.
func (n *session) refuse(err error) error {
	n.out.Reset()
	proto.ServerCodeException.Encode(&n.out)
	e := toException(err)
	e.EncodeAware(&n.out, n.revision)
	return n.flush()
}
