package publish_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
)

func TestMessagesAreAsLargeAsTheTopicTakes(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		for name, test := range map[string]struct {
			limit   string
			note    int
			letters uint64
		}{
			"more than by default": {"3000000", 2 << 20, 0},
			"less than by default": {"20000", 30 << 10, 2},
			"many":                 {"20000", 3 << 10, 0},
		} {
			t.Run(name, func(t *testing.T) {
				prefix := brokertest.Name(t)
				b.CreateTopic(t, prefix+".public.events", 1, map[string]string{"max.message.bytes": test.limit})
				p, topic := start(t, b, func(c *config.Config) { c.Kafka.TopicPrefix, c.Producer.Compression = prefix, "none" })
				var changes []change.Change
				for i := range uint64(40) {
					changes = append(changes, row(events, i+1, 1, int64(i), noise(1000)))
				}
				changes[3].Values[1], changes[30].Values[1] = change.TextValue([]byte(noise(test.note))), change.TextValue([]byte(noise(test.note)))
				if err := p.Publish(t.Context(), changes); err != nil {
					t.Fatal(err)
				}
				if err := p.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				s := p.Stats()
				if s.DeadLetters != test.letters || s.Retries != 0 {
					t.Errorf("%+v", s)
				}
				if taken := readByTheRule(t, readLog(t, p, []string{b.Addr}, topic))[0]; uint64(len(taken)) != 40-test.letters {
					t.Errorf("a reader takes %d changes", len(taken))
				}
			})
		}
	})
}

// TestABatchThatIsTooLargeIsSentInParts has the topic take less from one batch to the next.
func TestABatchThatIsTooLargeIsSentInParts(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) { c.Kafka.Partitions, c.Producer.Compression = 1, "none" })
		if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 0, "")}); err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		limit(t, b, topic, "20000")
		var changes []change.Change
		for i := range uint64(100) {
			changes = append(changes, row(events, i+2, 1, int64(i+1), noise(3000)+fmt.Sprint(i)))
		}
		if err := p.Publish(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		log := readLog(t, p, []string{b.Addr}, topic)
		checkPlaces(t, log, 101)
		for i, m := range log[0] {
			if m.id != int64(i) {
				t.Fatalf("message %d is row %d", i, m.id)
			}
		}
		// What is too large now is learned when the topic is looked at.
		if err := p.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := p.Publish(t.Context(), []change.Change{row(events, 102, 1, 1, noise(30_000))}); err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(t.Context()); err != nil || p.Stats().DeadLetters != 1 {
			t.Fatalf("%v, %+v", err, p.Stats())
		}
	})
}

// limit has the topic take messages of so many bytes.
func limit(t *testing.T, b *brokertest.Broker, topic, bytes string) {
	t.Helper()
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	c := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	c.Name, c.Value = "max.message.bytes", &bytes
	resource.Configs = append(resource.Configs, c)
	request.Resources = append(request.Resources, resource)
	ask(t, b, func(c *kgo.Client) error {
		r, err := request.RequestWith(t.Context(), c)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(r.Resources[0].ErrorCode)
	})
}
