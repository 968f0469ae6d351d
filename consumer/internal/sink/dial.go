package sink

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"github.com/ClickHouse/ch-go"

	"eventsync/pkg/config"
)

const (
	dialTimeout      = 5 * time.Second
	handshakeTimeout = 10 * time.Second
)

// clientOptions is what every connection has in common.
func clientOptions(cfg config.ClickHouse) (ch.Options, error) {
	o := ch.Options{
		Database: cfg.Database, User: cfg.Username, Password: cfg.Password.Reveal(),
		ClientName: "eventsync", DialTimeout: dialTimeout, HandshakeTimeout: handshakeTimeout,
	}
	switch cfg.Compression {
	case "none":
		o.Compression = ch.CompressionDisabled
	case "", "lz4":
		o.Compression = ch.CompressionLZ4
	case "zstd":
		o.Compression = ch.CompressionZSTD
	default:
		return o, fmt.Errorf("compression %q is not one of none, lz4, zstd", cfg.Compression)
	}
	if cfg.TLS.Enabled {
		var err error
		if o.TLS, err = tlsConfig(cfg.TLS); err != nil {
			return o, fmt.Errorf("tls: %w", err)
		}
	}
	return o, nil
}

func tlsConfig(cfg config.TLS) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.CA != "" {
		pem, err := os.ReadFile(cfg.CA)
		if err != nil {
			return nil, err
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificate in PEM", cfg.CA)
		}
	}
	if cfg.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(cfg.Certificate, cfg.Key)
		if err != nil {
			return nil, err
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}
