package kafkaclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/createtopics"
	"github.com/segmentio/kafka-go/protocol/metadata"
)

// ErrNoTopic says that there is no such topic.
var ErrNoTopic = errors.New("the topic does not exist")

// Partitions is how many partitions the topic has, by metadata at most a second old.
func (c *Client) Partitions(ctx context.Context, topic string) (int, error) {
	n, err := c.partitions(ctx, topic)
	if err != nil {
		return 0, fmt.Errorf("topic %s: %w", topic, c.Explain(err))
	}
	return n, nil
}

func (c *Client) partitions(ctx context.Context, topic string) (int, error) {
	t, err := c.metadata(ctx, topic)
	if err != nil {
		return 0, err
	}
	return len(t.Partitions), nil
}

func (c *Client) metadata(ctx context.Context, topic string) (*metadata.ResponseTopic, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	m, err := c.RoundTrip(ctx, &metadata.Request{TopicNames: []string{topic}})
	if err != nil {
		return nil, err
	}
	r, ok := m.(*metadata.Response)
	if !ok || len(r.Topics) != 1 {
		return nil, errOtherAnswer
	}
	switch err := kafka.Error(r.Topics[0].ErrorCode); err {
	case 0:
		return &r.Topics[0], nil
	case kafka.UnknownTopicOrPartition:
		return nil, ErrNoTopic
	default:
		return nil, err
	}
}

// Setting is one of a topic's settings: "retention.ms", "-1".
type Setting struct{ Name, Value string }

// EnsureTopic creates the topic unless it exists, and gives its number of partitions, which is another than asked for
// where the topic existed; the settings, too, are those of a topic that is created. A replication of 0 is the broker's
// default.
func (c *Client) EnsureTopic(ctx context.Context, topic string, partitions, replication int, settings ...Setting) (int, error) {
	n, err := c.partitions(ctx, topic)
	if errors.Is(err, ErrNoTopic) {
		if err = c.create(ctx, topic, partitions, replication, settings); err == nil {
			n, err = c.partitions(ctx, topic)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("topic %s with %d partitions and replication %d: %w", topic, partitions, replication, c.Explain(err))
	}
	return n, nil
}

func (c *Client) create(ctx context.Context, topic string, partitions, replication int, settings []Setting) error {
	if replication == 0 {
		replication = -1
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	configs := make([]createtopics.RequestConfig, len(settings))
	for i, s := range settings {
		configs[i] = createtopics.RequestConfig{Name: s.Name, Value: s.Value}
	}
	// A success waits until the metadata holds the topic, one way or the other.
	m, err := c.RoundTrip(ctx, &createtopics.Request{
		Topics: []createtopics.RequestTopic{{
			Name:              topic,
			NumPartitions:     int32(partitions), //nolint:gosec // G115: the configuration bounds it
			ReplicationFactor: int16(replication),
			Configs:           configs,
		}},
		TimeoutMs: int32(requestTimeout / 2 / time.Millisecond),
	})
	if err != nil {
		return err
	}
	r, ok := m.(*createtopics.Response)
	if !ok || len(r.Topics) != 1 {
		return errOtherAnswer
	}
	switch err := kafka.Error(r.Topics[0].ErrorCode); err {
	case 0, kafka.TopicAlreadyExists: // another producer was faster
		return nil
	default:
		return fmt.Errorf("%w: %s", err, r.Topics[0].ErrorMessage)
	}
}
