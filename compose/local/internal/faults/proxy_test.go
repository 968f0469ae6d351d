package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"strconv"
	"strings"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kfake"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/process"
)

// proxy is what the producer connects to instead of a server.
type proxy struct {
	w *world
	*toxiproxy.Proxy
}

func (w *world) proxy(upstream string) *proxy {
	w.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &proxy{w, toxiproxy.NewProxy(server, "proxy", "127.0.0.1:0", upstream)}
	w.must(p.Start())
	w.Cleanup(p.Stop)
	return p
}

// The directions.
const toServer, fromServer = "upstream", "downstream"

type attributes map[string]int

// add adds a fault, in both directions unless told otherwise.
func (p *proxy) add(kind string, a attributes, only ...string) {
	p.w.Helper()
	if only == nil {
		only = []string{toServer, fromServer}
	}
	for _, d := range only {
		b, err := json.Marshal(map[string]any{"type": kind, "stream": d, "attributes": a})
		p.w.must(err)
		_, err = p.Toxics.AddToxicJson(bytes.NewReader(b))
		p.w.must(err)
	}
}

// mend takes all faults away.
func (p *proxy) mend() { p.Toxics.ResetToxics(p.w.Context()) }

// proxyPostgres puts a proxy before the source.
func (w *world) proxyPostgres() *proxy {
	w.Helper()
	direct := net.JoinHostPort("127.0.0.1", strconv.Itoa(w.postgres.Port()))
	p := w.proxy(direct)
	w.config(strings.Replace(w.postgres.DSN(), direct, p.Listen, 1), w.broker.Addr(), "public.events")
	return p
}

// proxyBroker starts the broker anew behind a proxy, whose address clients have from the metadata.
func (w *world) proxyBroker() *proxy {
	w.Helper()
	port, err := process.FreePort()
	w.must(err)
	direct := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	p := w.proxy(direct)
	advertise := func(network, address string) (net.Listener, error) {
		l, err := new(net.ListenConfig).Listen(context.Background(), network, address)
		return advertised{l, p.Listen}, err
	}
	w.startBroker(broker.Config{Addr: direct, Options: []kfake.Opt{kfake.ListenFn(advertise)}})
	w.config(w.postgres.DSN(), p.Listen, "public.events")
	return p
}

// advertised is a listener that names another address as its own.
type advertised struct {
	net.Listener
	address string
}

func (l advertised) Addr() net.Addr {
	a, _ := net.ResolveTCPAddr("tcp", l.address) // the address of a proxy that listens
	return a
}
