package whole

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/consumer/internal/batch"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/simulation/stage"
	"eventsync/consumer/internal/simulation/standin"
	"eventsync/pkg/change"
)

var (
	_ batch.Server     = (*server)(nil)
	_ partition.Target = (*server)(nil)
)

// server is a member's way to the table: it takes blocks, and understands the queries that a batch asks.
type server struct {
	w         *world
	partition int // of the topic, that it is for
	net       *network
	dice      *stage.Dice
}

// failure is what the way to the table can say.
type failure struct {
	what                       string
	again, refuses, unanswered bool
}

func (f *failure) Error() string     { return f.what }
func (f *failure) Again() bool       { return f.again }
func (f *failure) RefusesRows() bool { return f.refuses }
func (f *failure) Unanswered() bool  { return f.unanswered }

var _ partition.Failure = (*failure)(nil)

// ask reaches the server, unless it is away or the member is dead.
func (s *server) ask(ctx context.Context) error {
	if err := s.net.pass(ctx.Done()); err != nil {
		return &failure{what: err.Error(), again: true}
	}
	select {
	case <-ctx.Done():
		return &failure{what: ctx.Err().Error(), again: true}
	case <-time.After(s.dice.UpTo(20 * time.Millisecond)):
	}
	if s.w.isAway() {
		return &failure{what: "connection refused", again: true}
	}
	return nil
}

// Insert implements batch.Server.
func (s *server) Insert(ctx context.Context, table, token string, block proto.Input) error {
	if table != tableName {
		return fmt.Errorf("there is no table %s", table)
	}
	rows, err := rowsOf(block)
	if err != nil {
		return err
	}
	sent := time.Now()
	if err := s.ask(ctx); err != nil {
		return err
	}
	var parts []int
	for _, r := range rows {
		if s.w.source.isRefused(r) {
			return &failure{what: fmt.Sprintf("row %v violates a constraint", r), refuses: true}
		}
		if !slices.Contains(parts, r.Partition) {
			parts = append(parts, r.Partition)
		}
	}
	s.w.note(token, rows)
	return s.deliver(ctx, sent, token, rows, len(parts)+1)
}

// deliver is all that can become of a block on its way, which has its parts and the view's. Where the member froze after it
// had begun to send, it has sent the block before: that is all that a frozen process can do behind its lease's back.
func (s *server) deliver(ctx context.Context, sent time.Time, token string, rows []standin.Row, parts int) error {
	var death *standin.Death
	var answer error
	took, views := s.dice.UpTo(100*time.Millisecond), s.w.views
	switch what := s.dice.Intn(30); {
	case s.w.isQuiet() || what > 5:
	case what == 0:
		return &failure{what: "too many parts", again: true}
	case what == 1:
		death = &standin.Death{Parts: s.dice.Intn(parts)}
	case what == 2 && s.w.can.burnt && !views && s.dice.Intn(2) == 0: // with views nothing can be promised then
		death = &standin.Death{Parts: s.dice.Intn(parts - 1), Forgot: true}
	case what == 2 && s.w.can.burnt:
		s.w.excuse(rows)
		death = &standin.Death{Parts: s.dice.Intn(parts), Burnt: true}
	case what == 3:
		return &failure{what: "no answer", again: true, unanswered: true} // and it never lands
	case what == 4:
		took, answer = s.dice.UpTo(landing), &failure{what: "no answer", again: true, unanswered: true}
	default:
		answer = &failure{what: "the answer is lost", again: true, unanswered: true}
	}
	if left := time.Until(sent.Add(settled - time.Second)); took > left {
		took = max(0, left)
	}
	landed, life := make(chan bool, 1), s.w.died.Load()
	s.w.late.Go(func() { // whatever becomes of the member
		<-time.After(took)
		alive := s.w.died.Load() == life
		if alive {
			s.w.land(s.net.name, token, rows, death)
		}
		landed <- alive && death == nil
	})
	if took > time.Second {
		return answer // long before it lands
	}
	select {
	case alive := <-landed:
		if !alive {
			answer = &failure{what: "the server died", again: true, unanswered: true}
		}
	case <-ctx.Done():
	case <-s.net.dead:
	}
	if err := s.net.pass(ctx.Done()); err != nil || ctx.Err() != nil {
		return &failure{what: "the connection broke", again: true, unanswered: true}
	}
	return answer
}

