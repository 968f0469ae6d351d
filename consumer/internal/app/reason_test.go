package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"eventsync/consumer/internal/fetch"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/kafkaclient"
)

// Each reason is one that the help of the metric names.
func TestReasons(t *testing.T) {
	some := errors.New("some error")
	for want, err := range map[string]error{
		"offsets":      &partition.StopError{Err: fmt.Errorf("read: %w", &fetch.OutOfRangeError{})},
		"metadata":     &partition.StopError{Err: &partition.MetadataError{Err: some}},
		"dead_letters": &partition.StopError{Err: &partition.LettersError{Err: &sink.Error{Err: some}}},
		"clickhouse":   &partition.StopError{Err: &sink.Error{Err: some}},
		"kafka":        fmt.Errorf("committed offset: %w", &kafkaclient.UnreachableError{Err: some}),
		"owner":        &OwnerError{},
		"target":       some,
		"other":        &partition.StopError{Err: some},
	} {
		if got := reasonOf(err); got != want || !strings.Contains(stoppedDesc.String(), want) {
			t.Errorf("%v gives %s, want %s, and the help is %s", err, got, want, stoppedDesc)
		}
	}
	if got := reasonOf(&ForgottenError{}); got != "offsets" {
		t.Errorf("a forgotten offset gives %s", got)
	}
}
