package brokertest

import (
	"crypto/rand"
	"strings"
	"testing"
)

// maxName keeps a name well below Kafka's 249 characters, and leaves room for what a program may append.
const maxName = 120

// Name is a name for a topic, a group or a transaction that nothing else has, with the test's own in it.
func Name(t *testing.T) string {
	t.Helper()
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '-' // not "." or "_", which Kafka takes for the same in metrics and warns of
	}, t.Name())
	unique := strings.ToLower(rand.Text()[:8])
	return name[max(0, len(name)-maxName):] + "-" + unique
}

// Group is the name of a consumer group of the test's own.
func (b *Broker) Group(t *testing.T) string {
	t.Helper()
	return Name(t)
}
