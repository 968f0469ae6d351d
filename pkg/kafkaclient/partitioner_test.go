package kafkaclient_test

import (
	"testing"

	"github.com/segmentio/kafka-go"
	"pgregory.net/rapid"

	"eventsync/pkg/kafkaclient"
)

// TestPartitionIsJavas compares with the hashes in Kafka's own tests (org.apache.kafka.common.utils.UtilsTest).
func TestPartitionIsJavas(t *testing.T) {
	const partitions = 1 << 31 // so that the partition is the hash, made positive
	for key, hash := range map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got, want := kafkaclient.Partition([]byte(key), partitions), int(hash&0x7fffffff); got != want {
			t.Errorf("%q: %d, want %d", key, got, want)
		}
	}
}

func TestPartitionIsKafkaGos(t *testing.T) {
	all := make([]int, 100)
	for i := range all {
		all[i] = i
	}
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOf(rapid.Byte()).Draw(t, "key")
		n := rapid.IntRange(1, len(all)).Draw(t, "partitions")
		want := kafka.Murmur2Balancer{Consistent: true}.Balance(kafka.Message{Key: key}, all[:n]...)
		if got := kafkaclient.Partition(key, n); got != want {
			t.Fatalf("%d, and kafka-go says %d", got, want)
		}
	})
}
