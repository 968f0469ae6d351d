package deadletter_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"eventsync/compose/local/brokertest"
	"eventsync/consumer/internal/deadletter"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// deadline is how long a test waits for what must come.
const deadline = 90 * time.Second

// place is where a test's dead letters go.
type place struct {
	*testing.T
	*brokertest.Broker
	cfg    config.Config
	client *kafkaclient.Client
	writer *deadletter.Writer
	logs   *observer.ObservedLogs
}

func newPlace(t *testing.T, b *brokertest.Broker) *place {
	t.Helper()
	p := &place{T: t, Broker: b, cfg: config.Default()}
	p.cfg.Kafka.Brokers = []string{b.Addr}
	p.cfg.Kafka.TopicPrefix = brokertest.Name(t)
	p.cfg.Consumer.Group = "a group"
	var err error
	if p.client, err = kafkaclient.New(p.cfg.Kafka, "test"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.client.Close)
	core, logs := observer.New(zap.WarnLevel)
	p.logs = logs
	if p.writer, err = deadletter.NewWriter(p.client, &p.cfg, zap.New(core)); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *place) bury(letters ...deadletter.Letter) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), deadline)
	defer cancel()
	if err := p.writer.Bury(ctx, letters); err != nil {
		p.Fatal(err)
	}
}

// buried reads, as a foreign client, the first n letters.
func (p *place) buried(n int) (records []*kgo.Record) {
	p.Helper()
	topic := p.cfg.Kafka.DeadLetterTopic()
	c, err := kgo.NewClient(kgo.SeedBrokers(p.Addr), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))
	if err != nil {
		p.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(p.Context(), deadline)
	defer cancel()
	for len(records) < n {
		fetched := c.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			p.Fatalf("%d of %d letters, then: %v", len(records), n, err)
		}
		records = append(records, fetched.Records()...)
	}
	return records
}

// letterOf makes a letter of the message at an offset.
func letterOf(offset int64, key, value []byte, headers ...recordbatch.Header) deadletter.Letter {
	var b recordbatch.Builder
	b.Append(1_700_000_000_000+offset, key, value, headers...)
	batch, _, err := recordbatch.Parse(b.Seal(nil, nil))
	var records []recordbatch.Record
	if err == nil {
		d := recordbatch.Decoder{MaxSize: 1 << 30}
		records, err = d.Records(nil, &batch)
	}
	if err != nil {
		panic(err) //nolint:forbidigo // a test's own message
	}
	r := records[0].Clone()
	r.Offset = offset
	return deadletter.Letter{
		Place:  deadletter.Place{Topic: "cdc.public.t", Partition: 3, Offset: offset},
		Record: r, Code: "undecodable", Detail: fmt.Sprintf("message %d is none", offset),
	}
}

// noise does not compress.
func noise(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

func headersOf(r *kgo.Record) (text string) {
	for _, h := range r.Headers {
		value := string(h.Value)
		if h.Value == nil {
			value = "null"
		}
		text += fmt.Sprintf("%s=%s\n", h.Key, value)
	}
	return text
}

func TestALetterIsTheMessageWithItsReason(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p := newPlace(t, b)
		p.bury(
			letterOf(7, []byte(`{"id":1}`), []byte("what\x00ever"), recordbatch.Header{Key: "trace", Value: []byte("abc")},
				recordbatch.Header{Key: "eventsync.replayed", Value: []byte("x/0/1")}, recordbatch.Header{Key: "none"}),
			letterOf(8, nil, nil),
			letterOf(9, []byte{}, []byte{}),
		)
		got := p.buried(3)
		const ours = "eventsync.reason=undecodable\neventsync.detail=message %d is none\neventsync.topic=cdc.public.t\neventsync.partition=3\n" +
			"eventsync.offset=%d\neventsync.timestamp=%d\neventsync.group=a group\n"
		for i, want := range []struct {
			key, value []byte
			own        string
		}{
			{[]byte(`{"id":1}`), []byte("what\x00ever"), "trace=abc\neventsync.replayed=x/0/1\nnone=null\n"},
			{nil, nil, ""},
			{[]byte{}, []byte{}, ""},
		} {
			r, offset := got[i], 7+i
			if !bytes.Equal(r.Key, want.key) || !bytes.Equal(r.Value, want.value) || (r.Key == nil) != (want.key == nil) || (r.Value == nil) != (want.value == nil) {
				t.Errorf("letter %d: key %q, value %q", i, r.Key, r.Value)
			}
			if text := fmt.Sprintf(ours, offset, offset, 1_700_000_000_000+offset) + want.own; headersOf(r) != text {
				t.Errorf("letter %d has the headers\n%s, not\n%s", i, headersOf(r), text)
			}
		}
		is, err := p.client.Describe(t.Context(), p.cfg.Kafka.DeadLetterTopic(), "retention.ms", "cleanup.policy")
		if err != nil || is.Partitions != 1 || is.Settings["retention.ms"] != "-1" || is.Settings["cleanup.policy"] != "delete" {
			t.Errorf("the topic is %+v (%v)", is, err)
		}
	})
}

