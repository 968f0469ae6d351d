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
