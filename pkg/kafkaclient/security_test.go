package kafkaclient_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"eventsync/compose/local/broker"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

func itoa(i int) string { return strconv.Itoa(i) }

// certificate makes a server's certificate for 127.0.0.1, and a file to trust it by.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, file
}

func TestEveryMechanismOverTLS(t *testing.T) {
	for _, mechanism := range []string{"plain", "scram-sha-256", "scram-sha-512"} {
		t.Run(mechanism, func(t *testing.T) {
			server, ca := certificate(t)
			const password = "a secret word"
			b, err := broker.Start(t.Context(), broker.Config{Options: []kfake.Opt{
				kfake.TLS(server), kfake.EnableSASL(), kfake.Superuser(strings.ToUpper(mechanism), "user", password),
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := b.Stop(context.Background()); err != nil {
					t.Error(err)
				}
			})
			cfg := config.Kafka{
				Brokers: []string{b.Addr()},
				TLS:     config.TLS{Enabled: true, CA: ca},
				SASL:    config.SASL{Mechanism: mechanism, Username: "user", Password: password},
			}
			if n, err := newClient(t, cfg).EnsureTopic(t.Context(), "events", 2, 1); err != nil || n != 2 {
				t.Fatalf("%d partitions, %v", n, err)
			}
			conn, err := newClient(t, cfg).Dialer().DialContext(t.Context(), "tcp", b.Addr())
			if err != nil {
				t.Fatalf("the dialer: %v", err)
			}
			defer func() { _ = conn.Close() }()
			if p, err := conn.ReadPartitions("events"); err != nil || len(p) != 2 {
				t.Fatalf("by the dialer: %v, %v", p, err)
			}
			untrusting := cfg
			untrusting.TLS.CA = ""
			_, err = newClient(t, untrusting).Partitions(t.Context(), "events")
			if u := (*kafkaclient.UnreachableError)(nil); !errors.As(err, &u) || !strings.Contains(err.Error(), "certificate") || kafkaclient.IsRetriable(err) {
				t.Fatalf("with a certificate that nobody vouches for: %v", err)
			}
			cfg.SASL.Password = "another secret word"
			_, err = newClient(t, cfg).Partitions(t.Context(), "events")
			if err == nil || strings.Contains(err.Error(), "secret word") {
				t.Fatalf("with a wrong password: %v", err)
			}
		})
	}
}

func TestBadSecurityIsRefusedAtOnce(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for key, cfg := range map[string]config.Kafka{
		"kafka.sasl.mechanism":  {SASL: config.SASL{Mechanism: "gssapi"}},
		"kafka.tls.ca":          {TLS: config.TLS{Enabled: true, CA: empty}},
		"kafka.tls.certificate": {TLS: config.TLS{Enabled: true, Certificate: "missing", Key: "missing"}},
	} {
		if _, err := kafkaclient.New(cfg, "test"); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: got %v", key, err)
		}
	}
}
