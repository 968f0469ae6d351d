package app

import (
	"errors"

	"eventsync/consumer/internal/fetch"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/kafkaclient"
)

// reasonOf is a word for why a partition has stopped, from the list in the metric's help.
func reasonOf(err error) string {
	switch {
	case isA[*fetch.OutOfRangeError](err), isA[*ForgottenError](err):
		return "offsets"
	case isA[*partition.MetadataError](err):
		return "metadata"
	case isA[*partition.LettersError](err): // whatever the last of them was refused for
		return "dead_letters"
	case isA[*OwnerError](err):
		return "owner"
	case isA[*sink.Error](err):
		return "clickhouse"
	case isA[*kafkaclient.UnreachableError](err):
		return "kafka"
	case !isA[*partition.StopError](err): // before there was a worker
		return "target"
	default:
		return "other"
	}
}

func isA[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}
