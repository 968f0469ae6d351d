package fetch

import "fmt"

// OutOfRangeError says that the partition does not hold the offset that was asked for: it is past the end (the topic
// was made anew, or lost what was acknowledged), or its records are gone (retention was shorter than the lag).
type OutOfRangeError struct {
	Topic       string
	Partition   int
	Offset      int64
	First, Last int64 // of the log: its oldest record, and the next one to be written
}

func (e *OutOfRangeError) Error() string {
	where := fmt.Sprintf("%s, partition %d: offset %d is not in the log, which holds %d to %d", e.Topic, e.Partition, e.Offset, e.First, e.Last)
	if e.Offset < e.First {
		return fmt.Sprintf("%s: %d records were deleted before they were read; see consumer watermark show, and raise the topic's retention", where, e.First-e.Offset)
	}
	return where + ": the topic was made anew, or lost records that it had acknowledged; see consumer watermark show"
}
