package brokertest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// topicTimeout bounds the making of a topic.
const topicTimeout = 30 * time.Second

// Topic makes a topic of the test's own, and returns its name once it can be written to and read.
func (b *Broker) Topic(t *testing.T, partitions int32, config map[string]string) string {
	t.Helper()
	name := Name(t)
	b.CreateTopic(t, name, partitions, config)
	return name
}

// CreateTopic makes a topic of that name. With Apache Kafka, which all tests share, a name must be a test's own: see Name.
func (b *Broker) CreateTopic(t *testing.T, name string, partitions int32, config map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), topicTimeout)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr))
	if err != nil {
		t.Fatalf("make a client to create topic %s: %v", name, err)
	}
	defer client.Close()
	if err := create(ctx, client, name, partitions, config); err != nil {
		t.Fatalf("create topic %s: %v", name, err)
	}
	if err := awaitLeaders(ctx, client, name, partitions); err != nil {
		t.Fatalf("topic %s was made but is not served: %v", name, err)
	}
}

func create(ctx context.Context, client *kgo.Client, name string, partitions int32, config map[string]string) error {
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, partitions, 1
	for key, value := range config {
		c := kmsg.NewCreateTopicsRequestTopicConfig()
		c.Name, c.Value = key, &value
		topic.Configs = append(topic.Configs, c)
	}
	req := kmsg.NewPtrCreateTopicsRequest()
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for _, topic := range resp.Topics {
		if err := kerr.ErrorForCode(topic.ErrorCode); err != nil {
			if topic.ErrorMessage != nil {
				return fmt.Errorf("%w (%s)", err, *topic.ErrorMessage)
			}
			return err
		}
	}
	return nil
}

// awaitLeaders returns when each partition has a leader: a broker answers a creation before it knows of it itself.
func awaitLeaders(ctx context.Context, client *kgo.Client, name string, partitions int32) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := leaders(ctx, client, name, partitions)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	}
}

func leaders(ctx context.Context, client *kgo.Client, name string, partitions int32) error {
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = &name
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	if len(resp.Topics) != 1 {
		return errors.New("it is not known yet")
	}
	if err := kerr.ErrorForCode(resp.Topics[0].ErrorCode); err != nil {
		return err
	}
	found := resp.Topics[0].Partitions
	if len(found) != int(partitions) {
		return fmt.Errorf("%d of %d partitions are known", len(found), partitions)
	}
	for _, p := range found {
		if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
			return fmt.Errorf("partition %d: %w", p.Partition, err)
		}
	}
	return nil
}
