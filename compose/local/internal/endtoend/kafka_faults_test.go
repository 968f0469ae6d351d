package endtoend

import (
	"net"
	"strconv"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/internal/proxytest"
	"eventsync/compose/local/process"
)

// fake is the stack's broker, which can be made to fail.
func (f *fixture) fake() *kfake.Cluster {
	f.Helper()
	b, ok := f.stack.Broker.(*broker.Broker)
	if !ok {
		f.Skip("Apache Kafka fails nothing on demand")
	}
	return b.Cluster()
}

// otherBroker puts another broker in the place of the stack's.
func (f *fixture) otherBroker(c broker.Config) *broker.Broker {
	f.Helper()
	f.must(f.stack.Broker.Stop(f.Context()))
	c.Settings = map[string]string{"group.min.session.timeout.ms": "1000"}
	b, err := broker.Start(f.Context(), c)
	f.must(err)
	f.stack.Broker, f.addresses.Kafka = b, b.Addr()
	return b
}

// Commits and fetches lose their answers, again and again, and what was sent before may arrive late: a consumer that does
// not know what is committed joins again and reads it.
func TestCommitsWithoutAnswers(t *testing.T) {
	f := newFixture(t)
	f.start()
	port, err := process.FreePort()
	f.must(err)
	direct := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	p := proxytest.Start(t, direct)
	f.otherBroker(broker.Config{Addr: direct, Options: []kfake.Opt{kfake.ListenFn(p.Advertise)}})
	f.addresses.Kafka = p.Listen
	f.postgres(source)
	f.query(target)
	f.query("ALTER TABLE t MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1")
	f.config("  - source: public.t\n")
	f.runProducer()
	consumer := f.runConsumer()
	f.insert(1, 10, "a")
	f.arrives(10)
	for i := range 3 {
		from := 11 + 1_000*i
		lost := len(consumer.lines("joining the group again"))
		f.insert(from, from+999, "b")
		f.eventually("the next rows", func() bool { return f.query("SELECT count() AS n FROM t") >= uint64(from) })
		p.Add("timeout", proxytest.Attributes{"timeout": 0}, proxytest.FromServer)
		f.insert(from+1_000_000, from+1_000_000, "c")
		f.eventually("a commit without an answer, or the session lost", func() bool {
			return len(consumer.lines("joining the group again"))+len(consumer.lines("cannot join the group")) > lost
		})
		p.Mend()
		p.Cut()
		f.eventually("all rows", func() bool { return f.query("SELECT count() AS n FROM t") >= uint64(from+1_000+i) })
	}
	f.published()
	f.caughtUp()
	f.arrives(3_013) // raw: a repeat would be one more
	f.equal(pair())
}

// The group's coordinator and the partitions' leaders move from broker to broker under load.
func TestMovedCoordinator(t *testing.T) {
	f := newFixture(t)
	f.start()
	b := f.otherBroker(broker.Config{Brokers: 3})
	f.createEvents(200)
	f.must(f.files.WriteConfig(f.addresses, false))
	f.runProducer()
	consumer := f.runConsumer()
	f.holds(200)
	load := &load{f: f}
	load.start()
	defer load.stop()
	for i := range 6 {
		rows := f.query("SELECT count() AS n FROM events")
		f.eventually("rows", func() bool { return f.query("SELECT count() AS n FROM events") > rows+200 })
		b.Cluster().RehashCoordinators()
		for p := range int32(4) {
			f.must(b.Cluster().MoveTopicPartition("cdc.public.events", p, (p+int32(i))%3))
		}
	}
	load.stop()
	f.published()
	f.caughtUp()
	want := uint64(200 + load.runner.Changes())
	if n := f.query("SELECT count() AS n FROM events"); n != want {
		t.Errorf("%d raw rows, and %d changes", n, want)
	}
	if lines := consumer.lines("ERROR"); len(lines) > 0 {
		t.Errorf("what passes is no error: %v", lines)
	}
}

