package partition

import "fmt"

// StopError says why a partition stopped, and where.
type StopError struct {
	Topic     string
	Partition int
	Offset    int64
	Err       error
}

func (e *StopError) Error() string {
	return fmt.Sprintf("topic %s, partition %d, offset %d: %v", e.Topic, e.Partition, e.Offset, e.Err)
}

func (e *StopError) Unwrap() error { return e.Err }

// stop says where err stopped the partition.
func (w *Worker) stop(offset int64, err error) error {
	return &StopError{Topic: w.topic, Partition: w.partition, Offset: offset, Err: err}
}

// MetadataError says that what was committed with an offset is nothing to go by.
type MetadataError struct{ Err error }

func (e *MetadataError) Error() string { return e.Err.Error() }

func (e *MetadataError) Unwrap() error { return e.Err }

// LettersError says that too many messages of a partition could not be synced.
type LettersError struct{ Err error }

func (e *LettersError) Error() string { return e.Err.Error() }

func (e *LettersError) Unwrap() error { return e.Err }