// What is too large for the topic loses its value, and nothing else does: not its neighbours, not its key and headers.
func TestALetterThatIsTooLargeLosesItsValue(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p := newPlace(t, b)
		b.CreateTopic(t, p.cfg.Kafka.DeadLetterTopic(), 1, map[string]string{"max.message.bytes": "20000"})
		mine := recordbatch.Header{Key: "mine", Value: []byte("1")}
		p.bury(
			letterOf(1, []byte("a"), noise(15_000)),
			letterOf(2, []byte("b"), noise(50_000), mine),
			letterOf(3, []byte("c"), noise(15_000), mine),
			letterOf(4, []byte("d"), noise(100), recordbatch.Header{Key: "large", Value: noise(50_000)}),
			letterOf(5, noise(50_000), noise(200)),
			letterOf(6, []byte("f"), bytes.Repeat([]byte("x"), 1<<20)), // compresses
		)
		for i, want := range []struct {
			key, value int
			omitted    string
			own        bool
		}{
			{1, 15_000, "", false},
			{1, 0, "eventsync.omitted=value\neventsync.size=50000\nmine=1\n", true},
			{1, 15_000, "", true},
			{1, 0, "eventsync.omitted=value,headers\neventsync.size=100\n", false},
			{0, 0, "eventsync.omitted=value,headers,key\neventsync.size=200\n", false},
			{1, 1 << 20, "", false},
		} {
			r := p.buried(i + 1)[i]
			headers := headersOf(r)
			if len(r.Key) != want.key || len(r.Value) != want.value || !strings.HasSuffix(headers, want.omitted) ||
				strings.Contains(headers, "omitted") != (want.omitted != "") || strings.Contains(headers, "mine=1") != want.own ||
				!strings.Contains(headers, fmt.Sprintf("eventsync.offset=%d\n", i+1)) {
				t.Errorf("letter %d: a key of %d bytes, a value of %d, headers\n%s", i, len(r.Key), len(r.Value), headers)
			}
		}
	})
}

// Letters are few requests, and in order, however many there are.
func TestManyLettersShareBatches(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p := newPlace(t, b)
		const n = 1000
		letters := make([]deadletter.Letter, n)
		for i := range letters {
			letters[i] = letterOf(int64(i), []byte("k"), noise(2000))
		}
		p.bury(letters...)
		for i, r := range p.buried(n) {
			if want := fmt.Sprintf("eventsync.offset=%d\n", i); !strings.Contains(headersOf(r), want) || len(r.Value) != 2000 {
				t.Fatalf("letter %d has a value of %d bytes, and the headers\n%s", i, len(r.Value), headersOf(r))
			}
		}
	})
}

// A topic that cannot be written to is waited for, and so is whoever buries; only the end of its context ends that.
func TestBuryWaitsForATopicThatIsAway(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka fails nothing on demand")
		}
		p := newPlace(t, b)
		p.bury(letterOf(1, nil, []byte("one")))
		fault := b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: p.cfg.Kafka.DeadLetterTopic(), Count: -1, Err: kerr.NotEnoughReplicas})
		burying := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { burying <- p.writer.Bury(ctx, []deadletter.Letter{letterOf(2, nil, []byte("two"))}) }()
		p.eventually("third try", func() bool { return p.logs.FilterMessageSnippet("trying again").Len() >= 3 })
		select {
		case err := <-burying:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		cancel()
		if err := <-burying; err == nil {
			t.Fatal("it is over, and nothing was buried")
		}
		go func() { burying <- p.writer.Bury(t.Context(), []deadletter.Letter{letterOf(3, nil, []byte("three"))}) }()
		p.eventually("more tries", func() bool { return p.logs.FilterMessageSnippet("trying again").Len() >= 5 })
		fault.Remove()
		if err := <-burying; err != nil {
			t.Fatal(err)
		}
		if got := p.buried(2); string(got[1].Value) != "three" {
			t.Errorf("the second letter is %q", got[1].Value)
		}
	})
}

func (p *place) eventually(what string, ok func() bool) {
	p.Helper()
	end := time.Now().Add(deadline)
	for tick := time.NewTicker(10 * time.Millisecond); !ok(); <-tick.C {
		if time.Now().After(end) {
			p.Fatalf("no %s", what)
		}
	}
}
