package publish

import (
	"context"
	"errors"
	"maps"
	"slices"

	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
	"eventsync/producer/internal/source"
)

// Check says what is wrong with the topics, or could be better, and changes nothing. Those that are not there, Run makes.
// Brokers that do not answer are the last finding.
func Check(ctx context.Context, client *kafkaclient.Client, cfg *config.Config) (findings []program.Finding) {
	topics := map[string]policy{cfg.Kafka.DeadLetterTopic(): deadLetterPolicy(cfg)}
	for i := range cfg.Tables {
		table := cfg.Tables[i].Source
		topics[cfg.Kafka.Topic(table)] = policyOf(cfg, table)
	}
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		found, err := checkTopic(ctx, client, cfg, topic, topics[topic])
		if findings = append(findings, found...); err != nil {
			return append(findings, program.Finding{What: "topic " + topic, Problem: err.Error()})
		}
	}
	return findings
}

func checkTopic(ctx context.Context, client *kafkaclient.Client, cfg *config.Config, topic string, wanted policy) ([]program.Finding, error) {
	found := program.Finding{What: "topic " + topic, OK: true}
	is, err := client.Describe(ctx, topic, settingsSeen...)
	switch refusal := (*source.Refusal)(nil); {
	case err == nil:
		if findings := wanted.verify(cfg, topic, is); len(findings) > 0 {
			return findings, nil
		}
	case errors.Is(err, kafkaclient.ErrNoTopic):
	case errors.As(explain(cfg, topic, err), &refusal):
		found.OK, found.Problem, found.Fix = false, refusal.Problem, refusal.Fix
	default:
		return nil, err
	}
	return []program.Finding{found}, nil
}
