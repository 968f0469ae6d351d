package rawmetadata

import (
	"bytes"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample is an answer as another library writes it, behind the correlation id.
func sample() []byte {
	rack, cluster, topic := "a", "c", "t"
	r := kmsg.NewPtrMetadataResponse()
	r.SetVersion(version)
	r.ClusterID = &cluster
	r.Brokers = []kmsg.MetadataResponseBroker{{NodeID: 1, Host: "one", Port: 9092, Rack: &rack}, {NodeID: 2, Host: "two"}}
	r.Topics = []kmsg.MetadataResponseTopic{{Topic: &topic, TopicID: [16]byte{1, 2, 15: 16}, Partitions: make([]kmsg.MetadataResponseTopicPartition, 3)}}
	return r.AppendTo([]byte{0})
}

func TestAnswerIsRead(t *testing.T) {
	a, err := readAnswer(sample())
	if err != nil || a.Err != 0 || a.ID != [16]byte{1, 2, 15: 16} {
		t.Fatalf("%+v, %v", a, err)
	}
}

func TestACutAnswerIsRefused(t *testing.T) {
	whole := sample()
	end := bytes.Index(whole, []byte{1, 2, 0}) + 16
	for n := range end {
		if a, err := readAnswer(whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes: %+v", n, len(whole), a)
		}
	}
	if _, err := readAnswer(whole[:end]); err != nil {
		t.Fatal(err)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add(sample())
	f.Add([]byte{0, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0, 12})
	f.Add([]byte{3, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := readAnswer(b); err == nil && a == nil {
			t.Fatal("nothing")
		}
		_, _ = readVersions(b)
	})
}
