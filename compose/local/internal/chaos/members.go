package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"eventsync/compose/local/programs"
)

// member is one program, which runs or not. It belongs to one goroutine.
type member struct {
	name, binary, config, log string
	running                   *programs.Program
}

func (m *member) start() (err error) {
	m.running, err = programs.Run(m.binary, m.name, m.config, m.log)
	return err
}

// died says that it has ended by itself, which it must not.
func (m *member) died() error {
	if m.running == nil {
		return nil
	}
	select {
	case <-m.running.Done():
		return fmt.Errorf("%w; its log is %s", m.running.EndedEarly(), m.log)
	default:
		return nil
	}
}

func (m *member) kill() error {
	if err := m.died(); err != nil {
		return err
	}
	p := m.running
	m.running = nil
	return p.Kill()
}

func (m *member) signal(s syscall.Signal) error { return syscall.Kill(m.running.Pid(), s) }

func (m *member) stop(ctx context.Context) error {
	if m.running == nil {
		return nil
	}
	p := m.running
	m.running = nil
	return p.Stop(ctx)
}

const (
	leastMembers = 2
	// asleep outlasts the session, so that whoever sleeps has lost its partitions when it wakes.
	leastAsleep, mostAsleep = 3 * time.Second, 6 * time.Second
	// patience is how long rows may take to come after a burst, while ClickHouse dies as well.
	patience = 2 * time.Minute
)

// killConsumers kills in bursts until ctx ends. With a broker that does not expire members that die while they join, a
// burst is of one.
func (c *chaos) killConsumers(ctx context.Context) error {
	rng := c.random(2)
	for {
		grown, err := c.growth(ctx)
		if err != nil || !grown || !sleep(ctx, between(rng, 0, time.Second)) {
			return err
		}
		burst := 1
		if c.options.ApacheKafka {
			burst = 3 + rng.IntN(4)
		}
		for range burst {
			if !sleep(ctx, between(rng, 100*time.Millisecond, 900*time.Millisecond)) {
				return nil
			}
			if err := c.strike(ctx, rng); err != nil {
				return err
			}
		}
	}
}

// strike ends one consumer, or lets it sleep, and has others start: there are two to four.
func (c *chaos) strike(ctx context.Context, rng *rand.Rand) error {
	running := 0
	for _, m := range c.members {
		if err := m.died(); err != nil {
			return err
		}
		if m.running != nil {
			running++
		}
	}
	order := rng.Perm(len(c.members))
	struck := false
	for _, i := range order {
		m := c.members[i]
		switch {
		case m.running == nil && (running < leastMembers || rng.IntN(2) == 0):
			if err := m.start(); err != nil {
				return err
			}
			running++
		case m.running != nil && !struck && rng.IntN(12) == 0:
			struck = true
			c.kills.frozen.Add(1)
			if err := m.sleep(ctx, between(rng, leastAsleep, mostAsleep)); err != nil {
				return err
			}
		case m.running != nil && !struck:
			struck = true
			running--
			c.kills.consumers.Add(1)
			if err := m.kill(); err != nil {
				return err
			}
		}
	}
	if running < leastMembers {
		return c.members[order[0]].wake()
	}
	return nil
}

// wake starts it unless it runs.
func (m *member) wake() error {
	if m.running != nil {
		return nil
	}
	return m.start()
}

// sleep stops it as a frozen machine would be, and lets it go on.
func (m *member) sleep(ctx context.Context, d time.Duration) error {
	if err := m.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	sleep(ctx, d)
	return m.signal(syscall.SIGCONT)
}

// growth waits until both targets have more rows than now. It reports false when ctx ended first.
func (c *chaos) growth(ctx context.Context) (bool, error) {
	var before map[string]int64
	deadline := time.Now().Add(patience)
	for sleep(ctx, 100*time.Millisecond) {
		now, err := c.targets(ctx)
		switch {
		case err != nil: // ClickHouse is away
		case before == nil:
			before = now
		case now["items"] > before["items"] && now["facts"] > before["facts"]:
			return true, nil
		}
		if time.Now().After(deadline) {
			return false, fmt.Errorf("no new row in ClickHouse for %v; the logs are %s", patience, c.path("*.log"))
		}
	}
	return false, nil
}
