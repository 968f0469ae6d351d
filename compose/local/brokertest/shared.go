package brokertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"eventsync/compose/local/kafka"
)

// shared is the one Apache Kafka of this process.
var shared kafkaOnce

// kafkaOnce starts a broker when first asked for one. A start that failed is not tried again: each test would wait for it.
type kafkaOnce struct {
	mu     sync.Mutex
	inMain bool // there is a Main to stop it
	tried  bool
	dir    string
	server *kafka.Server
	err    error
}

// expect tells that stop will be called.
func (k *kafkaOnce) expect() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.inMain = true
}

func (k *kafkaOnce) start() (addr string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.inMain {
		return "", errors.New("nothing would stop Apache Kafka: let this package have `func TestMain(m *testing.M) { brokertest.Main(m) }`")
	}
	if !k.tried {
		k.tried = true
		k.err = k.launch()
	}
	if k.err != nil {
		return "", k.err
	}
	return k.server.Addr(), nil
}

func (k *kafkaOnce) launch() (err error) {
	if k.dir, err = os.MkdirTemp("", "eventsync-brokertest-"); err != nil {
		return fmt.Errorf("make a directory for Apache Kafka: %w", err)
	}
	// No test's context: the broker outlives the test that needs it first. The start is bounded by itself.
	k.server, err = kafka.Start(context.Background(), kafka.Config{Dir: k.dir})
	return err
}

func (k *kafkaOnce) stop() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var errs []error
	if k.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		errs = append(errs, k.server.Stop(ctx))
	}
	if k.dir != "" {
		errs = append(errs, os.RemoveAll(k.dir))
	}
	return errors.Join(errs...)
}
