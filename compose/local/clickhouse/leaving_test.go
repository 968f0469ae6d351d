package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"

	"eventsync/compose/local/process/processtest"
)

// cutter passes bytes on to the server, and resets both connections after so many.
func cutter(t *testing.T, after int64) (address string) {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	go func() {
		defer close(done)
		client, err := listener.Accept()
		if err != nil {
			return
		}
		defer reset(client)
		server, err := new(net.Dialer).DialContext(context.WithoutCancel(t.Context()), "tcp", addr)
		if err != nil {
			return
		}
		answers := make(chan struct{})
		go func() {
			defer close(answers)
			_, _ = io.Copy(client, server)
		}()
		_, _ = io.CopyN(server, client, after)
		reset(server)
		reset(client)
		<-answers
	}()
	return listener.Addr().String()
}

func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func TestClientCutInMidInsert(t *testing.T) {
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			c := dial(t)
			table := createEvents(t, c)
			cut := dialTo(t, cutter(t, 500_000), compressed(compression))
			if err := streamEvents(t.Context(), cut, table, 100, 50_000, always, setting("log_comment", table)); err == nil {
				t.Error("the client did not notice")
			}
			insertEvents(t, c, table, newEvents(0, 2000))
			expect(t, c, "SELECT count() FROM "+table, "2000")
		})
	}
}

func TestClientThatFailsInMidInsert(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	failure := errors.New("the client's own")
	failing := dial(t, func(o *ch.Options) { o.ReadTimeout = 200 * time.Millisecond }) // which it waits out
	err := streamEvents(t.Context(), failing, table, 20, 10_000, func(block int) error {
		if block == 10 {
			return failure
		}
		return nil
	})
	if !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	insertEvents(t, c, table, newEvents(0, 5))
	expect(t, c, "SELECT count() FROM "+table, "5")
}

// running counts the queries that have mark in their text.
func running(t *testing.T, c *ch.Client, mark string) string {
	t.Helper()
	return value(t, c, "SELECT count() FROM system.processes WHERE query LIKE '%"+mark+"%' AND query NOT LIKE '%system.processes%'")
}

func endless(mark string) string {
	return "SELECT sum(sleepEachRow(0.02)) /* " + mark + " */ FROM numbers(100000) SETTINGS max_block_size = 1, max_execution_time = 0"
}

func TestCancelStopsTheQuery(t *testing.T) {
	observer := dial(t)
	mark := fmt.Sprintf("cancel%d", time.Now().UnixNano())
	c := dial(t, func(o *ch.Options) { o.ReadTimeout = 200 * time.Millisecond })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Do(ctx, ch.Query{Body: endless(mark)}) }()
	processtest.Eventually(t, "the query runs", func() bool { return running(t, observer, mark) == "1" })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	processtest.Eventually(t, "the query stops", func() bool { return running(t, observer, mark) == "0" })
}

func TestDisappearanceStopsTheQuery(t *testing.T) {
	observer := dial(t)
	mark := fmt.Sprintf("gone%d", time.Now().UnixNano())
	c := dial(t)
	ended := make(chan error, 1)
	go func() { ended <- c.Do(t.Context(), ch.Query{Body: endless(mark)}) }()
	processtest.Eventually(t, "the query runs", func() bool { return running(t, observer, mark) == "1" })
	_ = c.Close()
	if <-ended == nil {
		t.Error("an endless query has ended well")
	}
	processtest.Eventually(t, "the query stops", func() bool { return running(t, observer, mark) == "0" })
}
