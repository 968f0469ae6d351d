package replication

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// Publisher is given the changes.
type Publisher interface {
	// Publish takes changes in commit order, and waits while too much is on its way. It keeps nothing of them.
	Publish(ctx context.Context, changes []change.Change) error
	// Commit says that every change before end was given to Publish.
	Commit(end change.LSN)
	// Confirmed is the greatest end for which every change before it is safe; 0 at the start.
	Confirmed() change.LSN
	// Flush waits until everything given is safe.
	Flush(ctx context.Context) error
	// Published is the greatest commit, as in a Position, that the tables' topics end with; 0 where they hold none.
	Published(ctx context.Context, tables []source.Name) (change.LSN, error)
}

// Snapshotter reads the tables of a snapshot, and publishes their rows beside the stream's changes.
type Snapshotter interface {
	// Copy notes, in what is remembered, each table of which every row is safe.
	Copy(ctx context.Context, snapshot *source.Snapshot, remembered *state.Store) error
}

// Replicator replicates. Its Run may be called once.
type Replicator struct {
	cfg         Config
	publisher   Publisher
	snapshotter Snapshotter
	log         *zap.Logger

	control    *source.Session // prepares
	lease      *lease
	state      *state.Store
	stream     *source.Session // what the stream asks meanwhile
	catalog    *catalog
	decoder    *decoder
	textOnly   bool       // binary has failed once
	copyFailed bool       // the first snapshot of all tables has failed once
	server     *server    // as it was found last
	connected  bool       // for replication, once
	stale      change.LSN // what was confirmed when the timeline changed
	leftOut    atomic.Pointer[[]LeftOut]
	look       time.Duration // between two looks at the tables
	readEvery  time.Duration // between two looks at the slot
	reading    atomic.Pointer[SlotReading]
	standing   atomic.Pointer[Standing]
}

// New makes a Replicator; it does not connect yet.
func New(cfg Config, publisher Publisher, snapshotter Snapshotter, log *zap.Logger) (*Replicator, error) {
	remembered, err := state.New(cfg.DSN, cfg.Slot)
	if err != nil {
		return nil, err
	}
	var sessions [3]*source.Session
	for i := range sessions {
		s, err := source.NewSession(cfg.DSN)
		if err != nil {
			return nil, err
		}
		sessions[i] = s.UseCatalogOnly()
	}
	stream := sessions[1]
	c := &catalog{session: stream, types: source.NewTypes(stream), log: log}
	r := &Replicator{
		cfg: cfg, publisher: publisher, snapshotter: snapshotter, log: log,
		control: sessions[0],
		lease:   &lease{session: sessions[2], slot: cfg.Slot},
		state:   remembered,
		stream:  stream,
		catalog: c,
		look:    lookAtTables, readEvery: readSlotEvery,
		decoder: newDecoder(cfg.Epoch, c, &currentRows{session: stream}),
	}
	r.enter(Preparing, nil)
	return r, nil
}

// ErrSlotBusy says that another producer has the slot.
var ErrSlotBusy = errors.New("another producer has the slot")

// Run replicates until ctx ends, which is no error, or until somebody must mend something: then the error is a
// *source.Refusal, or what the Publisher failed with. From everything else it recovers, as often as it takes.
func (r *Replicator) Run(ctx context.Context) error {
	defer r.close()
	defer background(ctx, r.watchSlot)()
	var wait backoff
	standby := false
	for {
		began := time.Now()
		err := r.once(ctx)
		var publish *source.PublishError
		var refusal *source.Refusal
		switch {
		case errors.As(err, &publish), errors.As(err, &refusal):
			return err
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errNotBinary) && !r.textOnly:
			r.log.Info("going on in the text format", zap.Error(err))
			r.textOnly = true
			continue
		case errors.Is(err, errTablesChanged):
			r.log.Info("beginning anew with the tables as they are now", r.where()...)
			continue
		case errors.Is(err, ErrSlotBusy):
			if !standby {
				r.log.Info("standing by: "+err.Error(), r.where()...)
			}
			standby = true
			r.enter(StandingBy, nil)
			wait.standby(ctx)
			continue
		}
		standby = false
		r.enter(Preparing, err)
		r.close() // what cut one connection may have cut the others
		pause := wait.next(time.Since(began))
		r.log.Warn("replication was interrupted", append(r.where(), zap.Error(err), zap.Duration("again_in", pause))...)
		sleep(ctx, pause)
	}
}

func (r *Replicator) where() []zap.Field {
	return []zap.Field{zap.String("server", r.control.Address()), zap.String("slot", r.cfg.Slot)}
}

func (r *Replicator) close() {
	r.control.Close()
	r.lease.session.Close()
	r.state.Close()
	r.stream.Close()
}

// once replicates as the only one.
func (r *Replicator) once(ctx context.Context) error {
	conn, err := r.control.Conn(ctx)
	if err != nil {
		return err
	}
	if r.server, err = verifyServer(ctx, conn); err != nil {
		return err
	}
	if err := r.lease.take(ctx); err != nil {
		return err
	}
	return beside(ctx, r.replicate, r.lease.keep)
}

// replicate prepares and streams, and takes the snapshots that are due.
func (r *Replicator) replicate(ctx context.Context) error {
	plan, err := r.prepare(ctx)
	if err != nil {
		return err
	}
	defer plan.close()
	// There is nothing to stream but what would come before its own snapshot. Where that cannot be had, the stream does not
	// wait for it any longer.
	if plan.everything && !r.copyFailed {
		r.enter(Copying, nil)
		if err := r.takeDue(ctx, plan, 0); err != nil {
			r.copyFailed = true
			return err
		}
	}
	return beside(ctx,
		func(ctx context.Context) error { return r.follow(ctx, plan) },
		func(ctx context.Context) error {
			return beside(ctx,
				func(ctx context.Context) error { return r.takeSnapshots(ctx, plan) },
				func(ctx context.Context) error { return r.watchTables(ctx, plan) })
		})
}

// background runs f until stop is called.
func background(ctx context.Context, f func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// beside runs two until both have ended. The first that fails ends the other, and its error is given.
func beside(ctx context.Context, first, second func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() {
		err := second(ctx)
		if err != nil {
			cancel(err)
		}
		ended <- err
	}()
	err := first(ctx)
	cancel(err)
	if secondErr := <-ended; err == nil {
		err = secondErr
	}
	return err
}
