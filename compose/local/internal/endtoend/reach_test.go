package endtoend

import (
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"eventsync/compose/local/clickhouse"
)

// Nothing is reachable: run says so with address and reason and lives on; what is to end, ends with exit code 1, and
// says the same; the password is nowhere.
func TestNothingReachable(t *testing.T) {
	f := newFixture(t)
	f.config("  - source: public.t\n")
	producer, consumer := f.runProducer(), f.runConsumer()
	for _, c := range []struct{ binary, command string }{
		{f.binaries.Producer, "check"}, {f.binaries.Consumer, "check"}, {f.binaries.Consumer, "status"},
	} {
		out, code := f.command(c.binary, c.command)
		if code != 1 || !strings.Contains(out, closed) || !strings.Contains(out, "connection refused") || strings.Contains(out, "hunter2") {
			t.Errorf("%s: exit code %d, output %s", c.command, code, out)
		}
	}
	producer.says("WARN", closed, "connection refused")
	consumer.says("WARN", "ClickHouse", closed, "connection refused")
	if lines := producer.lines("hunter2"); len(lines) > 0 {
		t.Errorf("the password is in the log: %v", lines)
	}
}

// Servers that take a connection and say nothing, as a firewall's far side may: every command gives up in its time, and
// names the address; a program that waits for them ends in order.
func TestSilentServers(t *testing.T) {
	f := newFixture(t)
	pg, kafka, click := f.silent(), f.silent(), f.silent()
	f.addresses.Postgres, f.addresses.Kafka, f.addresses.ClickHouse = "postgres://nobody@"+pg+"/none", kafka, click
	f.config("  - source: public.t\n")
	producer, consumer := f.runProducer(), f.runConsumer()
	var commands sync.WaitGroup
	for _, c := range []struct {
		binary, command string
		says            []string
	}{
		{f.binaries.Producer, "check", []string{pg, kafka}},
		{f.binaries.Consumer, "check", []string{kafka, click}},
		{f.binaries.Consumer, "status", []string{kafka}},
	} {
		commands.Go(func() {
			out, code, err := f.execute(c.binary, c.command)
			for _, address := range c.says {
				if err != nil || code != 1 || !strings.Contains(out, address) {
					t.Errorf("%s: exit code %d, %v, not a word of %s: %s", c.command, code, err, address, out)
				}
			}
		})
	}
	commands.Wait()
	consumer.says("WARN", "ClickHouse", click)
	producer.says("WARN", "replication was interrupted", pg)
}

// What answers is not called silent, nor what is silent fine, whichever is asked first.
func TestCheckTellsServicesApart(t *testing.T) {
	f := newFixture(t)
	f.start()
	f.postgres(source)
	f.query(target)
	for _, c := range []struct {
		name, binary, problem, ok string
		silence                   *string
	}{
		{"producer", f.binaries.Producer, "PostgreSQL", "Kafka: topic cdc.public.t", &f.addresses.Postgres},
		{"consumer", f.binaries.Consumer, "Kafka", "target t", &f.addresses.Kafka},
	} {
		was := *c.silence
		*c.silence = f.silent()
		if c.name == "producer" {
			*c.silence = "postgres://nobody@" + *c.silence + "/none"
		}
		f.config("  - source: public.t\n")
		out, code := f.command(c.binary, "check")
		if code != 1 || !strings.Contains(out, "PROBLEM: "+c.problem) || !strings.Contains(out, "ok: "+c.ok+"\n") {
			t.Errorf("%s: exit code %d, output %s", c.name, code, out)
		}
		*c.silence = was
	}
}

