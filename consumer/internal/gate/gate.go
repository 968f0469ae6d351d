package gate

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/isolated"
	"go.uber.org/zap"

	"eventsync/pkg/config"
)

const (
	// readInterval is how often the definitions are read: a change waits half as long on average.
	readInterval = 100 * time.Millisecond
	// tickInterval is how long a verdict holds at most.
	tickInterval = time.Second
)

// provider is an OpenFeature provider whose definitions are read when the gate says so.
type provider interface {
	openfeature.FeatureProvider
	// read reads the definitions. Its error says why there are none that are up to date.
	read() (changed bool, err error)
}

// Gate holds the verdict of one flag. Its methods may be called at the same time.
type Gate struct {
	flag     string
	provider provider
	api      *openfeature.EvaluationAPI
	client   *openfeature.Client
	log      *zap.Logger

	verdict atomic.Pointer[Verdict]
	mu      sync.Mutex
	changed chan struct{}

	stop context.CancelFunc
	done chan struct{}
}

// Open begins to watch a flag. That the flag cannot be read is no error here: it is the verdict's. Close the gate in the
// end.
func Open(ctx context.Context, cfg config.Gate, log *zap.Logger) (*Gate, error) {
	if cfg.Flag == "" {
		return nil, fmt.Errorf("gate.flag is empty: give the key of the flag that lets changes through")
	}
	p, err := newProvider(cfg, log)
	if err != nil {
		return nil, err
	}
	api := isolated.NewAPI()
	if err := api.SetProviderAndWait(ctx, p); err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	g := &Gate{
		flag: cfg.Flag, provider: p, api: api, client: api.NewClient(), log: log.With(zap.String("flag", cfg.Flag)),
		changed: make(chan struct{}), stop: stop, done: make(chan struct{}),
	}
	g.verdict.Store(&Verdict{})
	changed, err := p.read()
	g.judge(running, changed, err)
	go g.run(running)
	return g, nil
}

func newProvider(cfg config.Gate, log *zap.Logger) (provider, error) {
	switch cfg.Provider {
	case "file":
		if cfg.File == "" {
			return nil, fmt.Errorf("gate.file is empty: give the file that defines flag %s", cfg.Flag)
		}
		return newFileProvider(cfg.File, log)
	default:
		return nil, fmt.Errorf("gate.provider %q is not known: file is", cfg.Provider)
	}
}

// Verdict is the verdict of the current tick. It costs next to nothing.
func (g *Gate) Verdict() Verdict { return *g.verdict.Load() }

// Changed is closed when the gate opens or closes next. Ask for it before the verdict, or a change between the two is
// missed.
func (g *Gate) Changed() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changed
}

// Close ends the watch. The last verdict stays.
func (g *Gate) Close() error {
	g.stop()
	<-g.done
	if err := g.api.Shutdown(context.Background()); err != nil {
		return fmt.Errorf("gate: %w", err)
	}
	return nil
}

// run is the gate's goroutine.
func (g *Gate) run(ctx context.Context) {
	defer close(g.done)
	ticker := time.NewTicker(readInterval)
	defer ticker.Stop()
	unread := g.verdict.Load().Err != nil
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		changed, err := g.provider.read()
		if changed || unread != (err != nil) || time.Since(last) >= tickInterval {
			unread, last = err != nil, time.Now()
			g.judge(ctx, changed, err)
		}
	}
}
