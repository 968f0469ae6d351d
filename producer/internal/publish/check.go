package publish

import (
	"context"
	"errors"

	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/producer/internal/source"
)

// Check says what is wrong with the topics that are there, and changes nothing. An error is that they cannot be looked at.
func Check(ctx context.Context, client *kafkaclient.Client, cfg *config.Config) (findings []*source.Refusal, _ error) {
	look := func(topic string, wanted policy) error {
		is, err := client.Describe(ctx, topic, settingsSeen...)
		if errors.Is(err, kafkaclient.ErrNoTopic) { // Run makes it
			return nil
		}
		if err != nil {
			return explain(cfg, topic, err)
		}
		findings = append(findings, wanted.verify(cfg, topic, is)...)
		return nil
	}
	for i := range cfg.Tables {
		table := cfg.Tables[i].Source
		if err := look(cfg.Kafka.Topic(table), policyOf(cfg, table)); err != nil {
			return findings, err
		}
	}
	return findings, look(cfg.Kafka.DeadLetterTopic(), deadLetterPolicy(cfg))
}
