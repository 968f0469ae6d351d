package gateway

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func client(t *testing.T, addr string) *ch.Client {
	t.Helper()
	c, err := ch.Dial(t.Context(), ch.Options{Address: addr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestServerIntroducesItself(t *testing.T) {
	_, addr := serve(t, Config{Engine: newFakeEngine()})
	info := client(t, addr).ServerInfo()
	if info.Major != 26 || info.Minor != 7 || info.Patch != 2 || info.Timezone != "UTC" || info.Revision != revision {
		t.Errorf("got %+v", info)
	}
}

// TestOldClients walks through the revisions at which the protocol changed.
func TestOldClients(t *testing.T) {
	_, addr := serve(t, Config{Engine: newFakeEngine()})
	for _, revision := range []int{54453, 54454, 54458, 54460, 54480} {
		c, err := ch.Dial(t.Context(), ch.Options{Address: addr, ProtocolVersion: revision})
		if err != nil {
			t.Errorf("revision %d: %v", revision, err)
			continue
		}
		if err := c.Ping(t.Context()); err != nil {
			t.Errorf("revision %d: %v", revision, err)
		}
		_ = c.Close()
	}
}

// TestNonsense sends what is no native protocol: the connection ends, and the next client is served.
func TestNonsense(t *testing.T) {
	_, addr := serve(t, Config{Engine: newFakeEngine()})
	for _, nonsense := range []string{"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", ""} {
		conn := connect(t, addr)
		if _, err := conn.Write([]byte(nonsense)); err != nil {
			t.Fatal(err)
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn) // until the server closes it
	}
	if err := client(t, addr).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestShutdownLetsQueriesEnd(t *testing.T) {
	engine := newFakeEngine()
	s, addr := serve(t, Config{Engine: engine})
	idle, busy := client(t, addr), client(t, addr)
	ended := make(chan error, 1)
	go func() { ended <- busy.Do(t.Context(), ch.Query{Body: "SELECT endless"}) }()
	<-engine.began
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.Shutdown(t.Context())
	}()
	for idle.Ping(t.Context()) == nil { // until the server has closed it
	}
	select {
	case err := <-ended:
		t.Errorf("the query was not let to its end: %v", err)
	default:
	}
	engine.once.Do(func() { close(engine.killed) }) // it ends by itself, with an exception
	<-stopped
	if exception, ok := errors.AsType[*ch.Exception](<-ended); !ok || exception.Code != proto.ErrQueryWasCancelled {
		t.Errorf("the client did not get its answer: %v", exception)
	}
}

func TestShutdownKillsWhatDoesNotEnd(t *testing.T) {
	engine := newFakeEngine()
	s, addr := serve(t, Config{Engine: engine})
	busy := client(t, addr)
	ended := make(chan error, 1)
	go func() { ended <- busy.Do(t.Context(), ch.Query{Body: "SELECT endless"}) }()
	<-engine.began
	now, cancel := context.WithCancel(t.Context())
	cancel()
	s.Shutdown(now)
	if <-ended == nil {
		t.Error("the query ended well")
	}
}

// TestClientThatDoesNotRead must not hold its engine session for ever.
func TestClientThatDoesNotRead(t *testing.T) {
	engine := newFakeEngine()
	_, addr := serve(t, Config{Engine: engine, SendTimeout: 100 * time.Millisecond})
	conn := connect(t, addr)
	var b proto.Buffer
	proto.ClientHello{Name: "deaf", ProtocolVersion: revision}.Encode(&b)
	b.PutString("") // quota key
	proto.Query{Body: "SELECT much", Stage: proto.StageComplete, Info: proto.ClientInfo{
		ProtocolVersion: revision, Interface: proto.InterfaceTCP, Query: proto.ClientQueryInitial,
	}}.EncodeAware(&b, revision)
	proto.ClientCodeData.Encode(&b)
	proto.ClientData{}.EncodeAware(&b, revision)
	proto.BlockInfo{BucketNum: -1}.Encode(&b)
	b.PutInt(0)
	b.PutInt(0)
	if _, err := conn.Write(b.Buf); err != nil {
		t.Fatal(err)
	}
	<-engine.began // the write has failed
}

func TestListenRefusesOthers(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:0", "9000", ""} {
		if listener, err := Listen(t.Context(), addr); err == nil {
			t.Errorf("%q: listens on %s", addr, listener.Addr())
			_ = listener.Close()
		}
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		listener, err := Listen(t.Context(), addr)
		if err != nil {
			t.Errorf("%q: %v", addr, err)
			continue
		}
		_ = listener.Close()
	}
}
