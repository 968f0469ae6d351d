package kafkaclient

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"eventsync/pkg/kafkaclient/rawfetch"
	"eventsync/pkg/kafkaclient/recordbatch"
)

const (
	// readBytes is how much of a partition is asked for at once, unless a single batch is larger.
	readBytes = 1 << 20
	// readWait is how long the broker holds back the answer that nothing is there.
	readWait = 100 * time.Millisecond
	// maxExpanded bounds a batch when it is decompressed.
	maxExpanded = 512 << 20
)

// Read gives the partition's records from an offset up to, and without, another to f, which keeps nothing of them. It is
// for a look at a log, not for following one: records of aborted transactions are among them.
func (c *Client) Read(ctx context.Context, topic string, partition int, from, to int64, f func(*Record) error) error {
	r := logReader{client: c, decoder: recordbatch.Decoder{MaxSize: maxExpanded}}
	request := rawfetch.Request{Topic: topic, Partition: partition, Offset: from, MaxBytes: readBytes, MaxWait: readWait}
	for request.Offset < to {
		err := again(ctx, func(ctx context.Context) error { return r.fetch(ctx, request) })
		if err == nil && len(r.response.Batches) == 0 {
			return nil // a hole at the end
		}
		if err == nil {
			err = r.each(&request, to, f)
		}
		if err != nil {
			return fmt.Errorf("read %s, partition %d, offset %d: %w", topic, partition, request.Offset, c.Explain(err))
		}
	}
	return nil
}

// logReader reads one answer after the other.
type logReader struct {
	client   *Client
	buffers  sync.Pool // of *rawfetch.Response
	response *rawfetch.Response
	decoder  recordbatch.Decoder
	records  []Record
}

func (r *logReader) fetch(ctx context.Context, request rawfetch.Request) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	m, err := r.client.RoundTrip(ctx, rawfetch.New(r.client.ClientID(), &r.buffers, request))
	if err != nil {
		return err
	}
	response, ok := m.(*rawfetch.Response)
	if !ok {
		return errOtherAnswer
	}
	if response.Err != 0 {
		return response.Err
	}
	r.response = response
	return nil
}

// each gives the answer's records to f, and moves the request behind them. A batch that did not fit is asked for again.
func (r *logReader) each(request *rawfetch.Request, to int64, f func(*Record) error) error {
	for rest := r.response.Batches; len(rest) > 0; {
		batch, behind, err := recordbatch.Parse(rest)
		if errors.Is(err, recordbatch.ErrCut) {
			if len(rest) == len(r.response.Batches) {
				return grow(request, recordbatch.Size(rest))
			}
			return nil
		}
		if err == nil && !batch.Control {
			r.records, err = r.decoder.Records(r.records[:0], &batch)
		}
		if err != nil {
			return err
		}
		for i := range r.records {
			if record := &r.records[i]; !batch.Control && record.Offset >= request.Offset && record.Offset < to {
				if err := f(record); err != nil {
					return err
				}
			}
		}
		request.Offset, rest = max(request.Offset, batch.LastOffset+1), behind
	}
	return nil
}

func grow(request *rawfetch.Request, size int) error {
	need := max(size, 2*int(request.MaxBytes))
	if need > rawfetch.MaxAnswer {
		return fmt.Errorf("a batch of %d bytes is larger than the limit of %d", size, rawfetch.MaxAnswer)
	}
	request.MaxBytes = int32(need) //nolint:gosec // G115: at most MaxAnswer
	return nil
}
