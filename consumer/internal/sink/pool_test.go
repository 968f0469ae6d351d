package sink

import (
	"strings"
	"testing"
)

func TestPingNamesEachAddress(t *testing.T) {
	err := newSinkOf(t, configOf("127.0.0.1:1", "127.0.0.1:2")).Ping(t.Context())
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1: ") || !strings.Contains(err.Error(), "127.0.0.1:2: ") {
		t.Errorf("error %v, want both addresses and their reasons", err)
	}
}

func TestAddressesAreTriedInTurn(t *testing.T) {
	cfg := newConfig(t)
	cfg.Addresses = []string{"127.0.0.1:1", cfg.Addresses[0]}
	s := newSinkOf(t, cfg)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.pool.first != 1 {
		t.Errorf("the next connection begins with address %d, want the one that answered", s.pool.first)
	}
}

func TestAConnectionIsKept(t *testing.T) {
	s := newSink(t)
	for range 3 {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.pool.idle); n != 1 {
		t.Errorf("%d idle connections, want the same one thrice", n)
	}
}

func TestAConnectionIsClosedAfterAnError(t *testing.T) {
	s := newSink(t)
	if err := s.Insert(t.Context(), "no_such_table", "t", ids(1)); err == nil {
		t.Fatal("no error")
	}
	if n := len(s.pool.idle); n != 0 {
		t.Errorf("%d idle connections, want the one with the error closed", n)
	}
}

func TestPasswordIsNotShown(t *testing.T) {
	cfg := configOf("127.0.0.1:1")
	cfg.Password = "open sesame"
	if err := newSinkOf(t, cfg).Ping(t.Context()); err == nil || strings.Contains(err.Error(), "sesame") {
		t.Errorf("error %v", err)
	}
}
