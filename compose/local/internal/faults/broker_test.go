package faults

import (
	"math/rand/v2"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/internal/proxytest"
)

// The connections to the broker are cut after so many bytes: in the middle of requests, and between a request and its
// answer.
func TestBrokerCutInTheMiddleOfMessages(t *testing.T) {
	w := newWorld(t, 1_000)
	proxy := w.proxyBroker()
	p := w.run("producer")
	p.says(1, "streaming")
	l := w.load()
	for i := range 3 {
		proxy.Add("limit_data", proxytest.Attributes{"bytes": 500 + rand.IntN(5_000)}, proxytest.ToServer)
		p.says(6*i+3, "WARN", "publish failed; trying again")
		proxy.Mend()
		l.changes(200)
		proxy.Add("limit_data", proxytest.Attributes{"bytes": 1 + rand.IntN(100)}, proxytest.FromServer)
		p.says(6*i+6, "WARN", "publish failed; trying again")
		proxy.Mend()
		l.changes(200)
	}
	l.stop()
	w.verify(expectation{})
	if lines := p.lines("replication was interrupted"); len(lines) > 0 {
		t.Errorf("the broker's fault is not PostgreSQL's: %v", lines)
	}
}

// The way to the broker is slow: it takes long, and takes little.
func TestSlowBroker(t *testing.T) {
	w := newWorld(t, 1_000)
	proxy := w.proxyBroker()
	p := w.run("producer")
	p.says(1, "streaming")
	proxy.Add("latency", proxytest.Attributes{"latency": 300, "jitter": 100})
	proxy.Add("bandwidth", proxytest.Attributes{"rate": 30})
	l := w.load()
	l.changes(3_000)
	l.stop()
	proxy.Mend()
	w.verify(expectation{})
	if lines := p.lines("WARN"); len(lines) > 0 {
		t.Errorf("what is slow is not broken: %v", lines)
	}
}

// The connection to the broker is there, and nothing comes through it, of which neither side is told.
func TestHalfOpenBroker(t *testing.T) {
	w := newWorld(t, 1_000)
	proxy := w.proxyBroker()
	p := w.run("producer")
	p.says(1, "streaming")
	l := w.load()
	l.changes(100)
	proxy.Add("timeout", proxytest.Attributes{"timeout": 0})
	l.changes(100)
	p.says(1, "WARN", "publish failed; trying again")
	proxy.Mend()
	l.changes(100)
	l.stop()
	w.verify(expectation{})
	if lines := p.lines("replication was interrupted"); len(lines) > 0 {
		t.Errorf("the broker's fault is not PostgreSQL's: %v", lines)
	}
}

// The broker's disk is full for a while, for longer than PostgreSQL waits for a producer that says nothing.
func TestBrokerDiskFull(t *testing.T) {
	w := newWorld(t, 1_000)
	p := w.run("producer")
	p.says(1, "streaming")
	l := w.load()
	l.changes(100)
	full := make(chan struct{})
	w.broker.Cluster().ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		select {
		case <-full:
			return nil, nil, false
		default:
		}
		w.broker.Cluster().KeepControl()
		return refused(r.(*kmsg.ProduceRequest), kerr.KafkaStorageError.Code), nil, true
	})
	l.changes(8_000)
	if n := len(p.lines("WARN", "publish failed; trying again")); n == 0 || n > 100 {
		t.Errorf("it said %d times that it tries again", n)
	}
	if lines := p.lines("replication was interrupted"); len(lines) > 0 {
		t.Errorf("the broker's fault is not PostgreSQL's: %v", lines)
	}
	close(full)
	l.changes(100)
	l.stop()
	w.verify(expectation{})
}

// refused answers every partition of a request with an error.
func refused(r *kmsg.ProduceRequest, code int16) kmsg.Response {
	answer := r.ResponseKind().(*kmsg.ProduceResponse)
	for _, topic := range r.Topics {
		t := kmsg.NewProduceResponseTopic()
		t.Topic, t.TopicID = topic.Topic, topic.TopicID
		for _, partition := range topic.Partitions {
			p := kmsg.NewProduceResponseTopicPartition()
			p.Partition, p.ErrorCode = partition.Partition, code
			t.Partitions = append(t.Partitions, p)
		}
		answer.Topics = append(answer.Topics, t)
	}
	return answer
}
