package kafkaclient

import (
	"context"
	"fmt"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/describeconfigs"
)

// Topic is what a topic is like.
type Topic struct {
	Partitions  int
	Replication int // the least of its partitions
	// Settings are those asked for, by name; nil where we may not see them.
	Settings map[string]string
}

// Describe says what a topic is like, with these of its settings, whether they are its own or the broker's. A topic that
// is not there is ErrNoTopic.
func (c *Client) Describe(ctx context.Context, topic string, settings ...string) (Topic, error) {
	var t Topic
	err := again(ctx, func(ctx context.Context) (err error) {
		t, err = c.describe(ctx, topic, settings)
		return err
	})
	if err != nil {
		return Topic{}, fmt.Errorf("topic %s: %w", topic, c.Explain(err))
	}
	return t, nil
}

func (c *Client) describe(ctx context.Context, topic string, settings []string) (Topic, error) {
	m, err := c.metadata(ctx, topic)
	if err != nil {
		return Topic{}, err
	}
	t := Topic{Partitions: len(m.Partitions)}
	for i := range m.Partitions {
		if n := len(m.Partitions[i].ReplicaNodes); i == 0 || n < t.Replication {
			t.Replication = n
		}
	}
	t.Settings, err = c.settings(ctx, topic, settings)
	return t, err
}

func (c *Client) settings(ctx context.Context, topic string, names []string) (map[string]string, error) {
	const ofTopic = 2
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	m, err := c.RoundTrip(ctx, &describeconfigs.Request{
		Resources: []describeconfigs.RequestResource{{ResourceType: ofTopic, ResourceName: topic, ConfigNames: names}},
	})
	if err != nil {
		return nil, err
	}
	r, ok := m.(*describeconfigs.Response)
	if !ok || len(r.Resources) != 1 {
		return nil, errOtherAnswer
	}
	switch err := kafka.Error(r.Resources[0].ErrorCode); err {
	case 0:
	case kafka.TopicAuthorizationFailed, kafka.ClusterAuthorizationFailed:
		return nil, nil //nolint:nilnil // as Topic says
	case kafka.UnknownTopicOrPartition:
		return nil, ErrNoTopic
	default:
		return nil, fmt.Errorf("its settings: %w: %s", err, r.Resources[0].ErrorMessage)
	}
	settings := map[string]string{}
	for _, e := range r.Resources[0].ConfigEntries {
		settings[e.ConfigName] = e.ConfigValue
	}
	return settings, nil
}
