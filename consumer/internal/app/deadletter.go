package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"eventsync/consumer/internal/deadletter"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/program"
)

// DeadLetters are the commands about the dead letters.
type DeadLetters struct {
	Out  io.Writer
	JSON bool
	// Topic, Table and Reason say which letters are meant; those are all where they are empty. Since is how long ago the
	// oldest was buried, 0 for ever.
	Topic, Table, Reason string
	Since                time.Duration
	// All is for Replay without letters: all that were not replayed before; Yes does it.
	All, Yes bool
}

func (o *DeadLetters) filter() deadletter.Filter {
	f := deadletter.Filter{Topic: o.Topic, Table: o.Table, Reason: o.Reason}
	if o.Since > 0 {
		f.Since = time.Now().Add(-o.Since)
	}
	return f
}

// lettersReader connects; the caller must close the client.
func lettersReader(cfg *config.Config) (*deadletter.Reader, *kafkaclient.Client, error) {
	client, err := kafkaclient.New(cfg.Kafka, clientID)
	if err != nil {
		return nil, nil, err
	}
	sources := map[string]string{}
	for _, t := range cfg.Tables {
		sources[cfg.Kafka.Topic(t.Source)] = t.Source
	}
	r := &deadletter.Reader{Client: client, Topic: cfg.Kafka.DeadLetterTopic(), TableOf: func(topic string) string { return sources[topic] }}
	return r, client, nil
}

// List prints a line for each letter, or a JSON object.
func (o *DeadLetters) List(ctx context.Context, cfg *config.Config) error {
	r, client, err := lettersReader(cfg)
	if err != nil {
		return err
	}
	defer client.Close()
	found, err := r.List(ctx, o.filter())
	if err != nil {
		return err
	}
	if o.JSON {
		encoder := json.NewEncoder(o.Out)
		encoder.SetEscapeHTML(false)
		for i := range found {
			if err := encoder.Encode(&found[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(found) == 0 {
		_, err := fmt.Fprintf(o.Out, "no such dead letters in topic %s\n", r.Topic)
		return err
	}
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LETTER\tBURIED\tREASON\tORIGINAL\tKEY\tREPLAYED\tDETAIL")
	for i := range found {
		e := &found[i]
		replayed, original := "", e.Place().String()
		if e.Replayed != nil {
			replayed = e.Replayed.Format(time.RFC3339)
		}
		if e.SourceOffset < 0 {
			original = fmt.Sprintf("%s/%d", e.Topic, e.SourcePartition)
		}
		fmt.Fprintf(w, "%d:%d\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Partition, e.Offset, e.Buried.Format(time.RFC3339), e.Reason, original,
			brief(e.Key, 40), replayed, brief(e.Detail, 120))
	}
	return w.Flush()
}

// brief is the beginning of a text, on one line.
func brief(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "..."
	}
	return text
}

// Show prints one letter.
func (o *DeadLetters) Show(ctx context.Context, cfg *config.Config, which string) error {
	r, client, err := lettersReader(cfg)
	if err != nil {
		return err
	}
	defer client.Close()
	e, err := r.Get(ctx, which)
	if err != nil {
		return err
	}
	return deadletter.Show(o.Out, e)
}

var (
	errWhichLetters = errors.New("say which: letters by their offsets alone; or --all, with flags that say which of those that were not replayed before")
	errNotReplayed  = errors.New("not every letter was replayed")
)

// Replay publishes letters again, where they came from: those named, or all that the filter takes.
func (o *DeadLetters) Replay(ctx context.Context, cfg *config.Config, which []string) error {
	if (len(which) == 0) != o.All || !o.All && o.filter() != (deadletter.Filter{}) {
		return errWhichLetters
	}
	r, client, err := lettersReader(cfg)
	if err != nil {
		return err
	}
	defer client.Close()
	if o.All {
		f := o.filter()
		f.New = true
		found, err := r.List(ctx, f)
		if err != nil {
			return err
		}
		for i := range found {
			which = append(which, fmt.Sprintf("%d:%d", found[i].Partition, found[i].Offset))
		}
		if !o.Yes && len(which) > 0 {
			return fmt.Errorf("%d letters to publish again: %w: add --yes to do it", len(which), program.ErrPending)
		}
	}
	p, err := deadletter.NewReplayer(r, cfg.Producer.Compression)
	if err != nil {
		return err
	}
	failed := false
	for _, one := range which {
		e, err := r.Get(ctx, one)
		var at int64
		if err == nil {
			at, err = p.Replay(ctx, e)
		}
		if err != nil {
			failed = true
			fmt.Fprintf(o.Out, "letter %s: NOT replayed: %v\n", one, err)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue
		}
		fmt.Fprintf(o.Out, "letter %s: published again as offset %d of topic %s, partition %d\n", one, at, e.Topic, e.SourcePartition)
	}
	if failed {
		return errNotReplayed
	}
	return nil
}
