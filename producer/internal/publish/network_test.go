package publish_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

// network is the way to the broker.
type network struct {
	*testing.T
	*toxiproxy.Proxy
	address string // the proxy's own field is written by each of its starts
}

func networkTo(t *testing.T, b *brokertest.Broker) *network {
	t.Helper()
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "kafka", "127.0.0.1:0", b.Addr)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return &network{t, p, p.Listen}
}

// dial goes through the proxy, whatever address a broker says that it has.
func (n *network) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, n.address)
}

// trouble begins in one direction.
func (n *network) trouble(kind, stream string, attributes map[string]int) {
	n.Helper()
	toxic, err := json.Marshal(map[string]any{"type": kind, "stream": stream, "attributes": attributes})
	if err != nil {
		n.Fatal(err)
	}
	if _, err := n.Toxics.AddToxicJson(bytes.NewReader(toxic)); err != nil {
		n.Fatal(err)
	}
}

// TestNetworksFail has the network to the broker misbehave under load, and mend.
func TestNetworksFail(t *testing.T) {
	const toBroker, fromBroker = "upstream", "downstream"
	for name, begin := range map[string]func(*network) (fails bool){
		"connections are reset":           func(n *network) bool { n.trouble("reset_peer", fromBroker, map[string]int{"timeout": 3}); return true },
		"connections are cut in requests": func(n *network) bool { n.trouble("limit_data", toBroker, map[string]int{"bytes": 20_000}); return true },
		"connections are cut in answers": func(n *network) bool {
			n.trouble("limit_data", fromBroker, map[string]int{"bytes": 30})
			return true
		},
		"slow": func(n *network) bool {
			n.trouble("latency", fromBroker, map[string]int{"latency": 30, "jitter": 20})
			return false
		},
		"narrow":                       func(n *network) bool { n.trouble("bandwidth", toBroker, map[string]int{"rate": 200}); return false },
		"half open, requests are lost": func(n *network) bool { n.trouble("timeout", toBroker, map[string]int{"timeout": 0}); return true },
		"half open, answers are lost":  func(n *network) bool { n.trouble("timeout", fromBroker, map[string]int{"timeout": 0}); return true },
		"nobody answers":               func(n *network) bool { n.Stop(); return true },
	} {
		t.Run(name, func(t *testing.T) {
			brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
				way := networkTo(t, b)
				p, topic := startWith(t, b, &memory{}, func(c *config.Config) { c.Producer.Linger = time.Millisecond },
					kafkaclient.WithDial(way.dial))
				p.client.Timeout = 300 * time.Millisecond // for half-open connections, which are found out by waiting
				const before, during, after = 500, 3000, 500
				commit := uint64(0)
				publish := func(n int) {
					t.Helper()
					for range n / 10 {
						var changes []change.Change
						for range 10 {
							commit++
							changes = append(changes, row(events, commit, 1, int64(commit%100), noise(50)))
						}
						if err := p.Publish(t.Context(), changes); err != nil {
							t.Fatal(err)
						}
						p.Commit(change.LSN(commit + 1))
					}
				}
				publish(before)
				if err := p.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				fails := begin(way)
				publish(during)
				eventually(t, func() bool { return p.Stats().Retries > 1 || !fails && p.Confirmed() == before+during+1 })
				confirmed := p.Confirmed()
				if !way.Enabled {
					if err := way.Start(); err != nil {
						t.Fatal(err)
					}
				}
				way.Toxics.ResetToxics(t.Context())
				publish(after)
				if err := p.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				log := readLog(t, p, []string{b.Addr}, topic)
				checkPlaces(t, log, commit)
				checkConfirmed(t, log, confirmed)
				if got := p.Confirmed(); got != change.LSN(commit+1) {
					t.Errorf("confirmed %v of %v", got, change.LSN(commit+1))
				}
			})
		})
	}
}
