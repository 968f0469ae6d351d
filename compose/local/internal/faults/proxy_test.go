package faults

import (
	"net"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/internal/proxytest"
	"eventsync/compose/local/process"
)

// proxyPostgres puts a proxy before the source.
func (w *world) proxyPostgres() *proxytest.Proxy {
	w.Helper()
	direct := net.JoinHostPort("127.0.0.1", strconv.Itoa(w.postgres.Port()))
	p := proxytest.Start(w, direct)
	w.config(strings.Replace(w.postgres.DSN(), direct, p.Listen, 1), w.broker.Addr(), "public.events")
	return p
}

// proxyBroker starts the broker anew behind a proxy, whose address clients have from the metadata.
func (w *world) proxyBroker() *proxytest.Proxy {
	w.Helper()
	port, err := process.FreePort()
	w.must(err)
	direct := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	p := proxytest.Start(w, direct)
	w.startBroker(broker.Config{Addr: direct, Options: []kfake.Opt{kfake.ListenFn(p.Advertise)}})
	w.config(w.postgres.DSN(), p.Listen, "public.events")
	return p
}
