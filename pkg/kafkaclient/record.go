package kafkaclient

import "eventsync/pkg/kafkaclient/recordbatch"

// Record is one message as it was read from a partition. Key and Value are nil where they are null, and alias the
// memory that they were read from, as Headers do: whoever hands records out says how long they live.
type Record = recordbatch.Record
