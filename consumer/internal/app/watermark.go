package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/deadletter"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
)

// Watermarks are the commands that show and mend how far partitions are said to be synced. All but Show want the group's
// consumers to be stopped, and change nothing without Yes.
type Watermarks struct {
	Out    io.Writer
	JSON   bool
	Tables []string // sources or targets; none: all of the config
	Yes    bool
	// Partition, To and Skip are for Set.
	Partition int
	To        string // "earliest", "latest", or an offset
	Skip      bool   // pass the message at the watermark, which becomes a dead letter
}

// mender is what the commands work with.
type mender struct {
	*servers
	cfg    *config.Config
	log    *zap.Logger
	tables []config.Table
}

// with connects.
func (o *Watermarks) with(cfg *config.Config, log *zap.Logger, do func(*mender) error) error {
	tables, err := chosen(cfg, o.Tables)
	if err != nil {
		return err
	}
	at, err := connect(cfg)
	if err != nil {
		return err
	}
	defer at.close()
	return do(&mender{servers: at, cfg: cfg, log: log, tables: tables})
}

// all asks about the partitions of all tables. A topic that is not there yet has none.
func (m *mender) all(ctx context.Context) (all []*watermark, err error) {
	for _, t := range m.tables {
		found, err := m.watermarks(ctx, t)
		if err != nil && !errors.Is(err, kafkaclient.ErrNoTopic) {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// shownWatermark is a watermark as it is printed.
type shownWatermark struct {
	Table     string     `json:"table"`
	Topic     string     `json:"topic"`
	Partition int        `json:"partition"`
	Committed *int64     `json:"committed"`
	Metadata  string     `json:"metadata,omitempty"`
	First     int64      `json:"first"`
	End       int64      `json:"end"`
	Cursor    *int64     `json:"cursor"`
	Group     string     `json:"cursor_group,omitempty"`
	At        *time.Time `json:"cursor_at,omitempty"`
	Problem   string     `json:"problem,omitempty"`
	Fix       string     `json:"fix,omitempty"`
}

// Show prints what is known of the watermarks, and what mends those that are not right.
func (o *Watermarks) Show(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	return o.with(cfg, log, func(m *mender) error {
		all, err := m.all(ctx)
		if err != nil {
			return err
		}
		shown := make([]shownWatermark, len(all))
		for i, w := range all {
			s := shownWatermark{Table: w.table.TargetName(), Topic: w.topic, Partition: w.partition, First: w.log.First, End: w.log.Last}
			if w.committed.Offset >= 0 {
				s.Committed, s.Metadata = &w.committed.Offset, w.committed.Metadata
			}
			if w.cursor != nil {
				s.Cursor, s.Group, s.At = &w.cursor.Offset, w.cursor.Group, &w.cursor.At
			}
			s.Problem, s.Fix = w.problem()
			shown[i] = s
		}
		if o.JSON {
			encoder := json.NewEncoder(o.Out)
			encoder.SetEscapeHTML(false)
			return encoder.Encode(shown)
		}
		return printWatermarks(o.Out, shown)
	})
}

func printWatermarks(out io.Writer, all []shownWatermark) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TABLE\tPARTITION\tCOMMITTED\tTOPIC HAS\tSYNC_CURSORS\tGROUP\tMETADATA")
	for i := range all {
		s := &all[i]
		fmt.Fprintf(w, "%s\t%d\t%s\t%d-%d\t%s\t%s\t%s\n", s.Table, s.Partition, orNone(s.Committed), s.First, s.End, orNone(s.Cursor), s.Group, s.Metadata)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for i := range all {
		if s := &all[i]; s.Problem != "" {
			fmt.Fprintf(out, "PROBLEM: %s, partition %d: %s; to mend it: %s\n", s.Table, s.Partition, s.Problem, s.Fix)
		}
	}
	return nil
}

func orNone(offset *int64) string {
	if offset == nil {
		return "none"
	}
	return strconv.FormatInt(*offset, 10)
}

// Restore mends the partitions that cannot go on, by what sync_cursors and the topic say.
func (o *Watermarks) Restore(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	return o.with(cfg, log, func(m *mender) error {
		all, err := m.all(ctx)
		if err != nil {
			return err
		}
		var remedies []remedy
		var errs []error
		for _, w := range all {
			if w.foreign() {
				errs = append(errs, &OwnerError{Table: w.table.TargetName(), Owner: w.cursor.Group, Group: w.group, At: w.cursor.At})
				continue
			}
			if problem, _ := w.problem(); problem == "" {
				continue
			}
			r, err := w.restored()
			if err == nil {
				err = m.fill(ctx, &r)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s, partition %d: %w", w.table.TargetName(), w.partition, err))
				continue
			}
			remedies = append(remedies, r)
		}
		if len(remedies) == 0 && len(errs) == 0 {
			_, err := fmt.Fprintln(o.Out, "nothing is to be restored")
			return err
		}
		return errors.Join(append(errs, o.apply(ctx, m, remedies))...)
	})
}

// apply shows the remedies, and commits them if it is told to.
func (o *Watermarks) apply(ctx context.Context, m *mender, remedies []remedy) error {
	for _, r := range remedies {
		said := fmt.Sprintf("%s, partition %d: offset %d (%s)", r.table.TargetName(), r.partition, r.offset, r.why)
		if r.lost > 0 {
			said += fmt.Sprintf("; %d messages are lost for sure: run producer snapshot %s", r.lost, r.table.Source)
		}
		if r.passed > 0 {
			said += fmt.Sprintf("; %d messages are passed, and not synced", r.passed)
		}
		if o.Yes {
			err := m.client.Commit(ctx, m.cfg.Consumer.Group, r.topic, r.partition, r.commit)
			if errors.Is(err, kafkaclient.ErrMembers) {
				return fmt.Errorf("stop the consumers of group %s first: %w", m.cfg.Consumer.Group, err)
			}
			if err != nil {
				return err
			}
			said += ": committed"
		}
		fmt.Fprintln(o.Out, said)
	}
	if !o.Yes && len(remedies) > 0 {
		return fmt.Errorf("%d offsets to commit: %w: stop the consumers, and add --yes", len(remedies), program.ErrPending)
	}
	return nil
}

var errWhichOffset = errors.New("say what: either --to earliest, latest or an offset; or --skip-message")

// Set makes an offset the watermark of one partition.
func (o *Watermarks) Set(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	if (o.To == "") != o.Skip {
		return errWhichOffset
	}
	return o.with(cfg, log, func(m *mender) error {
		all, err := m.watermarks(ctx, m.tables[0])
		if err != nil {
			return err
		}
		if o.Partition < 0 || o.Partition >= len(all) {
			return fmt.Errorf("topic %s has %d partitions, and --partition is %d", cfg.Kafka.Topic(m.tables[0].Source), len(all), o.Partition)
		}
		w := all[o.Partition]
		if w.foreign() {
			return &OwnerError{Table: w.table.TargetName(), Owner: w.cursor.Group, Group: w.group, At: w.cursor.At}
		}
		r, err := w.set(o.To)
		if o.Skip {
			r, err = m.skip(ctx, w, o.Yes)
		} else if err == nil {
			err = m.fill(ctx, &r)
		}
		if err != nil {
			return err
		}
		return o.apply(ctx, m, []remedy{r})
	})
}

func (w *watermark) set(to string) (r remedy, err error) {
	r = remedy{watermark: w, why: "as you say"}
	switch to {
	case "earliest":
		r.offset = w.log.First
	case "latest":
		r.offset = w.log.Last
	default:
		if r.offset, err = strconv.ParseInt(to, 10, 64); err != nil || r.offset < w.log.First || r.offset > w.log.Last {
			return r, fmt.Errorf("%q is no offset of topic %s, partition %d, which holds %d to %d", to, w.topic, w.partition, w.log.First, w.log.Last)
		}
	}
	if from := max(w.committed.Offset, w.log.First); r.offset > from {
		r.passed = r.offset - from
	}
	return r, nil
}

var errNothingToSkip = errors.New("there is no message at the watermark")

// skip passes one message, which becomes a dead letter. What is committed besides stays.
func (m *mender) skip(ctx context.Context, w *watermark, yes bool) (r remedy, err error) {
	r = remedy{watermark: w, passed: 1, why: "behind the message at the watermark, which becomes a dead letter"}
	if problem, fix := w.problem(); problem != "" || w.committed.Offset < 0 {
		return r, fmt.Errorf("%s, partition %d has no watermark to go on from: %s; %s", w.table.TargetName(), w.partition, problem, fix)
	}
	var letter *deadletter.Letter
	err = m.client.Read(ctx, w.topic, w.partition, w.committed.Offset, w.log.Last, func(record *kafkaclient.Record) error {
		letter = &deadletter.Letter{
			Place:  deadletter.Place{Topic: w.topic, Partition: w.partition, Offset: record.Offset},
			Record: record.Clone(), Code: "skipped", Detail: "passed by consumer watermark set --skip-message",
		}
		return errFound
	})
	switch {
	case errors.Is(err, errFound):
	case err != nil:
		return r, err
	default:
		return r, errNothingToSkip
	}
	if yes {
		writer, err := deadletter.NewWriter(m.client, m.cfg, m.log)
		if err != nil {
			return r, err
		}
		if err := writer.Bury(ctx, []deadletter.Letter{*letter}); err != nil {
			return r, err
		}
	}
	r.offset = letter.Offset + 1
	is := w.is
	is.TopicID = w.topicID
	r.commit = kafkaclient.Commit{Offset: r.offset, Metadata: is.Metadata()}
	return r, nil
}

// TakeOver makes the group the owner of targets that another group has synced, from where that group is.
func (o *Watermarks) TakeOver(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	return o.with(cfg, log, func(m *mender) error {
		all, err := m.all(ctx)
		if err != nil {
			return err
		}
		var remedies []remedy
		var cursors []sink.Cursor
		for _, w := range all {
			if !w.foreign() {
				continue
			}
			r, err := m.taken(ctx, w, o.Yes)
			if err != nil {
				return fmt.Errorf("%s, partition %d: %w", w.table.TargetName(), w.partition, err)
			}
			remedies = append(remedies, r)
			c := *w.cursor
			c.Group, c.Offset, c.Complete, c.At = cfg.Consumer.Group, r.offset, min(r.offset, c.Complete), time.Now()
			cursors = append(cursors, c)
		}
		if len(remedies) == 0 {
			_, err := fmt.Fprintln(o.Out, "no other group syncs these targets")
			return err
		}
		if err := o.apply(ctx, m, remedies); err != nil {
			return err
		}
		return m.sink.WriteCursors(ctx, cursors)
	})
}

// taken is what the other group has committed. Where that is gone or wrong, the watermark is restored as our own would be.
func (m *mender) taken(ctx context.Context, w *watermark, yes bool) (r remedy, err error) {
	commits, err := m.client.Committed(ctx, w.cursor.Group, w.topic, w.partition+1)
	if err != nil {
		return r, err
	}
	theirs := *w
	theirs.group, theirs.committed = w.cursor.Group, commits[w.partition]
	if theirs.committed.Offset >= 0 {
		theirs.is, theirs.unread = partition.ParseWatermark(theirs.committed.Metadata)
		if yes { // the same again: only a group without members takes that
			if err := m.client.Commit(ctx, w.cursor.Group, w.topic, w.partition, theirs.committed); err != nil {
				return r, fmt.Errorf("stop the consumers of group %s first: %w", w.cursor.Group, err)
			}
		}
	}
	if problem, _ := theirs.problem(); problem != "" {
		if r, err = theirs.restored(); err == nil {
			err = m.fill(ctx, &r)
		}
		return r, err
	}
	return remedy{watermark: w, offset: theirs.committed.Offset, commit: theirs.committed, why: "of group " + w.cursor.Group}, nil
}
