// Package proxytest puts a proxy with faults between a program and a server, for tests: delays, lost answers, cut
// connections, slow lines.
//
//	p := proxytest.Start(t, server.Addr())
//	... the program connects to p.Listen ...
//	p.Add("latency", proxytest.Attributes{"latency": 50})
//	p.Mend()
package proxytest

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Proxy is what a program connects to instead of a server.
type Proxy struct {
	t testing.TB
	*toxiproxy.Proxy
}

// Start puts one before a server, until the end of the test.
func Start(t testing.TB, upstream string) *Proxy {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{t, toxiproxy.NewProxy(server, "proxy", "127.0.0.1:0", upstream)}
	p.must(p.Start())
	t.Cleanup(p.Stop)
	return p
}

func (p *Proxy) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// The directions.
const (
	ToServer   = "upstream"
	FromServer = "downstream"
)

// Attributes are a fault's numbers, by toxiproxy's names.
type Attributes map[string]int

// Add adds a fault, in both directions unless told otherwise.
func (p *Proxy) Add(kind string, a Attributes, only ...string) {
	p.t.Helper()
	if only == nil {
		only = []string{ToServer, FromServer}
	}
	for _, d := range only {
		b, err := json.Marshal(map[string]any{"type": kind, "stream": d, "attributes": a})
		p.must(err)
		_, err = p.Toxics.AddToxicJson(bytes.NewReader(b))
		p.must(err)
	}
}

// Mend takes all faults away.
func (p *Proxy) Mend() { p.Toxics.ResetToxics(p.t.Context()) }

// Cut ends all connections; new ones are let through.
func (p *Proxy) Cut() {
	p.t.Helper()
	listen := p.Listen
	p.Stop()
	p.Listen = listen
	p.must(p.Start())
}

// Advertise listens for a server that tells its clients its own address, which is to be the proxy's.
func (p *Proxy) Advertise(network, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), network, address)
	return advertised{l, p.Listen}, err
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
