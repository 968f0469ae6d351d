package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
)

const retention = "retention.ms"

// checkKafka gives the newest relation of each topic that it could read. It has a time of its own, as have the others:
// one that does not answer says nothing of the next.
func checkKafka(ctx context.Context, cfg *config.Config, found *program.Findings) map[string]*newest {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	client, err := kafkaclient.New(cfg.Kafka, clientID)
	if err != nil {
		found.Add("Kafka", err)
		return nil
	}
	defer client.Close()
	relations := map[string]*newest{}
	for _, topic := range topics(cfg) {
		n, err := checkTopic(ctx, cfg, client, topic, found)
		if err != nil {
			found.Add("Kafka", err)
			return relations
		}
		if n != nil {
			relations[topic] = n
		}
	}
	found.Add("Kafka", nil)
	return relations
}

// checkTopic reports what is wrong with the topic; its error is Kafka's.
func checkTopic(ctx context.Context, cfg *config.Config, client *kafkaclient.Client, topic string, found *program.Findings) (*newest, error) {
	what := "topic " + topic
	is, err := client.Describe(ctx, topic, retention, cleanupPolicy)
	if errors.Is(err, kafkaclient.ErrNoTopic) {
		found.Report(program.Finding{What: what, Problem: "it does not exist: the producer creates it when it publishes the first change", Fix: "start the producer"})
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if keeps, err := strconv.ParseInt(is.Settings[retention], 10, 64); err == nil && keeps >= 0 && cfg.Kafka.Retention > time.Duration(keeps)*time.Millisecond {
		found.Report(program.Finding{
			What:    what,
			Problem: fmt.Sprintf("it forgets messages after %v, and %v is configured: what is not synced by then is lost", time.Duration(keeps)*time.Millisecond, cfg.Kafka.Retention),
			Fix:     fmt.Sprintf("kafka-configs.sh --bootstrap-server %s --alter --topic %s --add-config %s=%d", cfg.Kafka.Brokers[0], topic, retention, cfg.Kafka.Retention.Milliseconds()),
		})
	}
	if policy := is.Settings[cleanupPolicy]; strings.Contains(policy, "compact") && !strings.Contains(cfg.Kafka.CleanupPolicy, "compact") {
		found.Report(program.Finding{
			What: what, OK: true,
			Problem: "its cleanup.policy is " + policy + ", which takes messages out: an append-only target lacks their rows, and repeats are not told apart",
			Fix:     fmt.Sprintf("kafka-configs.sh --bootstrap-server %s --alter --topic %s --add-config cleanup.policy=%s", cfg.Kafka.Brokers[0], topic, cfg.Kafka.CleanupPolicy),
		})
	}
	n, err := newestRelation(ctx, client, topic)
	if err == nil && n == nil {
		found.Report(program.Finding{What: what, OK: true, Problem: "there is no message of a row yet, so that the target was not compared with its source", Fix: "start the producer"})
	}
	return n, err
}
