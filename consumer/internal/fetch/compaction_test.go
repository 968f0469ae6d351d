package fetch_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
)

func TestACompactedTopic(t *testing.T) {
	fakeOnly(t, func(t *testing.T, b *brokertest.Broker, _ string) {
		topic := b.Topic(t, 1, map[string]string{"cleanup.policy": "compact"})
		c := foreign(t, b, kgo.ProducerBatchCompression(kgo.ZstdCompression()))
		var want []string
		const batches = 20
		for i := range batches {
			once := fmt.Sprintf("%c only once", 'A'+i)
			produce(t, c, topic, "again", once, "again and again")
			want = append(want, fmt.Sprintf("%d %s", 3*i+1, once))
		}
		want = append(want, fmt.Sprintf("%d %s", 3*batches-1, "again and again"))
		produce(t, c, topic, "z the active segment is left alone")
		b.Fake.Cluster().Compact()
		end := int64(3*batches + 1)
		got := readUntil(t, open(t, b, topic, 0), end)
		if !slices.Equal(got[:len(got)-1], want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		// And from the middle of a hole.
		if got := readUntil(t, open(t, b, topic, 5), end); !slices.Equal(got[:len(got)-1], want[2:]) {
			t.Errorf("from offset 5: %q", got)
		}
	})
}
