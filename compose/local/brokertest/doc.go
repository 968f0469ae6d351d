// Package brokertest runs one integration test against the in-process broker and against Apache Kafka.
//
//	func TestMain(m *testing.M) { brokertest.Main(m) }
//
//	func TestPublish(t *testing.T) {
//		brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
//			topic := b.Topic(t, 4, nil)
//			... a client of b.Addr ...
//		})
//	}
//
// The environment variable EVENTSYNC_KAFKA says which brokers a test runs against:
//
//	auto   the in-process one (also if it is not set)
//	real   Apache Kafka
//	both   one after the other
//
// It promises:
//
//   - A test against the in-process broker has one for itself. Apache Kafka is started once per test process, when first
//     needed, and stopped by Main; the topics and groups it hands out are a test's own.
//   - A broker that was asked for and cannot run skips the test and says so, and fails it where CI is set: nothing is
//     passed over in silence.
//   - Main fails a package whose tests leave goroutines behind; NoLeak finds the test.
package brokertest
