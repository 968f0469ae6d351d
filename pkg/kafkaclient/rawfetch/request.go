package rawfetch

import (
	"time"

	"github.com/segmentio/kafka-go/protocol/fetch"
)

const readCommitted = 1

// Request asks for what one partition holds from an offset on.
type Request struct {
	Topic     string
	Partition int
	Offset    int64
	// MaxBytes is how much of it, unless the first batch alone is larger and the broker gives it all the same.
	MaxBytes int32
	// MaxWait is how long the broker holds an answer back when it has nothing to give.
	MaxWait time.Duration
}

func (r Request) inKafkasWords() fetch.Request {
	return fetch.Request{
		ReplicaID:      -1,                                  // a consumer
		MaxWaitTime:    int32(r.MaxWait / time.Millisecond), //nolint:gosec // G115: far below 24 days
		MinBytes:       1,
		MaxBytes:       r.MaxBytes,
		IsolationLevel: readCommitted,
		SessionEpoch:   -1, // no session: each request says everything
		Topics: []fetch.RequestTopic{{
			Topic: r.Topic,
			Partitions: []fetch.RequestPartition{{
				Partition:          int32(r.Partition), //nolint:gosec // G115: Kafka's own type
				CurrentLeaderEpoch: -1,                 // unknown
				FetchOffset:        r.Offset,
				LogStartOffset:     -1, // only followers know it
				PartitionMaxBytes:  r.MaxBytes,
			}},
		}},
	}
}
