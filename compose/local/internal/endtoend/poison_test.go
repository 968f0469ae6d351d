package endtoend

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"google.golang.org/protobuf/proto"

	"eventsync/compose/local/broker"
	changev1 "eventsync/schemas/change/v1"
)

const topicOfT = "cdc.public.t"

// Messages that are none become dead letters, a thousand in a row as well as one of 10 MB; everything around them arrives,
// and no partition stops.
func TestPoisonMessages(t *testing.T) {
	f := newFixture(t)
	client := f.poisonable("20000000")
	f.insert(1, 200, "before")
	f.runProducer()
	f.holds(200)
	kinds := []struct {
		value          []byte
		reason, detail string
	}{
		{[]byte("poison"), "undecodable", "malformed"},
		{[]byte(`{"payload": {"op": "c", "after": {"id": 1}}}`), "undecodable", "Debezium"},
		{f.valueOfTomorrow(client), "undecodable", "newer producer"},
		{noise(10_000_000), "undecodable", "malformed"},
	}
	const row = 1000
	ends := f.status()
	for id, p := range kinds {
		f.produce(client, id, p.value)
	}
	for range row {
		f.produce(client, 1, []byte("one of many"))
	}
	f.insert(201, 400, "after")
	f.postgres("INSERT INTO t SELECT 401, string_agg(md5(i::text), '') FROM generate_series(1, 320000) i") // 10 MB
	f.holds(400 + 1 + int64(len(kinds)) + row)

	consumer := f.runConsumer()
	f.arrives(401)
	f.caughtUp()
	f.equal(pair())
	consumer.says("ERROR", "dead letter", "malformed")
	if lines := consumer.lines("partition stopped"); len(lines) > 0 {
		t.Errorf("a poison message is no reason to stop: %v", lines)
	}
	letters := f.letters()
	if len(letters) != len(kinds)+row {
		t.Fatalf("%d dead letters, and %d poison messages", len(letters), len(kinds)+row)
	}
	for id, p := range kinds {
		l := letters.at(id, ends[id].End)
		if l == nil || l.Reason != p.reason || !strings.Contains(l.Detail, p.detail) || l.Size != len(p.value) || l.Table != "public.t" || l.Group != "eventsync" {
			t.Fatalf("the poison of partition %d: %+v", id, l)
		}
	}
	if large := letters.at(3, ends[3].End); len(large.Omitted) != 1 || large.Omitted[0] != "value" {
		t.Errorf("the large one: %+v", large)
	}
	for i := range row {
		if letters.at(1, ends[1].End+1+int64(i)) == nil {
			t.Fatalf("of %d in a row, number %d is no dead letter", row, i)
		}
	}
	out, code := f.command(f.binaries.Consumer, "deadletter", "show", fmt.Sprint(letters.at(0, ends[0].End).Offset))
	if code != 0 || !strings.Contains(out, "poison") || !strings.Contains(out, topicOfT) {
		t.Errorf("show: exit code %d, output %s", code, out)
	}
}