// rowsOf reads a block as the server does.
func rowsOf(block proto.Input) ([]standin.Row, error) {
	var ids proto.ColInt64
	var parts proto.ColUInt8
	var versions proto.ColUInt64
	for name, column := range map[string]proto.ColResult{"id": &ids, "part": &parts, batch.VersionColumn: &versions} {
		at := slices.IndexFunc(block, func(c proto.InputColumn) bool { return c.Name == name })
		if at < 0 {
			return nil, fmt.Errorf("the block has no column %s", name)
		}
		var b proto.Buffer
		block[at].Data.EncodeColumn(&b)
		if err := column.DecodeColumn(proto.NewReader(bytes.NewReader(b.Buf)), block[at].Data.Rows()); err != nil {
			return nil, fmt.Errorf("column %s: %w", name, err)
		}
	}
	rows := make([]standin.Row, len(ids))
	for i := range rows {
		rows[i] = standin.Row{ID: ids[i], Partition: int(parts[i]), Version: change.Version(versions[i])}
	}
	return rows, nil
}

const tableName = "t"

var (
	queryShape = regexp.MustCompile("^SELECT materialize\\([^`]*`id`[^`]*\\), materialize\\([^`]*`_version`[^`]*\\) FROM `" + tableName + "` WHERE (.*)$")
	between    = regexp.MustCompile("^`id` BETWEEN (-?[0-9]+)$")
	bound      = regexp.MustCompile("^(?:`_version` (>=|<=) )?(-?[0-9]+)$")
)

// Select implements batch.Server.
func (s *server) Select(ctx context.Context, query string, result proto.Results, onBlock func(rows int) error) error {
	within, err := parse(query)
	if err != nil {
		return err
	}
	if err := s.ask(ctx); err != nil {
		return err
	}
	var ids proto.ColInt64
	var versions proto.ColUInt64
	for _, r := range s.w.rows() {
		if within(r) {
			ids, versions = append(ids, r.ID), append(versions, uint64(r.Version))
		}
	}
	for i, c := range []proto.ColInput{&ids, &versions} {
		var b proto.Buffer
		c.EncodeColumn(&b)
		if err := result[i].Data.DecodeColumn(proto.NewReader(bytes.NewReader(b.Buf)), len(ids)); err != nil {
			return err
		}
	}
	return onBlock(len(ids))
}

// parse understands the condition of a query.
func parse(query string) (func(standin.Row) bool, error) {
	m := queryShape.FindStringSubmatch(query)
	if m == nil {
		return nil, fmt.Errorf("the stand-in does not know the query %q", query)
	}
	least, greatest := standin.Row{ID: -1 << 62}, standin.Row{ID: 1 << 62, Version: 1 << 62}
	for _, term := range strings.Split(m[1], " AND ") {
		if f := between.FindStringSubmatch(term); f != nil {
			least.ID, _ = strconv.ParseInt(f[1], 10, 64)
			continue
		}
		f := bound.FindStringSubmatch(term)
		if f == nil {
			return nil, fmt.Errorf("the stand-in does not know the condition %q of %q", term, query)
		}
		n, _ := strconv.ParseInt(f[2], 10, 64)
		switch f[1] {
		case ">=":
			least.Version = change.Version(n)
		case "<=":
			greatest.Version = change.Version(n)
		default: // the other end of BETWEEN
			greatest.ID = n
		}
	}
	return func(r standin.Row) bool {
		return r.ID >= least.ID && r.ID <= greatest.ID && r.Version >= least.Version && r.Version <= greatest.Version
	}, nil
}

// Remembers implements partition.Target.
func (s *server) Remembers(ctx context.Context, since time.Time) (bool, error) {
	if err := s.ask(ctx); err != nil {
		return false, err
	}
	return s.w.table.Remembers(since), nil
}

// Started implements partition.Target.
func (s *server) Started(ctx context.Context) (time.Time, error) {
	err := s.ask(ctx)
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return s.w.started, err
}

// HasViews implements partition.Target.
func (s *server) HasViews(ctx context.Context) (bool, error) { return s.w.views, s.ask(ctx) }

// DeleteBelow implements partition.Target.
func (s *server) DeleteBelow(ctx context.Context, version change.Version) error {
	if err := s.ask(ctx); err != nil {
		return err
	}
	s.w.Say("%s removes what is older than %d, for partition %d", s.net.name, version, s.partition)
	s.w.empty(s.partition, version)
	return nil
}
