package kafkaclient

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"eventsync/pkg/config"
)

func tlsOf(cfg config.TLS) (*tls.Config, error) {
	if !cfg.Enabled {
		return nil, nil //nolint:nilnil // kafka-go's own way to say: no TLS
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.CA != "" {
		pem, err := os.ReadFile(cfg.CA)
		if err != nil {
			return nil, fmt.Errorf("kafka.tls.ca: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("kafka.tls.ca: %s holds no PEM certificate", cfg.CA)
		}
	}
	if cfg.Certificate != "" || cfg.Key != "" {
		pair, err := tls.LoadX509KeyPair(cfg.Certificate, cfg.Key)
		if err != nil {
			return nil, fmt.Errorf("kafka.tls.certificate and kafka.tls.key: %w", err)
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

func mechanismOf(cfg config.SASL) (sasl.Mechanism, error) {
	switch cfg.Mechanism {
	case "":
		return nil, nil //nolint:nilnil // kafka-go's own way to say: no SASL
	case "plain":
		return plain.Mechanism{Username: cfg.Username, Password: cfg.Password.Reveal()}, nil
	case "scram-sha-256":
		return scramOf(scram.SHA256, cfg)
	case "scram-sha-512":
		return scramOf(scram.SHA512, cfg)
	default:
		return nil, fmt.Errorf("kafka.sasl.mechanism: %q is unknown: use plain, scram-sha-256 or scram-sha-512", cfg.Mechanism)
	}
}

func scramOf(a scram.Algorithm, cfg config.SASL) (sasl.Mechanism, error) {
	m, err := scram.Mechanism(a, cfg.Username, cfg.Password.Reveal())
	if err != nil {
		// The library's reason is left out: it may quote what it was given.
		return nil, fmt.Errorf("kafka.sasl: the username or password holds characters that %s does not allow", cfg.Mechanism)
	}
	return m, nil
}