// silent is the address of a server that takes connections, by the system's hand, and says nothing.
func (f *fixture) silent() string {
	f.Helper()
	l, err := new(net.ListenConfig).Listen(f.Context(), "tcp", "127.0.0.1:0")
	f.must(err)
	f.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// A service that is away at the start: the programs say so, less and less often, end in order when they are asked to,
// and go on when it comes.
func TestServiceThatComesLate(t *testing.T) {
	t.Run("PostgreSQL", func(t *testing.T) {
		f := lateFixture(t)
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(f.stack.Postgres.Port()))
		f.must(f.stack.Postgres.Stop(t.Context()))
		f.late(f.binaries.Producer, func() error { return f.stack.Postgres.Restart(t.Context()) }, "replication was interrupted", address)
	})
	t.Run("Kafka", func(t *testing.T) {
		f := lateFixture(t)
		f.must(f.stack.Broker.Stop(t.Context()))
		f.late(f.binaries.Producer, func() error { return f.stack.Broker.Restart(t.Context()) }, "cannot read the topic's ends", f.addresses.Kafka)
	})
	t.Run("ClickHouse", func(t *testing.T) {
		f := lateFixture(t)
		f.must(f.stack.ClickHouse.Stop(t.Context()))
		f.late(f.binaries.Consumer, f.restartClickHouse, "waiting for ClickHouse", f.addresses.ClickHouse)
	})
}

func lateFixture(t *testing.T) *fixture {
	f := newFixture(t)
	f.start()
	f.postgres(source)
	f.insert(1, 10, "a")
	f.query(target)
	f.config("  - source: public.t\n")
	return f
}

// late runs everything while a service is away, and brings it back after a while. The binary complains meanwhile.
func (f *fixture) late(binary string, back func() error, complaint, address string) {
	f.Helper()
	began := time.Now()
	first, other := f.run("first", binary), f.run("other", f.other(binary))
	var told []time.Duration
	f.eventually("growing pauses between complaints", func() bool {
		told = pauses(first.lines("WARN", complaint, address, "refused"))
		return len(told) > 2 && told[len(told)-1] >= 4*told[0]
	})
	// What it said it would wait, it waited: anything else would be a flood.
	waited := time.Since(began)
	for _, p := range told[:len(told)-1] {
		waited -= p
	}
	if waited < 0 {
		f.Errorf("it said %d times that it would wait, %v longer than it ran", len(told), -waited)
	}
	first.stop()
	other.stop()

	second := f.run("second", binary)
	f.run("beside-the-second", f.other(binary))
	second.says("WARN", complaint, address, "refused")
	f.must(back())
	f.arrives(10)
}

// ClickHouse goes away before the consumer has its first partition: it waits, rather than give the partition up.
func TestClickHouseAwayAtTheFirstClaim(t *testing.T) {
	f := lateFixture(t)
	consumer := f.runConsumer()
	consumer.says("WARN", "topics do not exist yet", "cdc.public.t")
	f.must(f.stack.ClickHouse.Kill())
	f.runProducer()
	consumer.says("WARN", "waiting for ClickHouse", "cdc.public.t", f.addresses.ClickHouse)
	f.must(f.restartClickHouse())
	f.arrives(10)
	if lines := consumer.lines("ERROR"); len(lines) > 0 {
		t.Errorf("a server that comes back is no error: %v", lines)
	}
}

// other is the other binary.
func (f *fixture) other(binary string) string {
	if binary == f.binaries.Producer {
		return f.binaries.Consumer
	}
	return f.binaries.Producer
}

var pause = regexp.MustCompile(`"(?:again_in|after|next|pause)": "([^"]+)"`)

// pauses are those that the lines tell.
func pauses(lines []string) (p []time.Duration) {
	for _, l := range lines {
		if m := pause.FindStringSubmatch(l); m != nil {
			if d, err := time.ParseDuration(m[1]); err == nil {
				p = append(p, d)
			}
		}
	}
	return p
}

// restartClickHouse starts it again where it was.
func (f *fixture) restartClickHouse() error {
	command, err := gateway()
	if err != nil {
		return err
	}
	f.stack.ClickHouse, err = clickhouse.Start(f.Context(), clickhouse.Config{Dir: filepath.Join(f.dir, "clickhouse"), Addr: f.addresses.ClickHouse, Program: command})
	return err
}
