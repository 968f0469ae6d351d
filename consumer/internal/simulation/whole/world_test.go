package whole

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/simulation/stage"
	"eventsync/consumer/internal/simulation/standin"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// Times, in the proportions that the product has.
const (
	session       = 6 * time.Second
	landing       = 10 * time.Second // what the server takes for an insert at most
	settled       = session + landing
	batchInterval = 50 * time.Millisecond
	batchWait     = 200 * time.Millisecond
	firstRetry    = 500 * time.Millisecond
	lastRetry     = 5 * time.Second
	longest       = 2 * time.Hour // a world that has not ended by then has no end
)

// faults are what a world does to its members.
type faults struct {
	kills, freezes, commits, repeats, burnt, partitions, overflow, truncate, letters, gate, brokers bool
}

var worlds = []struct {
	name string
	can  faults
}{
	{"killed members", faults{kills: true, repeats: true}},
	{"zombies", faults{freezes: true, partitions: true}},
	{"zombies and overflowing windows", faults{freezes: true, overflow: true, burnt: true}},
	{"commits lost and late", faults{commits: true, kills: true}},
	{"burnt tokens and overflowing windows", faults{kills: true, burnt: true, overflow: true, partitions: true}},
	{"truncates and dead letters", faults{kills: true, freezes: true, truncate: true, letters: true}},
	{"brokers", faults{brokers: true, commits: true, repeats: true}},
	{"everything", faults{kills: true, freezes: true, commits: true, repeats: true, burnt: true, partitions: true, overflow: true, truncate: true, letters: true, gate: true, brokers: true}},
}

// world is all that surrounds the members.
type world struct {
	stage.Story
	stage.Gate
	name    string
	engine  string
	views   bool // somebody looks at what the view has counted
	can     faults
	seed    uint64
	dice    *stage.Dice
	virtual kfake.VirtualNetwork
	cluster *kfake.Cluster
	brokers []string

	compressor *recordbatch.Compressor
	source     *source
	table      *standin.Table

	members []*member // of which some are dead
	born    int
	all     sync.WaitGroup // the members
	late    sync.WaitGroup // inserts on their way
	lines   sync.WaitGroup // connections
	over    chan struct{}  // closed when they are to end
	seen    counters
	died    atomic.Int64 // how often the server has

	mu        sync.Mutex
	lasted    time.Duration
	quiet     bool      // nothing goes wrong any more
	preparing time.Time // since when the group waits for its members to join
	away      time.Time // the server does not answer until then
	started   time.Time // since when the server runs; zero while nobody knows
	facts
}

// counters say what a seed has met.
type counters struct {
	commits, claims, recovered, redone, inserts, retries, letters atomic.Uint64
}

func (c *counters) String() string {
	return fmt.Sprintf("%d commits, %d claims, %d recovered, %d redone, %d inserts, %d retries, %d letters", c.commits.Load(), c.claims.Load(), c.recovered.Load(), c.redone.Load(), c.inserts.Load(), c.retries.Load(), c.letters.Load())
}

func newWorld(seed uint64) *world {
	at := worlds[seed%uint64(len(worlds))]
	w := &world{name: at.name, can: at.can, seed: seed, dice: stage.NewDice(seed, 0), Story: stage.Story{Began: time.Now()}, table: standin.New(10_000), engine: "MergeTree", over: make(chan struct{}), facts: newFacts()}
	if w.dice.Intn(2) == 0 {
		w.engine = "ReplacingMergeTree"
	}
	w.views = w.dice.Intn(2) == 0
	w.Set(true)
	return w
}

// run lets the world go on until everything is committed and has landed.
func (w *world) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	var err error
	if w.cluster, err = kfake.NewCluster(kfake.NumBrokers(3), kfake.Ports(9093, 9094, 9095), kfake.ListenFn(w.virtual.Listen), kfake.SeedTopics(partitions, topic), kfake.GroupMinSessionTimeout(time.Second)); err != nil {
		return err
	}
	defer w.cluster.Close()
	w.brokers = w.cluster.ListenAddrs()
	if w.compressor, err = recordbatch.NewCompressor("lz4"); err != nil {
		return err
	}
	client, err := kafkaclient.New(config.Kafka{Brokers: w.brokers}, "producer", kafkaclient.WithDial(w.virtual.DialContext))
	if err != nil {
		return err
	}
	defer client.Close()
	w.source = &source{w: w, dice: stage.NewDice(w.seed, 1), client: client, refused: map[standin.Row]bool{}}
	published := make(chan struct{})
	go func() {
		defer close(published)
		w.source.run(ctx, 200+w.dice.Intn(200))
	}()
	go w.watch(ctx)
	if err := w.happen(ctx, published); err != nil {
		w.Fail("%v", err)
		cancel()
	}
	for _, m := range w.members {
		m.stop()
	}
	w.all.Wait()
	<-published
	w.late.Wait()
	close(w.over)
	w.lines.Wait()
	w.check()
	return w.Wrong()
}

// happen is what goes on until the members have come to the end of the topic.
func (w *world) happen(ctx context.Context, published <-chan struct{}) error {
	for range 2 + w.dice.Intn(2) {
		if _, err := w.join(ctx); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return fmt.Errorf("no end: %s", w.stand())
		case <-time.After(500*time.Millisecond + w.dice.UpTo(4*time.Second)):
		}
		w.prepares()
		if w.Wrong() != nil {
			return nil
		}
		if n > 40 {
			w.calm()
		}
		select {
		case <-published:
			if w.arrived() {
				return nil
			}
		default:
		}
		if !w.isQuiet() {
			if err := w.trouble(ctx); err != nil {
				return err
			}
		}
	}
}

// calm ends all trouble: from now on everything works.
func (w *world) calm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.quiet, w.away = true, time.Time{}
	w.Set(true)
}

func (w *world) isQuiet() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.quiet
}

func (w *world) isAway() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Before(w.away)
}

// count adds what a worker has met.
func (w *world) count(p partition.Progress) {
	w.seen.recovered.Add(p.Recoveries)
	w.seen.redone.Add(p.Redone)
	w.seen.inserts.Add(p.Inserts)
	w.seen.retries.Add(p.Retries)
	for _, n := range p.Letters {
		w.seen.letters.Add(n)
	}
}
