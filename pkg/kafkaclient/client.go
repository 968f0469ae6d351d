package kafkaclient

import (
	"context"
	"net"
	"time"

	"github.com/segmentio/kafka-go"

	"eventsync/pkg/config"
)

const (
	dialTimeout = 5 * time.Second
	// requestTimeout bounds the requests of Client; the broker is told half of it, where it is told anything.
	requestTimeout = 20 * time.Second
	// metadataTTL is how long a moved leader stays unknown.
	metadataTTL = time.Second
)

// DialFunc opens a network connection, as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Client is one program's way to the brokers. It may be used from any goroutine.
type Client struct {
	*kafka.Client

	brokers   []string
	transport *kafka.Transport
	dialer    kafka.Dialer
}

// Option changes how a Client connects.
type Option func(*Client)

// WithDial has connections opened by dial: another network, or one that a test cuts.
func WithDial(dial DialFunc) Option {
	return func(c *Client) {
		c.transport.Dial = dial
		c.dialer.DialFunc = dial
	}
}

// New makes a client, which connects when it is first used. The brokers see its clientID in their logs. The caller
// must Close it.
func New(cfg config.Kafka, clientID string, opts ...Option) (*Client, error) {
	tlsConfig, err := tlsOf(cfg.TLS)
	if err != nil {
		return nil, err
	}
	mechanism, err := mechanismOf(cfg.SASL)
	if err != nil {
		return nil, err
	}
	transport := &kafka.Transport{
		Dial:        (&net.Dialer{Timeout: dialTimeout}).DialContext,
		DialTimeout: dialTimeout,
		MetadataTTL: metadataTTL,
		ClientID:    clientID,
		TLS:         tlsConfig,
		SASL:        mechanism,
	}
	c := &Client{
		Client:    &kafka.Client{Addr: kafka.TCP(cfg.Brokers...), Timeout: requestTimeout, Transport: transport},
		brokers:   cfg.Brokers,
		transport: transport,
		dialer:    kafka.Dialer{ClientID: clientID, Timeout: dialTimeout, TLS: tlsConfig, SASLMechanism: mechanism},
	}
	for _, o := range opts {
		o(c)
	}
	return c, nil
}

// ClientID is the name that the brokers see.
func (c *Client) ClientID() string { return c.transport.ClientID }

// Brokers are the addresses to begin with.
func (c *Client) Brokers() []string { return c.brokers }

// Dialer connects as the client does; kafka-go's consumer group takes its connections from one. It is the caller's own.
func (c *Client) Dialer() *kafka.Dialer {
	d := c.dialer
	return &d
}

// RoundTrip sends one request of kafka-go's protocol, to the broker that the request is for. Give ctx a deadline.
func (c *Client) RoundTrip(ctx context.Context, r kafka.Request) (kafka.Response, error) {
	return c.transport.RoundTrip(ctx, c.Addr, r)
}

// Close closes connections; those of requests under way when these have ended.
func (c *Client) Close() { c.transport.CloseIdleConnections() }
