package publish

import (
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// roundSize is how much a round holds, before compression, when Publish waits for it to be sent.
const roundSize = 8 << 20

// round is what is sent together.
type round struct {
	number uint64 // from 1
	// partitions are those that have something in this round.
	partitions []*partition
	bytes      int
	first      time.Time // when the first change came
	// commitTime is that of the newest change, and oldest that of the first streamed one, in microseconds since 1970.
	commitTime, oldest int64
	// end is that of the last Commit: acknowledged with the round, since everything before it is in this or earlier ones.
	end change.LSN
}

// parcel is what one partition sends in a round.
type parcel struct {
	partition *partition
	batches   []*recordbatch.Builder
}

// take empties the round's partitions.
func (r *round) take() []parcel {
	parcels := make([]parcel, len(r.partitions))
	for i, p := range r.partitions {
		parcels[i] = parcel{partition: p, batches: p.filling}
		p.filling = nil
	}
	return parcels
}
