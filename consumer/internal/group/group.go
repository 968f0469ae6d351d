package group

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/kafkaclient"
)

// Config says which group, and for which topics.
type Config struct {
	ID     string
	Topics []string
	// SessionTimeout is how long this member may be silent before its partitions move to another.
	SessionTimeout time.Duration
	// StopTimeout is how long workers may take to stop when a generation ends.
	StopTimeout time.Duration
	// LeaveTimeout is how long leaving the group may take.
	LeaveTimeout time.Duration
	// FirstRetry and LastRetry are how long a worker that failed waits before it is tried again: twice as long each time.
	FirstRetry, LastRetry time.Duration
	// WatchInterval is how often topics are looked at for new partitions, and for topics that were missing.
	WatchInterval time.Duration
}

// DefaultConfig is all but the group's name and topics.
func DefaultConfig() Config {
	return Config{
		SessionTimeout: 10 * time.Second,
		StopTimeout:    5 * time.Second,
		LeaveTimeout:   3 * time.Second,
		FirstRetry:     30 * time.Second,
		LastRetry:      10 * time.Minute,
		WatchInterval:  2 * time.Second,
	}
}

func (c *Config) validate() error {
	switch {
	case c.ID == "":
		return fmt.Errorf("the group has no name")
	case len(c.Topics) == 0:
		return fmt.Errorf("group %s: there is no topic", c.ID)
	case c.SessionTimeout <= 0, c.StopTimeout <= 0, c.LeaveTimeout <= 0, c.FirstRetry <= 0, c.LastRetry < c.FirstRetry, c.WatchInterval <= 0:
		return fmt.Errorf("group %s: a timeout is missing: begin with DefaultConfig", c.ID)
	}
	return nil
}

// Worker processes a claimed partition until ctx ends, which it does when the generation does. It returns nil when
// there is nothing left to do in this generation, and an error when it cannot go on: it is run again later. After a
// commit that was refused or had no answer the generation ends.
type Worker func(ctx context.Context, c *Claim) error

// Group is one member of a consumer group.
type Group struct {
	cfg    Config
	client *kafkaclient.Client
	log    *zap.Logger

	mu         sync.Mutex
	stopped    map[Partition]Stopped
	membership Membership
}

// New makes a member, which joins when it is run.
func New(client *kafkaclient.Client, cfg Config, log *zap.Logger) (*Group, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Group{cfg: cfg, client: client, log: log.With(zap.String("group", cfg.ID)), stopped: map[Partition]Stopped{}, membership: Membership{Since: time.Now()}}, nil
}

// Run runs w for every partition that this member has, until ctx ends. It returns when the workers have stopped and
// this member has left the group.
func (g *Group) Run(ctx context.Context, w Worker) error {
	for {
		topics, err := g.awaitTopics(ctx)
		if err != nil {
			return err
		}
		if err := g.session(ctx, topics, w); err != nil {
			return err
		}
	}
}
