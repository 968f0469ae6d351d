package broker_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/process/processtest"
)

func TestRestartKeepsTopicsRecordsAndOffsets(t *testing.T) {
	noLeak(t)
	b := start(t, broker.Config{Dir: t.TempDir()})
	if err := b.Cluster().CreateTopic("events", 3, map[string]string{"retention.ms": "12345"}); err != nil {
		t.Fatal(err)
	}
	client := connect(t, b)
	for range 10 {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Partition: 2, Value: []byte("v")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	brokertest.Commit(t, client, "readers", "events", 2, 7, "where it stood")
	before := b.Addr()

	if err := b.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.Addr() != before {
		t.Errorf("the address was %s and is %s", before, b.Addr())
	}
	topic := b.Cluster().TopicInfo("events")
	if topic == nil || topic.Configs["retention.ms"] == nil || *topic.Configs["retention.ms"] != "12345" {
		t.Errorf("the topic is now %+v", topic)
	}
	if p := b.Cluster().PartitionInfo("events", 2); p == nil || p.HighWatermark != 10 {
		t.Errorf("the partition is now %+v", p)
	}
	if offset, metadata := brokertest.Committed(t, client, "readers", "events", 2); offset != 7 || metadata != "where it stood" {
		t.Errorf("committed are now %d and %q", offset, metadata)
	}
}

func TestSecondBrokerOnDirIsRefused(t *testing.T) {
	noLeak(t)
	dir := t.TempDir()
	b := start(t, broker.Config{Dir: dir})
	if _, err := broker.Start(t.Context(), broker.Config{Dir: dir}); err == nil {
		t.Error("a second broker started on the same directory")
	}
	if err := b.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	start(t, broker.Config{Dir: dir})
}

func TestTakenPortIsSaid(t *testing.T) {
	noLeak(t)
	b := start(t, broker.Config{})
	if _, err := broker.Start(t.Context(), broker.Config{Addr: b.Addr()}); err == nil {
		t.Error("a second broker started on the same port")
	}
}

func TestOnlyLoopbackIsServed(t *testing.T) {
	noLeak(t)
	for _, addr := range []string{"0.0.0.0:0", "example.com:9092", ":9092", "127.0.0.1", "127.0.0.1:kafka"} {
		if b, err := broker.Start(t.Context(), broker.Config{Addr: addr}); err == nil {
			t.Errorf("a broker started on %q", addr)
			_ = b.Stop(t.Context())
		}
	}
}

func TestDisconnectCutsConnections(t *testing.T) {
	noLeak(t)
	b := start(t, broker.Config{})
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()                                      //nolint:errcheck // it has been cut
	if err := connect(t, b).Ping(t.Context()); err != nil { // a connection accepted later: the first one was too
		t.Fatal(err)
	}
	b.Disconnect()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
	if err := connect(t, b).Ping(t.Context()); err != nil {
		t.Errorf("no new connection: %v", err)
	}
}

func TestSeveralBrokersKeepTheirPorts(t *testing.T) {
	noLeak(t)
	b := start(t, broker.Config{Brokers: 3})
	before := b.Cluster().ListenAddrs()
	if len(before) != 3 {
		t.Fatalf("it listens on %v", before)
	}
	if err := b.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, addr := range b.Cluster().ListenAddrs() {
		if addr != before[i] {
			t.Errorf("it listened on %v, and now on %v", before, b.Cluster().ListenAddrs())
		}
	}
}

func TestRecordsSurviveAKilledProcess(t *testing.T) {
	noLeak(t)
	dir := t.TempDir()
	holder := processtest.Start(t, nil, "broker", dir)
	client := dial(t, holder.Line())
	if err := client.ProduceSync(t.Context(), &kgo.Record{Value: []byte("v")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	holder.Kill()
	b := start(t, broker.Config{Dir: dir})
	if p := b.Cluster().PartitionInfo("events", 0); p == nil || p.HighWatermark != 1 {
		t.Errorf("the partition is now %+v", p)
	}
}

func TestStopIsOverWithItsContext(t *testing.T) {
	noLeak(t)
	b := start(t, broker.Config{Dir: t.TempDir()})
	held, release := make(chan struct{}), make(chan struct{})
	b.Cluster().ControlKey(int16(kmsg.Metadata), func(kmsg.Request) (kmsg.Response, error, bool) {
		close(held)
		<-release
		return nil, nil, false
	})
	client := connect(t, b)
	go client.ForceMetadataRefresh()
	<-held
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	close(release)
	if err := b.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
