package kafkaclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// UnreachableError says that no broker answered.
type UnreachableError struct {
	Brokers []string
	Err     error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no answer from Kafka at %s: %v", strings.Join(e.Brokers, ", "), reason(e.Err))
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// reason is what went wrong with the connection, without the library's own call path.
func reason(err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("it took too long")
	}
	return err
}

// Explain makes an error of the connection an UnreachableError; an answer of the broker's stays as it is.
func (c *Client) Explain(err error) error {
	if err == nil || !IsNetwork(err) && !isTLS(err) {
		return err
	}
	if u := (*UnreachableError)(nil); errors.As(err, &u) {
		return err
	}
	return &UnreachableError{Brokers: c.brokers, Err: err}
}

// isTLS reports whether the two sides could not agree on an encrypted connection: no other try will do better.
func isTLS(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		alert       tls.AlertError
	)
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert)
}

// IsNetwork reports whether err is about the connection: refused, cut, or without an answer in time.
func IsNetwork(err error) bool {
	var ne net.Error
	var ke kafka.Error // a net.Error itself
	if errors.As(err, &ke) || isTLS(err) {
		return false
	}
	return errors.As(err, &ne) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, context.DeadlineExceeded)
}

// IsRetriable reports whether the same request may succeed later, with nothing mended but the cluster: a connection
// lost, a leader moved, a broker starting, too few replicas.
func IsRetriable(err error) bool {
	var ke kafka.Error
	if errors.As(err, &ke) {
		return ke.Temporary() || ke == kafka.BrokerNotAvailable || ke == kafka.ReplicaNotAvailable || ke == kafka.Unknown
	}
	var pe protocol.Error
	if errors.As(err, &pe) { // the metadata at hand lacks the topic, the partition or its leader
		return errors.Is(pe, protocol.ErrNoTopic) || errors.Is(pe, protocol.ErrNoPartition) || errors.Is(pe, protocol.ErrNoLeader)
	}
	return IsNetwork(err)
}
