package kafka_test

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/kafka"
	"eventsync/compose/local/process/processtest"
)

func TestRecordsAndOffsetsSurviveEveryEnd(t *testing.T) {
	brokertest.NeedsKafka(t)
	s := start(t, kafka.Config{Dir: t.TempDir(), Properties: map[string]string{"auto.create.topics.enable": "true"}})
	addr := s.Addr()
	client := connect(t, addr)
	for i, end := range []struct {
		how  string
		stop func() error
	}{
		{"restart", func() error { return nil }},
		{"kill", s.Kill},
	} {
		if offset := produce(t, client); offset != int64(i) {
			t.Fatalf("before %s: record %d is at offset %d", end.how, i, offset)
		}
		brokertest.Commit(t, client, "readers", "events", 0, int64(i), end.how)
		if err := end.stop(); err != nil {
			t.Fatalf("%s: %v", end.how, err)
		}
		if err := s.Restart(t.Context()); err != nil {
			t.Fatalf("%s: %v", end.how, err)
		}
		if s.Addr() != addr {
			t.Fatalf("the address was %s and is %s", addr, s.Addr())
		}
		if offset, metadata := brokertest.Committed(t, client, "readers", "events", 0); offset != int64(i) || metadata != end.how {
			t.Errorf("after %s the commit is %d, %q", end.how, offset, metadata)
		}
	}
	if offset := produce(t, client); offset != 2 {
		t.Errorf("the third record is at offset %d", offset)
	}
}

func TestBrokerDiesWithKilledParent(t *testing.T) {
	brokertest.NeedsKafka(t)
	parent := processtest.Start(t, nil, "broker", t.TempDir())
	addr := parent.Line()
	parent.Kill()
	processtest.Eventually(t, "nothing listens on "+addr, func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			return true
		}
		_ = conn.Close()
		return false
	})
}

func TestFailedStartSaysWhy(t *testing.T) {
	brokertest.NeedsKafka(t)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it only has to be there until then
	port := l.Addr().(*net.TCPAddr).Port
	for name, c := range map[string]struct {
		cfg   kafka.Config
		words []string
	}{
		"bad property": {kafka.Config{Properties: map[string]string{"num.partitions": "many"}}, []string{"num.partitions"}},
		"bad heap":     {kafka.Config{Heap: "lots"}, []string{"lots"}},
		"taken port":   {kafka.Config{Port: port}, []string{strconv.Itoa(port), "choose another"}},
		"no time":      {kafka.Config{StartTimeout: time.Nanosecond}, []string{"not ready within 1ns"}},
		"no directory": {kafka.Config{}, []string{"Config.Dir"}},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "no directory" {
				c.cfg.Dir = t.TempDir()
			}
			_, err := kafka.Start(t.Context(), c.cfg)
			if err == nil {
				t.Fatal("it started")
			}
			for _, w := range c.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("the error does not say %q: %v", w, err)
				}
			}
		})
	}
}
