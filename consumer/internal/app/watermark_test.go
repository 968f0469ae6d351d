package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/zap"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
	"eventsync/pkg/telemetry/telemetrytest"
)

// ordered publishes rows from to to, as a producer that runs on does: each names the position before it.
func (w *world) ordered(from, to uint64) {
	w.Helper()
	at := func(i uint64) change.Position {
		if i == 0 {
			return change.Position{}
		}
		return change.Position{Commit: change.LSN(10 * i), Sequence: 1}
	}
	for i := from; i <= to; i++ {
		c := change.Change{
			Relation: w.relation, Op: change.Insert, Version: change.Version(10 * i), Position: at(i),
			CommitTime: time.Now().UnixMicro(), Values: []change.Value{change.IntegerValue(int64(i))},
		}
		w.publish(0, w.encoder.Append(nil, &c, at(i-1)), 0)
	}
}

// synced runs a consumer until the target's raw rows are so many, and it has committed the end of the topic.
func (w *world) synced(rows uint64, end int64) {
	w.Helper()
	r := w.start()
	w.waitNumber("SELECT count() AS n FROM a", rows)
	w.waitNumber(cursor+"0", uint64(end))
	r.stop()
	if n := w.number("SELECT count() AS n FROM a"); n != rows {
		w.Errorf("%d raw rows, not %d", n, rows)
	}
}

// stops runs a consumer until its partition has stopped, which says so much, and has inserted nothing.
func (w *world) stops(says ...string) {
	w.Helper()
	before := w.number("SELECT count() AS n FROM a")
	r := w.start()
	var last string
	eventually(w.T, func() bool {
		for _, e := range r.logs.FilterMessageSnippet("partition stopped").All() {
			last = fmt.Sprint(e.ContextMap()["error"])
			return true
		}
		return false
	}, func() string { return "the partition has not stopped" })
	for _, s := range says {
		if !strings.Contains(last, s) {
			w.Errorf("it stopped, and does not say %q: %s", s, last)
		}
	}
	r.stop()
	if n := w.number("SELECT count() AS n FROM a"); n != before {
		w.Errorf("%d rows, and there were %d", n, before)
	}
}

type watermarkCommand func(*Watermarks, *world) error

func restore(o *Watermarks, w *world) error { return o.Restore(w.Context(), &w.cfg, zap.NewNop()) }
func set(o *Watermarks, w *world) error     { return o.Set(w.Context(), &w.cfg, zap.NewNop()) }
func take(o *Watermarks, w *world) error    { return o.TakeOver(w.Context(), &w.cfg, zap.NewNop()) }

// mend runs a command, first without --yes, and gives what it prints.
func (w *world) mend(o Watermarks, command watermarkCommand) string {
	w.Helper()
	var out bytes.Buffer
	o.Out, o.Tables = &out, []string{"a"}
	if err := command(&o, w); !errors.Is(err, program.ErrPending) {
		w.Fatalf("without --yes: %v, output %s", err, &out)
	}
	planned := out.String()
	out.Reset()
	o.Yes = true
	if err := command(&o, w); err != nil {
		w.Fatal(err)
	}
	if got := strings.ReplaceAll(out.String(), ": committed\n", "\n"); got != planned {
		w.Errorf("it did %q, and had said %q", got, planned)
	}
	return planned
}

func (w *world) shows(says string) {
	w.Helper()
	var out bytes.Buffer
	o := Watermarks{Out: &out}
	if err := o.Show(w.Context(), &w.cfg, zap.NewNop()); err != nil || strings.Contains(out.String(), "PROBLEM") != (says != "") || !strings.Contains(out.String(), says) {
		w.Errorf("show (%v) does not say %q: %s", err, says, &out)
	}
}

