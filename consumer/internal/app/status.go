package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"go.uber.org/zap"

	"eventsync/consumer/internal/fetch"
	"eventsync/consumer/internal/gate"
	"eventsync/consumer/internal/partition"
	"eventsync/consumer/internal/status"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

// answerTimeout bounds what a command that is not run waits for one answer.
const answerTimeout = 10 * time.Second

// StatusOptions say how the status is shown.
type StatusOptions struct {
	JSON  bool
	Every time.Duration // 0: once
	Out   io.Writer
}

// Status prints the group's watermarks and lag, and what the flag says: once, or again and again until ctx ends.
func Status(ctx context.Context, cfg *config.Config, log *zap.Logger, o StatusOptions) (err error) {
	client, err := kafkaclient.New(cfg.Kafka, clientID)
	if err != nil {
		return err
	}
	defer client.Close()
	flag, err := gate.Open(ctx, cfg.Gate, zap.NewNop()) // what it would log, the report says
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, flag.Close()) }()
	s := status.New(client, cfg.Consumer.Group, topics(cfg), peek(fetch.NewFactory(client, log)), announced)
	for {
		asking, cancel := context.WithTimeout(ctx, answerTimeout)
		r, err := s.Report(asking)
		cancel()
		if err == nil {
			r.Flag = flagOf(cfg.Gate.Flag, flag.Verdict())
			if err := show(o, r); err != nil {
				return err // nobody reads it any more
			}
		}
		if o.Every == 0 {
			return err
		}
		if err != nil && ctx.Err() == nil { // it is watched: what is away may come back
			log.Warn("no report", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(o.Every):
		}
	}
}

// flagOf is what the flag says, as a report has it.
func flagOf(key string, v gate.Verdict) *status.Flag {
	f := &status.Flag{Key: key, Pass: v.Pass, Reason: v.Reason}
	if v.Err != nil {
		f.Error = v.Err.Error()
	}
	return f
}

func announced(metadata string) (*status.Announced, error) {
	if metadata == "" {
		return nil, partition.ErrBlank
	}
	a, ok, err := partition.ParseAnnounced(metadata)
	if err != nil || !ok {
		return nil, err
	}
	return &status.Announced{Kind: a.Kind, End: a.End, Since: a.Since}, nil
}

// peek reads single records.
func peek(f *fetch.Factory) status.Peek {
	return func(ctx context.Context, topic string, partition int, offset, end int64) (kafkaclient.Record, bool, error) {
		r := f.Open(topic, partition, offset)
		defer r.Close()
		for r.Offset() < end {
			records, err := r.Read(ctx)
			var gone *fetch.OutOfRangeError
			if errors.As(err, &gone) && gone.First > offset { // retention has taken it: the oldest left says how old
				r.SeekTo(gone.First)
				offset = gone.First
				continue
			}
			if err != nil {
				return kafkaclient.Record{}, false, err
			}
			if len(records) > 0 {
				return records[0].Clone(), true, nil
			}
		}
		return kafkaclient.Record{}, false, nil
	}
}

func show(o StatusOptions, r *status.Report) error {
	if o.JSON {
		return json.NewEncoder(o.Out).Encode(r)
	}
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TOPIC\tPARTITION\tWATERMARK\tCOMPLETE\tEND\tLAG MESSAGES\tSYNC LAG\tANNOUNCED")
	for _, p := range r.Partitions {
		watermark := fmt.Sprint(p.Watermark)
		if !p.Committed {
			watermark = "none"
		}
		about := "-"
		if a := p.Announced; a != nil {
			about = fmt.Sprintf("%s up to %d, %v ago", a.Kind, a.End, r.Time.Sub(a.Since).Round(time.Second))
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\t%d\t%.1fs\t%s\n", p.Topic, p.Partition, watermark, p.Complete, p.End, p.Messages, p.Lag, about)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, p := range r.Partitions {
		if p.Problem != "" {
			fmt.Fprintf(o.Out, "PROBLEM: topic %s, partition %d, %s\n", p.Topic, p.Partition, p.Problem)
		}
	}
	showFlag(o.Out, r)
	return nil
}

func showFlag(out io.Writer, r *status.Report) {
	says := "holds changes back"
	if r.Flag.Pass {
		says = "lets changes pass"
	}
	fmt.Fprintf(out, "group %s, flag %s: %s %s\n", r.Group, r.Flag.Key, says, r.Flag.Reason)
	if r.Flag.Error != "" {
		fmt.Fprintf(out, "PROBLEM: %s\n", r.Flag.Error)
	}
}
