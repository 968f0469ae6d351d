package group_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/consumer/internal/group"
)

// once runs the worker's body in the first claim only; later claims are noted and held.
func once(c *claims, body func(ctx context.Context, cl *group.Claim) error) group.Worker {
	first := true // one partition, one worker at a time
	return func(ctx context.Context, cl *group.Claim) error {
		c.begin("", cl)
		defer c.end("", cl)
		if first {
			first = false
			return body(ctx, cl)
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

func TestMetadataComesBackWithTheOffset(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		topic, id := b.Topic(t, 1, nil), b.Group(t)
		longest := strings.Repeat("m", group.MaxMetadata)
		var c claims
		committed := make(chan error, 3)
		m := join(t, b.Addr, id, []string{topic}, options{}, once(&c, func(ctx context.Context, cl *group.Claim) error {
			if cl.Offset != -1 || cl.Metadata != "" || cl.Held() {
				t.Errorf("before the first commit: %+v", cl)
			}
			committed <- cl.Commit(ctx, 41, "v1 some metadata")
			if !cl.Held() {
				t.Error("the partition is not held behind an acknowledged commit")
			}
			committed <- cl.Commit(ctx, 42, longest+"m")
			committed <- cl.Commit(ctx, 43, longest)
			<-ctx.Done()
			return ctx.Err()
		}))
		if err := <-committed; err != nil {
			t.Fatal(err)
		}
		if err := <-committed; !errors.Is(err, group.ErrMetadataSize) {
			t.Fatalf("one character too many: %v", err)
		}
		if err := <-committed; err != nil {
			t.Fatal(err)
		}
		m.leave()
		var again claims
		join(t, b.Addr, id, []string{topic}, options{}, again.hold("again"))
		eventually(t, "a claim of the second member", func() bool { return again.count() > 0 })
		if got := again.last(); got.offset != 43 || got.metadata != longest {
			t.Errorf("offset %d with %d bytes of metadata, want 43 with %d", got.offset, len(got.metadata), len(longest))
		}
	})
}

func TestARefusedCommitEndsTheGeneration(t *testing.T) {
	for _, refusal := range []*kerr.Error{kerr.IllegalGeneration, kerr.UnknownMemberID, kerr.RebalanceInProgress} {
		t.Run(refusal.Message, func(t *testing.T) {
			b := fakeBroker(t)
			topic := b.Topic(t, 1, nil)
			b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Topic: topic, Err: refusal})
			var c claims
			refused := make(chan error, 2)
			join(t, b.Addr, "g", []string{topic}, options{}, once(&c, func(ctx context.Context, cl *group.Claim) error {
				refused <- cl.Commit(ctx, 5, "refused")
				<-ctx.Done() // though this worker does not care
				refused <- cl.Commit(ctx, 6, "too late")
				return nil
			}))
			if err := <-refused; !errors.Is(err, group.ErrFenced) || errors.Is(err, group.ErrUncertain) || !strings.Contains(err.Error(), topic) {
				t.Fatalf("got %v", err)
			}
			if err := <-refused; err == nil {
				t.Fatal("a commit after the end of the generation went through")
			}
			eventually(t, "the partition again", func() bool { return c.count() == 2 })
			if got := c.last(); got.offset != -1 || got.metadata != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestACommitWithoutAnAnswer has the broker take the commit, and the answer lost.
func TestACommitWithoutAnAnswerIsReadAgainByAnotherMember(t *testing.T) {
	b := fakeBroker(t)
	topic := b.Topic(t, 1, nil)
	b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Topic: topic, Err: kerr.RequestTimedOut})
	var c claims
	before := make(chan []string, 1)
	uncertain := make(chan error, 1)
	join(t, b.Addr, "g", []string{topic}, options{}, once(&c, func(ctx context.Context, cl *group.Claim) error {
		before <- memberIDs(b, "g")
		err := cl.Commit(ctx, 5, "may be there")
		uncertain <- err
		return err
	}))
	if err := <-uncertain; !errors.Is(err, group.ErrUncertain) || errors.Is(err, group.ErrFenced) {
		t.Fatalf("got %v", err)
	}
	eventually(t, "the partition again", func() bool { return c.count() == 2 })
	if got := c.last(); got.offset != 5 || got.metadata != "may be there" {
		t.Errorf("got %+v", got)
	}
	checkAnother(t, <-before, memberIDs(b, "g"))
}

// checkAnother checks that the group's one member is not the one of before, whose late commit would be taken.
func checkAnother(t *testing.T, before, after []string) {
	t.Helper()
	if len(before) != 1 || len(after) != 1 || before[0] == after[0] {
		t.Errorf("member %q before, and %q after", before, after)
	}
}

// TestACommitWithoutAnAnswerBesideARefusedOne has the generation end for one partition while another's commit waits.
func TestACommitWithoutAnAnswerBesideARefusedOne(t *testing.T) {
	b := fakeBroker(t)
	topic := b.Topic(t, 2, nil)
	cluster := b.Fake.Cluster()
	arrived := make(chan struct{})
	cluster.ControlKey(int16(kmsg.OffsetCommit), func(kmsg.Request) (kmsg.Response, error, bool) {
		close(arrived)
		return nil, nil, true // no answer, ever
	})
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Topic: topic, Partitions: []int32{0}, Err: kerr.IllegalGeneration})
	var c claims
	before := make(chan []string, 1)
	results := make(chan error, 2)
	join(t, b.Addr, "g", []string{topic}, options{edit: func(c *group.Config) { c.SessionTimeout = time.Second }}, func(ctx context.Context, cl *group.Claim) error {
		if c.count() >= 2 {
			return c.hold("again")(ctx, cl)
		}
		c.begin("", cl)
		if cl.Partition == 0 {
			<-arrived
			before <- memberIDs(b, "g")
		}
		err := cl.Commit(ctx, 5, "")
		results <- err
		return err
	})
	if err := <-results; !errors.Is(err, group.ErrFenced) {
		t.Fatalf("got %v", err)
	}
	if err := <-results; !errors.Is(err, group.ErrUncertain) {
		t.Fatalf("got %v", err)
	}
	eventually(t, "both partitions again", func() bool { return c.holds("again") == 2 })
	checkAnother(t, <-before, memberIDs(b, "g"))
}

func TestTheEndOfAWorkerDoesNotLeaveItsCommitUnanswered(t *testing.T) {
	b := fakeBroker(t)
	topic := b.Topic(t, 1, nil)
	cluster := b.Fake.Cluster()
	arrived, release := make(chan struct{}), make(chan struct{})
	cluster.ControlKey(int16(kmsg.OffsetCommit), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.SleepControl(func() { close(arrived); <-release })
		return nil, nil, false
	})
	var c claims
	result := make(chan error, 1)
	m := join(t, b.Addr, "g", []string{topic}, options{}, once(&c, func(ctx context.Context, cl *group.Claim) error {
		err := cl.Commit(ctx, 5, "")
		result <- err
		return err
	}))
	<-arrived
	m.stop()
	close(release)
	if err := <-result; err != nil {
		t.Errorf("got %v", err)
	}
}