// newSynced has five rows synced, of which no two are merged.
func newSynced(t *testing.T) *world {
	t.Helper()
	t.Parallel() // each waits for most of its time, since a batch that is unsure does
	w := newWorld(t, 1)
	w.cfg.Consumer.SessionTimeout = time.Second
	w.exec("SYSTEM STOP MERGES a")
	w.ordered(1, 5)
	w.synced(5, 5)
	w.shows("")
	return w
}

func (w *world) request(r kmsg.Request) kmsg.Response {
	w.Helper()
	answer, err := w.producer.Request(w.Context(), r)
	if err != nil {
		w.Fatal(err)
	}
	return answer
}

// An offset that is gone is never a silent start over.
func TestForgottenOffset(t *testing.T) {
	w := newSynced(t)
	r := kmsg.NewPtrDeleteGroupsRequest()
	r.Groups = []string{w.cfg.Consumer.Group}
	if answer, ok := w.request(r).(*kmsg.DeleteGroupsResponse); !ok || kerr.ErrorForCode(answer.Groups[0].ErrorCode) != nil {
		t.Fatal(answer)
	}
	w.ordered(6, 8)
	w.stops("no committed offset", "up to offset 5", "consumer watermark restore a")
	w.shows("PROBLEM: a, partition 0: no offset is committed, and 5 was at")
	if said := w.mend(Watermarks{}, restore); !strings.Contains(said, "offset 5 (of sync_cursors)") {
		t.Errorf("it said %s", said)
	}
	w.shows("")
	w.ordered(7, 10) // a producer that was started again repeats itself
	w.synced(10, 12)
}

