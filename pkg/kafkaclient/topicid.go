package kafkaclient

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/segmentio/kafka-go"

	"eventsync/pkg/kafkaclient/rawmetadata"
)

// TopicID is the topic's identity, as Kafka's own tools print it: a topic that was deleted and made anew under the same
// name has another. It is "" for brokers older than Kafka 2.8, which know none. A topic that is not there is ErrNoTopic.
func (c *Client) TopicID(ctx context.Context, topic string) (string, error) {
	var id [16]byte
	err := again(ctx, func(ctx context.Context) (err error) {
		id, err = c.topicID(ctx, topic)
		return err
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("topic %s: %w", topic, c.Explain(err))
	case id == [16]byte{}:
		return "", nil
	default:
		return base64.RawURLEncoding.EncodeToString(id[:]), nil
	}
}

func (c *Client) topicID(ctx context.Context, topic string) (id [16]byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	m, err := c.RoundTrip(ctx, &rawmetadata.Exchange{Topic: topic, ClientID: c.ClientID()})
	if err != nil {
		return id, err
	}
	a, ok := m.(*rawmetadata.Answer)
	switch {
	case !ok:
		return id, errOtherAnswer
	case a.Err == kafka.UnknownTopicOrPartition:
		return id, ErrNoTopic
	case a.Err != 0:
		return id, a.Err
	default:
		return a.ID, nil
	}
}
