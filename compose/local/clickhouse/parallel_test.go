package clickhouse_test

import (
	"fmt"
	"testing"

	"github.com/ClickHouse/ch-go"
	"golang.org/x/sync/errgroup"

	"eventsync/compose/local/process/processtest"
)

func TestParallelInserts(t *testing.T) {
	const clients, batches, rows = 8, 5, 5000
	c := dial(t)
	table := createEvents(t, c)
	var group errgroup.Group
	for client := range clients {
		group.Go(func() error {
			own, err := ch.Dial(t.Context(), ch.Options{Address: addr})
			if err != nil {
				return err
			}
			defer func() { _ = own.Close() }()
			for batch := range batches {
				e := newEvents((client*batches+batch)*rows, rows)
				err := own.Do(t.Context(), ch.Query{
					Body: "INSERT INTO " + table + eventColumns, Input: e.input(),
					Settings: []ch.Setting{token(fmt.Sprint(client, "-", batch)), setting("async_insert", "0")},
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	expect(t, c, "SELECT (count(), uniqExact(id)) FROM "+table, fmt.Sprintf("(%d,%d)", clients*batches*rows, clients*batches*rows))
}

// TestParallelQueries has clients with settings of their own, which must not get mixed up.
func TestParallelQueries(t *testing.T) {
	const clients, queries = 16, 20
	var group errgroup.Group
	for client := range clients {
		own := dial(t)
		group.Go(func() error {
			want := fmt.Sprint(1000 + client)
			for range queries {
				got, err := tryValue(t, own, "SELECT toString(getSetting('max_block_size'))", setting("max_block_size", want))
				if err != nil {
					return err
				}
				if got != want {
					return fmt.Errorf("client %d has max_block_size %s, want %s", client, got, want)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// TestSlowQueriesRunBesideOthers would time out if the server ran one query at a time.
func TestSlowQueriesRunBesideOthers(t *testing.T) {
	observer := dial(t)
	const clients = 10
	mark := "beside" + fmt.Sprint(clients)
	var group errgroup.Group
	var slow []*ch.Client
	for range clients {
		own := dial(t)
		slow = append(slow, own)
		group.Go(func() error { return own.Do(t.Context(), ch.Query{Body: endless(mark)}) })
	}
	processtest.Eventually(t, "all run at once", func() bool { return running(t, observer, mark) == fmt.Sprint(clients) })
	for _, c := range slow {
		_ = c.Close()
	}
	_ = group.Wait() // their connections were closed under them
	processtest.Eventually(t, "all stop", func() bool { return running(t, observer, mark) == "0" })
}
