package faults

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/internal/proxytest"
)

// The topic gets more partitions under load, and producers are killed: what they publish again is where it was, and the
// new partitions are used.
func TestPartitionsAddedUnderLoad(t *testing.T) {
	w := newWorld(t, 1_000)
	proxy := w.proxyBroker()
	p := w.run("producer")
	p.says(1, "streaming")
	proxy.Add("latency", proxytest.Attributes{"latency": 20, "jitter": 20})
	l := w.load()
	l.changes(200)
	p.kill()
	for _, n := range []int32{partitions + 1, partitions + 4} {
		w.addPartitions(n)
		w.killed(4)
		l.changes(200)
	}
	p = w.run("producer-last")
	p.says(1, "streaming")
	l.changes(500)
	l.stop()
	used := map[int32]bool{}
	for _, m := range w.verify(expectation{}) {
		used[m.partition] = true
	}
	if len(used) != partitions+4 {
		t.Errorf("only the partitions %v hold something", used)
	}
}

// addPartitions has the topic grow to n.
func (w *world) addPartitions(n int32) {
	w.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(w.broker.Addr()), kgo.Dialer(w.direct))
	w.must(err)
	defer client.Close()
	request := kmsg.NewPtrCreatePartitionsRequest()
	request.TimeoutMillis = 10_000
	more := kmsg.NewCreatePartitionsRequestTopic()
	more.Topic, more.Count = topic, n
	request.Topics = append(request.Topics, more)
	answer, err := request.RequestWith(w.Context(), client)
	w.must(err)
	w.must(kerr.ErrorForCode(answer.Topics[0].ErrorCode))
}
