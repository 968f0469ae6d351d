package deadletter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"eventsync/pkg/kafkaclient"
)

// Filter says which letters are meant; an empty one means all.
type Filter struct {
	Topic  string // of the original
	Table  string // the source's name of it
	Reason string
	Since  time.Time // of the burial
	// New leaves out those that were replayed.
	New bool
}

func (f *Filter) takes(e *Entry) bool {
	return (f.Topic == "" || f.Topic == e.Topic) && (f.Table == "" || f.Table == e.Table) &&
		(f.Reason == "" || f.Reason == e.Reason) && !e.Buried.Before(f.Since) && (!f.New || e.Replayed == nil)
}

// Reader reads the topic of dead letters.
type Reader struct {
	Client *kafkaclient.Client
	Topic  string
	// TableOf gives the table of a topic of changes, "" for others.
	TableOf func(topic string) string
}

// List gives the letters that the filter takes, in the order of their burial. A letter that was buried again after a
// crash is there once. Their Records have no Value: Get gives it.
func (r *Reader) List(ctx context.Context, f Filter) (letters []Entry, err error) {
	err = r.each(ctx, func(e *Entry) error {
		e.Record.Value, e.Record.Headers = nil, nil // which alias what is read next
		e.Record.Key, e.Headers = nil, nil
		letters = append(letters, *e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	letters = r.once(letters)
	kept := letters[:0]
	for i := range letters {
		if f.takes(&letters[i]) {
			kept = append(kept, letters[i])
		}
	}
	return kept, nil
}

// once leaves out repeats, and takes the notes of replays to the letters that they are about.
func (r *Reader) once(all []Entry) []Entry {
	type original struct {
		Place
		group string
	}
	letters := all[:0]
	index, ids := map[original]int{}, map[letterID]int{}
	for _, e := range all {
		id := letterID{e.Partition, e.Offset}
		if e.replays != nil {
			if i, ok := ids[*e.replays]; ok {
				letters[i].Replayed = &e.Buried
			}
			continue
		}
		of := original{e.Place(), e.Group}
		if i, repeated := index[of]; repeated && e.SourceOffset >= 0 {
			ids[id] = i
			continue
		}
		index[of], ids[id] = len(letters), len(letters)
		letters = append(letters, e)
	}
	return letters
}

// Get gives one letter, with everything that it has, by its OFFSET or PARTITION:OFFSET.
func (r *Reader) Get(ctx context.Context, which string) (*Entry, error) {
	id, err := parseID(which)
	if err != nil {
		return nil, err
	}
	var found *Entry
	err = r.Client.Read(ctx, r.Topic, id.partition, id.offset, id.offset+1, func(record *kafkaclient.Record) error {
		e, err := r.entry(id.partition, record)
		if err == nil {
			e.Record = e.Record.Clone()
			e.Headers = nil // they alias what is not ours
			var again Entry
			if again, err = r.entry(id.partition, &e.Record); err == nil {
				found = &again
			}
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case found == nil, found.replays != nil:
		return nil, fmt.Errorf("topic %s has no letter %s; see: consumer deadletter list", r.Topic, id)
	default:
		return found, nil
	}
}

// each reads all that is in the topic: letters, and notes about them.
func (r *Reader) each(ctx context.Context, f func(*Entry) error) error {
	partitions, err := r.Client.Partitions(ctx, r.Topic)
	if errors.Is(err, kafkaclient.ErrNoTopic) {
		return nil // nothing was buried yet
	}
	for p := 0; err == nil && p < partitions; p++ {
		var ends kafkaclient.Offsets
		if ends, err = r.Client.Offsets(ctx, r.Topic, p); err != nil {
			break
		}
		err = r.Client.Read(ctx, r.Topic, p, ends.First, ends.Last, func(record *kafkaclient.Record) error {
			e, err := r.entry(p, record)
			if err != nil {
				return err
			}
			return f(&e)
		})
	}
	return err
}

func (r *Reader) entry(partition int, record *kafkaclient.Record) (Entry, error) {
	e, err := entryOf(partition, record)
	if e.Table == "" && r.TableOf != nil {
		e.Table = r.TableOf(e.Topic)
	}
	e.Detail = strings.TrimSpace(e.Detail)
	return e, err
}
