package replication

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/postgres/postgrestest"
)

const (
	keys    = 600
	writers = 6
)

// writing is random transactions under way.
type writing struct {
	t    testing.TB
	done atomic.Int64 // transactions
	stop func()
}

// write has writers write to the table a until stop.
func (db *database) write(seed uint64) *writing {
	ctx, cancel := context.WithCancel(db.t.Context())
	w := &writing{t: db.t}
	var wg sync.WaitGroup
	for i := range writers {
		c := postgrestest.Connect(db.t, string(db.dsn))
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			for ctx.Err() == nil {
				transact(c, r)
				w.done.Add(1)
			}
		})
	}
	w.stop = func() { cancel(); wg.Wait() }
	db.t.Cleanup(w.stop)
	return w
}

// wait waits for so many transactions more.
func (w *writing) wait(n int64) {
	w.t.Helper()
	n += w.done.Load()
	eventually(w.t, "transactions", func() bool { return w.done.Load() >= n })
}

// transact does a random transaction; it may fail, by a deadlock say, and then has done nothing.
func transact(c *pgx.Conn, r *rand.Rand) {
	ctx := context.Background()
	sql := []string{"BEGIN"}
	for range 1 + r.IntN(6) {
		sql = append(sql, statement(r))
	}
	if r.IntN(3) == 0 { // under way for long
		sql = append(sql, fmt.Sprintf("SELECT pg_sleep(%f)", r.Float64()/15))
	}
	sql = append(sql, []string{"COMMIT", "COMMIT", "COMMIT", "ROLLBACK"}[r.IntN(4)])
	if _, err := c.Exec(ctx, strings.Join(sql, "; ")); err != nil {
		_, _ = c.Exec(ctx, "ROLLBACK")
	}
}

func statement(r *rand.Rand) string {
	k, other, n := 1+r.IntN(keys), 1+r.IntN(keys), r.IntN(1_000_000)
	big := fmt.Sprintf("repeat('%d', 50)", n)
	switch r.IntN(10) {
	case 0, 1:
		return fmt.Sprintf("INSERT INTO a VALUES (%d, %d, %s) ON CONFLICT (id) DO UPDATE SET n = excluded.n", k, n, big)
	case 2, 3:
		return fmt.Sprintf("UPDATE a SET n = %d WHERE id = %d", n, k)
	case 4:
		return fmt.Sprintf("UPDATE a SET n = %d, big = %s WHERE id IN (%d, %d)", n, big, k, other)
	case 5:
		return fmt.Sprintf("DELETE FROM a WHERE id = %d", k)
	case 6:
		return fmt.Sprintf("UPDATE a SET id = %d WHERE id = %d AND NOT EXISTS (SELECT FROM a WHERE id = %d)", other, k, other)
	case 7:
		return fmt.Sprintf("SAVEPOINT s; UPDATE a SET n = -1 WHERE id = %d; DELETE FROM a WHERE id = %d; ROLLBACK TO s; UPDATE a SET n = %d WHERE id = %d", k, other, n, other)
	case 8:
		if r.IntN(20) == 0 {
			return "TRUNCATE a"
		}
		return fmt.Sprintf("SAVEPOINT r; UPDATE a SET n = %d WHERE id = %d; RELEASE r", n, k)
	default:
		return fmt.Sprintf("SELECT pg_sleep(%f)", r.Float64()/30)
	}
}
