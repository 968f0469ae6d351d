package source

import (
	"testing"
	"time"

	"eventsync/pkg/config"
)

func TestConnectingIsBounded(t *testing.T) {
	for dsn, want := range map[string]time.Duration{
		"postgres://u@127.0.0.1:1/d":                   connectTimeout,
		"postgres://u@127.0.0.1:1/d?connect_timeout=3": 3 * time.Second,
	} {
		ordinary, err := Parse(config.Secret(dsn))
		if err != nil {
			t.Fatal(err)
		}
		replication, err := ParseReplication(config.Secret(dsn))
		if err != nil {
			t.Fatal(err)
		}
		if ordinary.ConnectTimeout != want || replication.ConnectTimeout != want {
			t.Errorf("%s: %v and, for replication, %v, not %v", dsn, ordinary.ConnectTimeout, replication.ConnectTimeout, want)
		}
	}
}