// A topic of dead letters that cannot be written to holds up the partition that has one, and nothing is passed; the others go on.
// So does a partition with more of them than the limit allows, which stops.
func TestDeadLettersThatCannotBeBuried(t *testing.T) {
	f := newFixture(t)
	client := f.poisonable("1000000")
	f.insert(1, 100, "before")
	f.runProducer()
	f.holds(100)
	fake, ok := f.stack.Broker.(*broker.Broker)
	if !ok {
		t.Skip("Apache Kafka fails nothing on demand")
	}
	fault := fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "cdc.dead_letters", Count: -1, Err: kerr.NotEnoughReplicas})
	before := f.status()
	f.produce(client, 2, []byte("poison"))
	consumer := f.runConsumer()
	consumer.says("WARN", "cannot bury dead letters; trying again")
	f.insert(101, 300, "meanwhile")
	f.holds(301)
	f.eventually("the other partitions at their ends", func() bool {
		for id, p := range f.status() {
			if id != 2 && p.Messages > 0 {
				return false
			}
		}
		return true
	})
	if p := f.status()[2]; p.Watermark > before[2].End || p.Messages == 0 {
		t.Errorf("the watermark of the partition with the letter is %d, and the poison is at %d", p.Watermark, before[2].End)
	}
	if n := len(f.letters()); n != 0 {
		t.Errorf("%d dead letters", n)
	}
	fault.Remove()
	f.caughtUp()
	f.equal(pair())
	if n := len(f.letters()); n != 1 {
		t.Errorf("%d dead letters, not 1", n)
	}
	consumer.stop()

	const limit = 5
	f.amend("consumer: {", fmt.Sprintf("consumer: {dead_letter_limit: %d, ", limit))
	before = f.status()
	for range 2 * limit {
		f.produce(client, 2, []byte("poison"))
	}
	f.insert(301, 500, "after")
	f.holds(501 + 2*limit)
	consumer = f.run("consumer-limited", f.binaries.Consumer)
	consumer.says("ERROR", "partition stopped", fmt.Sprintf("offset %d", before[2].End+limit), "consumer.dead_letter_limit")
	f.eventually("the other partitions at their ends", func() bool {
		for id, p := range f.status() {
			if id != 2 && p.Messages > 0 {
				return false
			}
		}
		return true
	})
	if p := f.status()[2]; p.Watermark != before[2].End+limit {
		t.Errorf("the watermark of the partition that stopped is %d, and one poison message too many is at %d", p.Watermark, before[2].End+limit)
	}
	if n := len(f.letters()); n != 1+limit {
		t.Errorf("%d dead letters, not %d", n, 1+limit)
	}
}

