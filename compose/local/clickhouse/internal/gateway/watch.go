package gateway

import (
	"errors"
	"os"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"go.uber.org/zap"
)

// killInterval is the time between two tries to kill a query, which may not have registered itself yet.
const killInterval = 50 * time.Millisecond

// watched runs the engine, and kills its query when the client cancels or goes away meanwhile. The client must have
// nothing else to say until then.
func (n *session) watched(run func() error) error {
	if err := n.waitAtMost(0); err != nil {
		return err
	}
	ended, watching := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watching)
		if n.givesUp(ended) {
			n.kill(ended)
		}
	}()
	err := run()
	close(ended)
	_ = n.conn.SetReadDeadline(longAgo) // ends the watch; a connection that is closed already has ended it
	<-watching
	return err
}

// givesUp waits until the query has ended, or the client wants it no more.
func (n *session) givesUp(ended <-chan struct{}) bool {
	next, err := n.raw.Peek(1)
	if errors.Is(err, os.ErrDeadlineExceeded) { // the query has ended, or the server is stopping and waits for it
		select {
		case <-ended:
			return false
		case <-n.gone:
			return true
		}
	}
	if err != nil {
		return true
	}
	return isCancel(proto.ClientCode(next[0]))
}

// isCancel also takes the zero byte, a greeting's code, that ch-go v0.74 sends before its cancel packet.
func isCancel(code proto.ClientCode) bool {
	return code == proto.ClientCodeCancel || code == proto.ClientCodeHello
}

// kill kills the session's query until it has ended.
func (n *session) kill(ended <-chan struct{}) {
	tick := time.NewTicker(killInterval)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		default:
		}
		err := n.server.control.Query("KILL QUERY WHERE Settings['log_comment'] = "+quoteText(n.tag)+" ASYNC", "Null", ignore)
		if err != nil {
			n.server.config.Log.Warn("kill a query", zap.String("session", n.tag), zap.Error(err))
		}
		select {
		case <-ended:
			return
		case <-tick.C:
		}
	}
}