// What another program has committed over ours is not believed.
func TestCommitOfAnotherProgram(t *testing.T) {
	w := newSynced(t)
	other, err := kafkaclient.New(w.cfg.Kafka, "another program")
	if err == nil {
		err = other.Commit(t.Context(), w.cfg.Consumer.Group, w.topic, 0, kafkaclient.Commit{Offset: 2})
		other.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	w.ordered(6, 8)
	w.stops("no metadata", "consumer watermark show")
	w.shows("PROBLEM: a, partition 0: the committed offset has no metadata")
	w.mend(Watermarks{}, restore)
	w.synced(8, 8)
}

// An offset in front of what was synced doubles nothing.
func TestWatermarkIsSetBack(t *testing.T) {
	w := newSynced(t)
	if said := w.mend(Watermarks{To: "earliest"}, set); !strings.Contains(said, "offset 0 (as you say)") {
		t.Errorf("it said %s", said)
	}
	w.ordered(6, 8)
	w.synced(8, 8)
	if said := w.mend(Watermarks{To: "latest"}, set); strings.Contains(said, "passed") {
		t.Errorf("it said %s", said)
	}
	w.ordered(9, 9)
	w.ordered(8, 10) // the chain goes on: repeats are told
	w.synced(10, 12)
}

// Messages that the topic has forgotten are counted; what is left is synced once.
func TestRetentionPassedTheWatermark(t *testing.T) {
	w := newSynced(t)
	w.ordered(6, 9)
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Partition, p.Offset = 0, 7
	topic := kmsg.NewDeleteRecordsRequestTopic()
	topic.Topic, topic.Partitions = w.topic, append(topic.Partitions, p)
	r := kmsg.NewPtrDeleteRecordsRequest()
	r.Topics = append(r.Topics, topic)
	if answer, ok := w.request(r).(*kmsg.DeleteRecordsResponse); !ok || kerr.ErrorForCode(answer.Topics[0].Partitions[0].ErrorCode) != nil {
		t.Fatal(answer)
	}
	w.stops("2 records were deleted before they were read", "consumer watermark show")
	w.shows("the topic has forgotten 2 messages that were not synced; to mend it: consumer watermark restore a, then producer snapshot public.a")
	if said := w.mend(Watermarks{}, restore); !strings.Contains(said, "offset 7") || !strings.Contains(said, "2 messages are lost for sure: run producer snapshot public.a") {
		t.Errorf("it said %s", said)
	}
	w.synced(7, 9)
}

// A topic that was made anew is told by its id; what it holds again of the old one is not doubled.
func TestTopicMadeAnew(t *testing.T) {
	w := newSynced(t)
	r := kmsg.NewPtrDeleteTopicsRequest()
	r.TopicNames = []string{w.topic}
	r.Topics = []kmsg.DeleteTopicsRequestTopic{{Topic: &w.topic}}
	if answer, ok := w.request(r).(*kmsg.DeleteTopicsResponse); !ok || kerr.ErrorForCode(answer.Topics[0].ErrorCode) != nil {
		t.Fatal(answer)
	}
	fake := brokertest.Broker{Addr: w.broker.Addr(), Kind: brokertest.Fake, Fake: w.broker}
	fake.CreateTopic(t, w.topic, 1, nil)
	w.producer.PurgeTopicsFromClient(w.topic) // which it knows by its id
	w.ordered(3, 9)                           // more than the old one had
	w.stops("was deleted and made anew", "consumer watermark restore a")
	w.shows("the topic was deleted and made anew")
	if said := w.mend(Watermarks{}, restore); !strings.Contains(said, "offset 0 (the topic's first") {
		t.Errorf("it said %s", said)
	}
	w.synced(9, 7)
}

// A target has one group. Another one takes it over where the first was, and then it is the first that is refused.
func TestOneOwnerOfATarget(t *testing.T) {
	w := newSynced(t)
	first := w.cfg.Consumer.Group
	w.cfg.Consumer.Group = "another"
	w.ordered(6, 8)
	w.stops("is synced by group "+first, "consumer watermark take-over a")
	w.shows("PROBLEM: a, partition 0: the target is synced by group " + first)
	if err := restore(&Watermarks{Out: new(bytes.Buffer), Yes: true}, w); err == nil || !strings.Contains(err.Error(), first) {
		t.Errorf("restored for another group: %v", err)
	}
	if said := w.mend(Watermarks{}, take); !strings.Contains(said, "offset 5 (of group "+first+")") {
		t.Errorf("it said %s", said)
	}
	w.shows("")
	w.synced(8, 8)
	w.cfg.Consumer.Group = first
	w.stops("is synced by group another")
}

// While the group has members, nothing is committed for it.
func TestWatermarkOfARunningGroup(t *testing.T) {
	w := newSynced(t)
	r := w.start()
	r.WaitMetric(`watermark_offset{partition="0",table="public.a"}`, telemetrytest.Is(5))
	err := set(&Watermarks{Out: new(bytes.Buffer), Tables: []string{"a"}, To: "earliest", Yes: true}, w)
	if err == nil || !strings.Contains(err.Error(), "stop the consumers of group") {
		t.Error(err)
	}
	r.stop()
	w.synced(5, 5)
}

// A message can be passed; it is a dead letter then.
func TestSkippedMessage(t *testing.T) {
	w := newSynced(t)
	w.ordered(6, 8)
	if said := w.mend(Watermarks{Skip: true}, set); !strings.Contains(said, "offset 6 (behind the message at the watermark") || !strings.Contains(said, "1 messages are passed") {
		t.Errorf("it said %s", said)
	}
	w.synced(7, 8)
	var out bytes.Buffer
	letters := DeadLetters{Out: &out}
	if err := letters.List(context.Background(), &w.cfg); err != nil || strings.Count(out.String(), "skipped") != 1 || !strings.Contains(out.String(), w.topic+"/0/5") {
		t.Errorf("%v: %s", err, &out)
	}
}

func TestWhatIsNoWatermark(t *testing.T) {
	w := newSynced(t)
	for _, o := range []Watermarks{{}, {To: "6"}, {To: "-1"}, {To: "x"}, {To: "earliest", Skip: true}, {To: "earliest", Partition: 1}, {Skip: true}} {
		o.Out, o.Tables, o.Yes = new(bytes.Buffer), []string{"a"}, true
		if err := set(&o, w); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	w.synced(5, 5)
}
