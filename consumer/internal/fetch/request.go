package fetch

import (
	"time"

	"github.com/segmentio/kafka-go/protocol/fetch"
)

const readCommitted = 1

func newRequest(topic string, partition int, offset int64, maxBytes int32) fetch.Request {
	return fetch.Request{
		ReplicaID:      -1, // a consumer
		MaxWaitTime:    int32(maxWait / time.Millisecond),
		MinBytes:       1,
		MaxBytes:       maxBytes,
		IsolationLevel: readCommitted,
		SessionEpoch:   -1, // no session: each request says everything
		Topics: []fetch.RequestTopic{{
			Topic: topic,
			Partitions: []fetch.RequestPartition{{
				Partition:          int32(partition), //nolint:gosec // G115: Kafka's own type
				CurrentLeaderEpoch: -1,               // unknown
				FetchOffset:        offset,
				LogStartOffset:     -1, // only followers know it
				PartitionMaxBytes:  maxBytes,
			}},
		}},
	}
}
