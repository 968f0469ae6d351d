package fetch

import (
	"sync"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

const (
	// maxWait is how long the broker holds an answer back when it has nothing to give. Half a second: brokers have been
	// seen to treat a whole one as none.
	maxWait = 500 * time.Millisecond
	// answerTimeout is how long an answer may take beyond maxWait.
	answerTimeout = 10 * time.Second
	// maxBytes is how much of a partition one answer holds, unless a single batch is larger.
	maxBytes = 2 << 20
	// maxExpanded bounds a batch when it is decompressed.
	maxExpanded = 512 << 20
)

// How long a Reader waits before it tries again.
const (
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = 2 * time.Second
)

// Factory opens Readers, which share its buffers.
type Factory struct {
	client   *kafkaclient.Client
	log      *zap.Logger
	buffers  sync.Pool // of *rawfetch.Response
	maxBytes int32
}

// NewFactory makes a Factory that reads through client.
func NewFactory(client *kafkaclient.Client, log *zap.Logger) *Factory {
	return &Factory{client: client, log: log, maxBytes: maxBytes}
}

// Open makes a Reader that begins at offset. The caller must Close it.
func (f *Factory) Open(topic string, partition int, offset int64) *Reader {
	return &Reader{
		factory:   f,
		topic:     topic,
		partition: partition,
		log:       f.log.With(zap.String("topic", topic), zap.Int("partition", partition)),
		offset:    offset,
		maxBytes:  f.maxBytes,
		decoder:   recordbatch.Decoder{MaxSize: maxExpanded},
		retry:     backoff.New(firstBackoff, lastBackoff),
	}
}