// A topic was deleted and made anew under its name while no consumer ran. Kafka forgets its offsets with it, and the new
// one is synced from its beginning. Where they are there again, as after a restored backup, they mean nothing: the
// partition stops loudly, and nothing is synced.
func TestTopicMadeAnew(t *testing.T) {
	f := newFixture(t)
	client := f.poisonable("1000000")
	f.insert(1, 50, "a")
	producer := f.runProducer()
	consumer := f.runConsumer()
	f.arrives(50)
	f.caughtUp()
	consumer.stop()
	producer.stop()
	old, err := kgo.NewClient(kgo.SeedBrokers(f.stack.Broker.Addr()), kgo.MaxVersions(kversion.V3_0_0())) // newer commits name topics by id
	f.must(err)
	defer old.Close()
	offsets := f.offsets(old)
	f.must(f.fake().DeleteTopic(topicOfT))
	f.createTopic(client, "1000000")
	producer = f.run("producer-again", f.binaries.Producer)
	f.insert(51, 500, "b")
	f.holds(450)
	f.restore(old, offsets)
	consumer = f.run("consumer-again", f.binaries.Consumer)
	consumer.says("ERROR", "partition stopped", "another topic of this name")
	if n := f.query("SELECT count() AS n FROM t"); n != 50 {
		t.Errorf("%d rows are synced from a topic that is another", n)
	}
	consumer.stop()
	producer.stop()

	f.must(f.fake().DeleteTopic(topicOfT))
	f.createTopic(client, "1000000")
	f.run("producer-last", f.binaries.Producer)
	f.insert(501, 700, "c")
	f.holds(200)
	f.run("consumer-last", f.binaries.Consumer)
	f.arrives(250)
}

// offsets are what the group has committed of t.
func (f *fixture) offsets(client *kgo.Client) []kmsg.OffsetFetchResponseGroupTopicPartition {
	f.Helper()
	request := kmsg.NewPtrOffsetFetchRequest()
	request.Groups = []kmsg.OffsetFetchRequestGroup{{Group: "eventsync", Topics: []kmsg.OffsetFetchRequestGroupTopic{{Topic: topicOfT, Partitions: []int32{0, 1, 2, 3}}}}}
	answer, err := request.RequestWith(f.Context(), client)
	f.must(err)
	return answer.Groups[0].Topics[0].Partitions
}

// restore commits offsets to a group without members.
func (f *fixture) restore(client *kgo.Client, offsets []kmsg.OffsetFetchResponseGroupTopicPartition) {
	f.Helper()
	topic := kmsg.NewOffsetCommitRequestTopic()
	topic.Topic = topicOfT
	for _, o := range offsets {
		p := kmsg.NewOffsetCommitRequestTopicPartition()
		p.Partition, p.Offset, p.Metadata = o.Partition, o.Offset, o.Metadata
		topic.Partitions = append(topic.Partitions, p)
	}
	request := kmsg.NewPtrOffsetCommitRequest()
	request.Group, request.Generation, request.Topics = "eventsync", -1, []kmsg.OffsetCommitRequestTopic{topic}
	answer, err := request.RequestWith(f.Context(), client)
	f.must(err)
	for _, p := range answer.Topics[0].Partitions {
		f.must(kerr.ErrorForCode(p.ErrorCode))
	}
}

// Retention passes the watermark while no consumer runs: the partition stops loudly rather than jump over what is gone.
func TestRetentionPassesTheWatermark(t *testing.T) {
	f := newFixture(t)
	f.poisonable("1000000")
	f.insert(1, 50, "a")
	f.runProducer()
	consumer := f.runConsumer()
	f.arrives(50)
	f.caughtUp()
	consumer.stop()
	f.insert(51, 500, "b")
	f.holds(500)
	p := f.status()[1]
	f.must(f.fake().DeleteRecords(topicOfT, 1, p.Watermark+5))
	consumer = f.run("consumer-again", f.binaries.Consumer)
	consumer.says("ERROR", "partition stopped", `"partition": 1`, "retention")
	f.eventually("the other partitions at their ends", func() bool {
		for id, p := range f.status() {
			if id != 1 && p.Messages > 0 {
				return false
			}
		}
		return true
	})
	if now := f.status()[1]; now.Watermark != p.Watermark {
		t.Errorf("the watermark went from %d to %d", p.Watermark, now.Watermark)
	}
}
