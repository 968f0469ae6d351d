package endtoend

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"eventsync/compose/local/process"
)

// A consumer that is told to end does so within its drain time, whatever does not answer: it would end with another exit
// code otherwise. What it had not done, the next one does.
func TestConsumerEndsInTime(t *testing.T) {
	for name, silence := range map[string]func(f *fixture) (back func() error){
		"ClickHouse is frozen": func(f *fixture) func() error {
			pid := f.stack.ClickHouse.Pid()
			f.must(syscall.Kill(pid, syscall.SIGSTOP))
			return func() error { return syscall.Kill(pid, syscall.SIGCONT) }
		},
		"Kafka is gone": func(f *fixture) func() error {
			f.must(f.stack.Broker.Stop(f.Context()))
			return func() error { return f.stack.Broker.Restart(f.Context()) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := lateFixture(t)
			port, err := process.FreePort()
			f.must(err)
			address := fmt.Sprintf("127.0.0.1:%d", port)
			f.amend("session_timeout: 3s", fmt.Sprintf("session_timeout: 3s, drain_timeout: 4s, listen: %q", address))
			f.runProducer()
			consumer := f.runConsumer()
			f.arrives(10)
			if got := ready(address); got != "200 ok" {
				t.Errorf("/readyz is %q", got)
			}
			back := silence(f)
			f.Cleanup(func() { _ = back() })
			f.insert(11, 50, "b")
			f.eventually("server that is found away", func() bool {
				return strings.Contains(get(address, "/metrics"), "_up 0\n")
			})
			f.must(consumer.Signal(syscall.SIGTERM))
			f.eventually("consumer that is not ready any more", func() bool { return ready(address) != "200 ok" })
			<-consumer.Done()
			consumer.over = true
			if err := consumer.Err(); err != nil {
				t.Errorf("it did not end in time: %v", err)
			}
			f.must(back())
			f.run("heir", f.binaries.Consumer)
			f.arrives(50)
			f.equal(pair())
		})
	}
}

// ready is the status and what /readyz says.
func ready(address string) string { return get(address, "/readyz") }

func get(address, path string) string {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + address + path)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	if path == "/metrics" {
		return string(b)
	}
	return fmt.Sprintf("%d %s", response.StatusCode, strings.TrimSpace(string(b)))
}