// Rows that their target refuses, for a value that has no place there or by a constraint of the server's, are replayed when the
// target was mended, once and once more, and are there once.
func TestReplayedDeadLetters(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres("CREATE TABLE n (id bigint PRIMARY KEY, n numeric(9, 2)); INSERT INTO n SELECT i, i FROM generate_series(1, 50) i")
	f.postgres("UPDATE n SET n = 'NaN' WHERE id IN (7, 8, 9)")
	f.query("CREATE TABLE n (id Int64, n Decimal(9, 2), _version UInt64, _deleted UInt8, CONSTRAINT c CHECK id != 20) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
	f.config("  - source: public.n\n")
	f.runProducer()
	f.holds(50)
	consumer := f.runConsumer()
	f.caughtUp()
	f.postgres("INSERT INTO n VALUES (51, 'NaN'); UPDATE n SET n = 'NaN' WHERE id = 7; UPDATE n SET n = 8 WHERE id = 8; DELETE FROM n WHERE id = 9")
	f.holds(54)
	f.caughtUp()
	const letters = 4 + 1 + 1
	reasons := map[string]int{}
	for _, l := range f.letters() {
		reasons[l.Reason]++
	}
	if reasons["refused_value"] != 5 || reasons["refused_by_clickhouse"] != 1 || len(reasons) != 2 {
		t.Fatalf("%v: %+v", reasons, f.letters())
	}
	consumer.stop()
	f.query("ALTER TABLE n MODIFY COLUMN n Float64")
	f.query("ALTER TABLE n DROP CONSTRAINT c")
	f.run("consumer-again", f.binaries.Consumer)

	if out, code := f.command(f.binaries.Consumer, "deadletter", "replay", "--all"); code != 3 || !strings.Contains(out, fmt.Sprintf("%d letters to publish", letters)) {
		t.Errorf("replay without --yes: exit code %d, output %s", code, out)
	}
	replay := func(args ...string) {
		t.Helper()
		out, code := f.command(f.binaries.Consumer, append([]string{"deadletter", "replay"}, args...)...)
		if code != 0 || strings.Count(out, "published again") != letters {
			t.Fatalf("replay %v: exit code %d, output %s", args, code, out)
		}
		f.caughtUp()
	}
	replay("--all", "--yes")
	// Of 8 and 9 the letters are older than what is there.
	mended := func() uint64 {
		return f.query("SELECT countIf(if(id IN (7, 51), isNaN(n), n = id AND id != 9)) + 1000 * (count() != 50) AS n FROM n FINAL")
	}
	if n := mended(); n != 50 {
		t.Errorf("%d rows are right, not 50", n)
	}
	var all []string
	for _, l := range f.letters() {
		if l.Replayed == nil {
			t.Errorf("not replayed: %+v", l)
		}
		all = append(all, fmt.Sprintf("%d:%d", l.Partition, l.Offset))
	}
	replay(all...)
	if n := mended(); n != 50 {
		t.Errorf("replayed twice: %d rows are right, not 50", n)
	}
	if n := len(f.letters()); n != letters {
		t.Errorf("letters came back: %+v", f.letters())
	}
	if out, code := f.command(f.binaries.Consumer, "deadletter", "replay", "--all"); code != 0 || out != "" {
		t.Errorf("replay of what was replayed: exit code %d, output %s", code, out)
	}
}

// poisonable starts a stack whose table t has a topic of four partitions, which anybody may write to.
func (f *fixture) poisonable(maxMessageBytes string) *kgo.Client {
	f.Helper()
	f.start()
	f.postgres(source)
	f.query(target)
	f.config("  - source: public.t\n    partitions: 4\n")
	client, err := kgo.NewClient(kgo.SeedBrokers(f.stack.Broker.Addr()), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ConsumeTopics(topicOfT), kgo.ProducerBatchMaxBytes(20_000_000), kgo.MaxProduceRequestsInflightPerBroker(1))
	f.must(err)
	f.Cleanup(client.Close)
	f.createTopic(client, maxMessageBytes)
	return client
}

// createTopic makes t's topic.
func (f *fixture) createTopic(client *kgo.Client, maxMessageBytes string) {
	f.Helper()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = topicOfT, 4, 1
	topic.Configs = []kmsg.CreateTopicsRequestTopicConfig{{Name: "max.message.bytes", Value: &maxMessageBytes}}
	request := kmsg.NewPtrCreateTopicsRequest()
	request.Topics = append(request.Topics, topic)
	answer, err := request.RequestWith(f.Context(), client)
	f.must(err)
	f.must(kerr.ErrorForCode(answer.Topics[0].ErrorCode))
}

func (f *fixture) produce(client *kgo.Client, partition int, value []byte) {
	f.Helper()
	f.must(client.ProduceSync(f.Context(), &kgo.Record{Topic: topicOfT, Partition: int32(partition), Value: value}).FirstErr())
}

// noise does not compress.
func noise(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

// deadLetter is what `consumer deadletter list` says of one.
type deadLetter struct {
	Partition       int      `json:"partition"`
	Offset          int64    `json:"offset"`
	Reason          string   `json:"reason"`
	Detail          string   `json:"detail"`
	Group           string   `json:"group"`
	SourcePartition int      `json:"source_partition"`
	SourceOffset    int64    `json:"source_offset"`
	Table           string   `json:"table"`
	Size            int      `json:"size"`
	Omitted         []string `json:"omitted"`
	Replayed        *string  `json:"replayed"`
}

type deadLetters []deadLetter

func (f *fixture) letters() (all deadLetters) {
	f.Helper()
	out, code := f.command(f.binaries.Consumer, "deadletter", "list", "--json")
	if code != 0 {
		f.Fatalf("deadletter list: exit code %d, output %s", code, out)
	}
	for d := json.NewDecoder(strings.NewReader(out)); d.More(); {
		var l deadLetter
		f.must(d.Decode(&l))
		all = append(all, l)
	}
	return all
}

// at finds the letter of a message of t's.
func (all deadLetters) at(partition int, offset int64) *deadLetter {
	for i := range all {
		if all[i].SourcePartition == partition && all[i].SourceOffset == offset {
			return &all[i]
		}
	}
	return nil
}

// valueOfTomorrow is a message of the topic whose last value is of a kind that is not known yet.
func (f *fixture) valueOfTomorrow(client *kgo.Client) []byte {
	f.Helper()
	fetches := client.PollFetches(f.Context())
	f.must(fetches.Err())
	var m changev1.Change
	f.must(proto.Unmarshal(fetches.Records()[0].Value, &m))
	unknown := []byte{99<<3&0x7f | 0x80, 99 >> 4, 1} // field 99, a varint
	last := m.Values[len(m.Values)-1]
	last.Kind = nil
	last.ProtoReflect().SetUnknown(unknown)
	b, err := proto.Marshal(&m)
	f.must(err)
	return b
}
