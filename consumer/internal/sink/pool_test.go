package sink

import (
	"strings"
	"testing"

	"eventsync/pkg/config"
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
	if s.shard().pool.first != 1 {
		t.Errorf("the next connection begins with address %d, want the one that answered", s.shard().pool.first)
	}
}

// A replica that answers, but not with what it should, is not the first to be asked next.
func TestAReplicaInTroubleIsAvoided(t *testing.T) {
	cfg := newConfig(t)
	cfg.Addresses = []string{cfg.Addresses[0], "127.0.0.1:1"}
	s := newSinkOf(t, cfg)
	s.exec(t, "CREATE TABLE t (id UInt64) ENGINE = MergeTree ORDER BY id SETTINGS parts_to_throw_insert = 1, parts_to_delay_insert = 1, non_replicated_deduplication_window = 10")
	s.exec(t, "SYSTEM STOP MERGES t")
	var err error
	for i := 0; err == nil && i < 10; i++ {
		err = s.shard().Insert(t.Context(), "t", string(rune('a'+i)), ids(1))
	}
	if KindOf(err) != Retry || s.shard().pool.first != 1 {
		t.Errorf("error %v, and address %d is next", err, s.shard().pool.first)
	}
}

// A connection that was idle for long is asked before it is trusted, and replaced if it says nothing.
func TestAnOldConnectionIsNotTrusted(t *testing.T) {
	s := newSink(t)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	old := s.shard().pool.idle[0]
	old.lastUsed = old.lastUsed.Add(-trusted)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPartitionsGoToShards(t *testing.T) {
	one, two := newConfig(t), newConfig(t)
	cfg := one
	cfg.Addresses, cfg.Shards = nil, []config.Shard{{Addresses: one.Addresses}, {Addresses: append([]string{"127.0.0.1:1"}, two.Addresses...)}}
	s := newSinkOf(t, cfg)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	for partition := range 5 {
		if s.Server(partition) != s.Servers()[partition%2] {
			t.Errorf("partition %d has another shard", partition)
		}
	}
	cfg.Shards[1].Addresses = []string{"127.0.0.1:1"}
	if err := newSinkOf(t, cfg).Ping(t.Context()); err == nil {
		t.Error("a shard that does not answer is not noticed")
	}
}

func TestAConnectionIsKept(t *testing.T) {
	s := newSink(t)
	for range 3 {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.shard().pool.idle); n != 1 {
		t.Errorf("%d idle connections, want the same one thrice", n)
	}
}

func TestAConnectionIsClosedAfterAnError(t *testing.T) {
	s := newSink(t)
	if err := s.shard().Insert(t.Context(), "no_such_table", "t", ids(1)); err == nil {
		t.Fatal("no error")
	}
	if n := len(s.shard().pool.idle); n != 0 {
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
