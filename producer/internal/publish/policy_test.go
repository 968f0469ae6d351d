package publish_test

import (
	"strings"
	"testing"
	"time"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
	"eventsync/producer/internal/publish"
)

func TestTopicsAreMadeAsConfigured(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) {
			c.Kafka.CleanupPolicy, c.Kafka.Retention = "compact,delete", 48*time.Hour
			c.Tables = []config.Table{{Source: "public.events", Partitions: 3}}
		})
		if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, "")}); err != nil {
			t.Fatal(err)
		}
		is, err := p.client.Describe(t.Context(), topic, "cleanup.policy", "retention.ms")
		if err != nil || is.Partitions != 3 || is.Replication != 1 || is.Settings["retention.ms"] != "172800000" ||
			is.Settings["cleanup.policy"] != "compact,delete" {
			t.Fatalf("it is %+v, %v", is, err)
		}
	})
}

// TestTopicsAreChecked has a topic that is wrong in one way after the other.
func TestTopicsAreChecked(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		for name, test := range map[string]struct {
			partitions  int32
			replication int
			settings    map[string]string
			advice      bool
			want        []string // of the one finding that is not without advice
		}{
			"as configured": {4, 1, map[string]string{"cleanup.policy": "delete", "retention.ms": "604800000"}, false, nil},
			"kept for ever": {4, 1, map[string]string{"retention.ms": "-1"}, false, nil},
			"too few":       {2, 1, nil, true, []string{"has 2 partitions, and 4", "kafka-topics --bootstrap-server ADDR --alter --topic TOPIC --partitions 4"}},
			"too many":      {5, 1, nil, true, []string{"has 5 partitions, and 4", "kafka.partitions"}},
			"replication":   {4, 3, nil, true, []string{"replication is 1, and 3", "kafka-reassign-partitions --bootstrap-server ADDR"}},
			"compacted": {4, 1, map[string]string{"cleanup.policy": "compact"}, false, []string{
				"cleanup.policy is compact, and delete", "kafka-configs --bootstrap-server ADDR --alter --topic TOPIC --add-config cleanup.policy=delete",
			}},
			"forgetful": {4, 1, map[string]string{"retention.ms": "3600000"}, false, []string{
				"after 1h0m0s, and 168h0m0s", "kafka-configs --bootstrap-server ADDR --alter --topic TOPIC --add-config retention.ms=604800000",
			}},
			"unwritable": {4, 1, map[string]string{"min.insync.replicas": "2"}, false, []string{
				"min.insync.replicas is 2, and its replication 1", "--add-config min.insync.replicas=1",
			}},
			"small": {4, 1, map[string]string{"max.message.bytes": "100000"}, true, []string{
				"100000 bytes", "--add-config max.message.bytes=1048588",
			}},
		} {
			t.Run(name, func(t *testing.T) {
				cfg := config.Default()
				cfg.Kafka.Brokers, cfg.Kafka.TopicPrefix = []string{b.Addr}, brokertest.Name(t)
				cfg.Kafka.Replication = test.replication
				cfg.Tables = []config.Table{{Source: "public.events"}, {Source: "public.missing"}}
				topic := cfg.Kafka.Topic("public.events")
				b.CreateTopic(t, topic, test.partitions, test.settings)
				client, err := kafkaclient.New(cfg.Kafka, "test")
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				found := map[string]program.Finding{}
				for _, f := range publish.Check(t.Context(), client, &cfg) {
					if _, twice := found[f.What]; twice {
						t.Errorf("found besides: %+v", f)
					}
					found[f.What] = f
				}
				for _, name := range []string{"public.missing", "dead_letters"} {
					if f := found["topic "+cfg.Kafka.Topic(name)]; !f.OK || f.Problem != "" {
						t.Errorf("%s, which is not there: %+v", name, f)
					}
				}
				got := found["topic "+topic]
				if got.OK != (test.want == nil || test.advice) || (got.Problem == "") != (test.want == nil) || (got.Fix == "") != (test.want == nil) {
					t.Errorf("found %+v", got)
				}
				for _, part := range test.want {
					part = strings.NewReplacer("ADDR", b.Addr, "TOPIC", topic).Replace(part)
					if got := got.Problem + got.Fix; !strings.Contains(got, part) {
						t.Errorf("%q does not tell %q", got, part)
					}
				}
			})
		}
	})
}

func TestABrokerThatDoesNotAnswerIsAFinding(t *testing.T) {
	cfg := config.Default()
	cfg.Kafka.Brokers, cfg.Tables = []string{"127.0.0.1:1"}, []config.Table{{Source: "public.events"}}
	client, err := kafkaclient.New(cfg.Kafka, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	found := publish.Check(t.Context(), client, &cfg)
	if len(found) != 1 || found[0].OK || !strings.Contains(found[0].Problem, "127.0.0.1:1") {
		t.Errorf("found %+v", found)
	}
}
