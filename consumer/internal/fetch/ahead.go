package fetch

import (
	"context"
	"fmt"

	"eventsync/pkg/kafkaclient/rawfetch"
)

// ahead is the one fetch under way.
type ahead struct {
	cancel context.CancelFunc
	done   chan struct{}
	// These are set when done is closed.
	response *rawfetch.Response
	err      error
}

// fetch starts to fetch what is at offset.
func (r *Reader) fetch(offset int64) *ahead {
	ctx, cancel := context.WithTimeout(context.Background(), maxWait+answerTimeout)
	a := &ahead{cancel: cancel, done: make(chan struct{})}
	e := rawfetch.New(r.factory.client.ClientID(), &r.factory.buffers,
		rawfetch.Request{Topic: r.topic, Partition: r.partition, Offset: offset, MaxBytes: r.maxBytes, MaxWait: maxWait})
	go func() {
		defer close(a.done)
		defer cancel()
		a.response, a.err = r.factory.roundTrip(ctx, e)
	}()
	return a
}

func (f *Factory) roundTrip(ctx context.Context, e *rawfetch.Exchange) (*rawfetch.Response, error) {
	m, err := f.client.RoundTrip(ctx, e)
	if err != nil {
		return nil, f.client.Explain(err)
	}
	res, ok := m.(*rawfetch.Response)
	if !ok {
		return nil, fmt.Errorf("the broker's answer is a %T", m)
	}
	if res.Err != 0 {
		err := res.Err
		f.release(res)
		return nil, err
	}
	return res, nil
}

// stop ends the fetch and waits for its goroutine.
func (a *ahead) stop(f *Factory) {
	if a == nil {
		return
	}
	a.cancel()
	<-a.done
	if a.response != nil {
		f.release(a.response)
	}
}

// release gives the answer's memory back, unless a batch of unusual size made it large.
func (f *Factory) release(r *rawfetch.Response) {
	if r.Cap() <= 2*int(f.maxBytes) {
		f.buffers.Put(r)
	}
}
