package gateway

import (
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"go.uber.org/zap"
)

// lostError wraps an error after which the client's bytes make no sense any more.
type lostError struct{ error }

func (e lostError) Unwrap() error { return e.error }

// query answers one Query packet. Its error ends the connection; an exception that the client has been told of does not.
func (n *session) query() error {
	var q proto.Query
	if err := q.DecodeAware(n.fields, n.revision); err != nil {
		return fmt.Errorf("query packet: %w", err)
	}
	n.compressed = q.Compression == proto.CompressionEnabled
	n.result = result{}
	if err := n.noExternalTables(); err != nil {
		_ = n.refuse(err) // best effort: the connection ends
		return err
	}
	start := time.Now()
	err := n.execute(&q)
	n.server.config.Log.Debug("query", zap.String("session", n.tag), zap.Duration("took", time.Since(start)),
		zap.String("text", beginning(q.Body)), zap.Error(err))
	if err == nil {
		return n.finish()
	}
	if lost := new(lostError); errors.As(err, lost) {
		_ = n.refuse(err) // best effort: the connection ends
		return err
	}
	return n.refuse(err)
}

// noExternalTables reads the data packets that come with a query: an empty block ends them, and there must be no other.
func (n *session) noExternalTables() error {
	code, err := n.packet(n.server.config.ReceiveTimeout)
	if err != nil {
		return err
	}
	if code != proto.ClientCodeData {
		return fmt.Errorf("packet %d after a query instead of data", code)
	}
	b, err := n.receive(nil)
	if err != nil {
		return err
	}
	if len(b.columns) > 0 {
		return exception(proto.ErrNotImplemented, "External tables are not supported by the local gateway")
	}
	return nil
}

func (n *session) execute(q *proto.Query) error {
	s, err := parseStatement(q.Body)
	if err != nil {
		return err
	}
	if err := n.applySettings(q); err != nil {
		return err
	}
	switch {
	case s.insert != nil:
		return n.insert(s.insert)
	case s.isSelect():
		return n.selectRows(s)
	default:
		return n.command(s)
	}
}

func (n *session) applySettings(q *proto.Query) error {
	change, applied, err := n.settings.forQuery(q)
	if err != nil {
		return err
	}
	if change != "" {
		if err := n.engine.Query(change, "Null", ignore); err != nil {
			n.settings.failed(applied)
			return err
		}
	}
	n.settings.applied = applied
	return nil
}

func (n *session) selectRows(s statement) error {
	err := n.watched(func() error { return n.engine.Stream(s.text, "Native", n.forward) })
	if err != nil || n.result.started {
		return err
	}
	columns, err := n.describe("(" + s.text + "\n)")
	if err != nil {
		return err
	}
	return n.sendHeader(columns)
}

// command runs what is neither a SELECT nor an INSERT with blocks.
func (n *session) command(s statement) error {
	if err := n.watched(func() error { return n.engine.Query(s.text, "Native", n.forward) }); err != nil {
		return err
	}
	if repair := n.settings.set(s.sets); repair != "" {
		if err := n.engine.Query(repair, "Null", ignore); err != nil {
			return err
		}
	}
	if n.result.started || !s.hasResult() {
		return nil
	}
	columns, err := n.columnsOf(s.text)
	if err != nil {
		return err
	}
	return n.sendHeader(columns)
}

func beginning(text string) string {
	const enough = 200
	return text[:min(len(text), enough)]
}
