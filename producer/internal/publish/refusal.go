package publish

import (
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"

	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// gone is a topic that was published to and is not there.
func (p *Publisher) gone(topic string, table source.Name, partitions int) error {
	if table == (source.Name{}) {
		return &source.Refusal{
			Problem: fmt.Sprintf("topic %s is gone, and with it what could not be synced", topic),
			Fix:     "start the producer again, which makes it anew; and have the tables' rows read again that were too large",
		}
	}
	return &source.Refusal{
		Problem: fmt.Sprintf("topic %s is gone, and changes of %s were published to it: they are lost to those who had not read them", topic, table),
		Fix: fmt.Sprintf("bring it back, or make it anew (%s --create --topic %s --partitions %d --replication-factor %d), have the table's rows read again (producer snapshot %s), "+
			"and let consumers know: their offsets are those of the topic that is gone", command(p.cfg, "kafka-topics"), topic, partitions, p.cfg.Kafka.Replication, table),
	}
}

// tooFew is a topic with fewer partitions than changes were spread over.
func (p *Publisher) tooFew(topic string, table source.Name, has, had int) error {
	return &source.Refusal{
		Problem: fmt.Sprintf("topic %s has %d partitions, and changes of %s were spread over %d: it was made anew, and what it held is lost to those who had not read it", topic, has, table, had),
		Fix: fmt.Sprintf("%s --alter --topic %s --partitions %d, and have the table's rows read again: producer snapshot %s",
			command(p.cfg, "kafka-topics"), topic, had, table),
	}
}

// wentBack is a partition that lost what it had acknowledged.
func (p *Publisher) wentBack(part *partition, offset int64) error {
	return &source.Refusal{
		Problem: fmt.Sprintf("topic %s, partition %d: offset %d was given a second time: what the partition had acknowledged up to offset %d is lost; "+
			"the topic was made anew, or a replica that lacked it was made leader (unclean.leader.election.enable)", part.topic.name, part.id, offset, part.next-1),
		Fix: fmt.Sprintf("have the table's rows read again: producer snapshot %s", part.topic.table),
	}
}

// explain says how to mend what a broker refuses for want of a permission.
func explain(cfg *config.Config, topic string, err error) error {
	if !errors.Is(err, kafka.TopicAuthorizationFailed) && !errors.Is(err, kafka.ClusterAuthorizationFailed) {
		return err
	}
	user := cfg.Kafka.SASL.Username
	if user == "" {
		user = "<user>"
	}
	return &source.Refusal{
		Problem: fmt.Sprintf("topic %s: the brokers do not let us publish", topic), Err: err,
		Fix: fmt.Sprintf("%s --add --allow-principal User:%s --operation Create --operation Describe --operation DescribeConfigs --operation Write --topic %s",
			command(cfg, "kafka-acls"), user, topic),
	}
}
