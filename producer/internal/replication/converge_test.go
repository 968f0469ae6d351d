package replication

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

func nopLog(t testing.TB) *zap.Logger { return zaptest.NewLogger(t) }

// readSnapshot reads the tables of a snapshot.
func readSnapshot(ctx context.Context, dsn string, s *source.Snapshot) ([]change.Change, error) {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close(context.Background()) }()
	if _, err := c.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT "+source.QuoteLiteral(s.ID)); err != nil {
		return nil, err
	}
	var changes []change.Change
	for _, name := range s.Tables {
		rows, err := c.Query(ctx, "SELECT * FROM "+name.SQL(), pgx.QueryResultFormats{pgx.TextFormatCode})
		if err != nil {
			return nil, err
		}
		relation := &change.Relation{Schema: name.Schema, Table: name.Table}
		var types []pgvalue.Type
		for _, f := range rows.FieldDescriptions() {
			t, typeName, _ := pgvalue.Builtin(f.DataTypeOID)
			types = append(types, t)
			relation.Columns = append(relation.Columns, change.Column{Name: f.Name, Type: t.Change(), SourceType: typeName})
		}
		var d pgvalue.Decoder
		for rows.Next() {
			row := change.Change{Relation: relation, Op: change.Snapshot, Version: s.Version, CommitTime: s.Taken.UnixMicro()}
			for i, b := range rows.RawValues() {
				v := change.NullValue()
				if b != nil {
					if v, err = d.Text(types[i], append([]byte(nil), b...)); err != nil {
						return nil, err
					}
				}
				row.Values = append(row.Values, v)
			}
			changes = append(changes, row)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// collapse keeps what has the greatest version of each key, as the target does: of equal ones the later, and where those
// are a key change's halves, which are of two keys, both.
func collapse(changes []recorded) map[string]recorded {
	latest := map[string]recorded{}
	for _, c := range changes {
		if before, ok := latest[c.values[0]]; !ok || c.version >= before.version {
			latest[c.values[0]] = c
		}
	}
	return latest
}

// Whatever transactions were under way when the slot was created, the latest version of each key is the table's row.
func TestConverges(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			converge(t, seed)
		})
	}
}

const (
	keys    = 200
	writers = 6
)

func converge(t *testing.T, seed uint64) {
	db := newDatabase(t)
	db.exec("CREATE TABLE a (id int PRIMARY KEY, n int)")
	db.exec("INSERT INTO a SELECT i, 0 FROM generate_series(1, 100) i")
	writing, stopWriting := context.WithCancel(t.Context())
	defer stopWriting()
	var wg sync.WaitGroup
	counts := make([]int, writers)
	var mu sync.Mutex
	for w := range writers {
		c := connect(t, string(db.dsn))
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(w)))
			for writing.Err() == nil {
				write(c, r)
				mu.Lock()
				counts[w]++
				mu.Unlock()
			}
		})
	}
	written := func(n int) {
		eventually(t, "transactions", func() bool {
			mu.Lock()
			defer mu.Unlock()
			total := 0
			for _, c := range counts {
				total += c
			}
			return total >= n
		})
	}
	written(200)
	rec := &recorder{}
	r := start(t, db.config("public.a"), rec, &selectRows{db: db, publisher: rec})
	eventually(t, "the snapshot is taken", func() bool { return len(r.all()) > 0 })
	mu.Lock()
	so := 0
	for _, c := range counts {
		so += c
	}
	mu.Unlock()
	written(so + 400)
	stopWriting()
	wg.Wait()
	db.exec("INSERT INTO a VALUES (-1, 0)") // the last
	eventually(t, "the last change", func() bool {
		all := r.all()
		return len(all) > 0 && all[len(all)-1].values[0] == "-1"
	})
	compare(t, db, collapse(r.all()))
}

// write does a random transaction; it may fail, by a deadlock say, and then has done nothing.
func write(c *pgx.Conn, r *rand.Rand) {
	ctx := context.Background()
	sql := []string{"BEGIN"}
	for range 1 + r.IntN(6) {
		k, other, n := 1+r.IntN(keys), 1+r.IntN(keys), r.IntN(1_000_000)
		switch r.IntN(8) {
		case 0, 1:
			sql = append(sql, fmt.Sprintf("INSERT INTO a VALUES (%d, %d) ON CONFLICT (id) DO UPDATE SET n = excluded.n", k, n))
		case 2, 3:
			sql = append(sql, fmt.Sprintf("UPDATE a SET n = %d WHERE id = %d", n, k))
		case 4:
			sql = append(sql, fmt.Sprintf("DELETE FROM a WHERE id = %d", k))
		case 5:
			sql = append(sql, fmt.Sprintf("UPDATE a SET id = %d WHERE id = %d AND NOT EXISTS (SELECT FROM a WHERE id = %d)", other, k, other))
		case 6:
			sql = append(sql, fmt.Sprintf("SAVEPOINT s; UPDATE a SET n = -1 WHERE id = %d; DELETE FROM a WHERE id = %d; ROLLBACK TO s", k, other))
		case 7:
			sql = append(sql, fmt.Sprintf("SELECT pg_sleep(%f)", r.Float64()/100))
		}
	}
	sql = append(sql, []string{"COMMIT", "COMMIT", "COMMIT", "ROLLBACK"}[r.IntN(4)])
	if _, err := c.Exec(ctx, strings.Join(sql, "; ")); err != nil {
		_, _ = c.Exec(ctx, "ROLLBACK")
	}
}

func compare(t *testing.T, db *database, latest map[string]recorded) {
	t.Helper()
	rows, err := db.conn.Query(t.Context(), "SELECT id::text, n::text FROM a")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]string{}
	var id, n string
	if _, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error { table[id] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	for id, n := range table {
		if c, ok := latest[id]; !ok || c.op == change.Delete || c.values[1] != n {
			t.Errorf("key %s is %s in the table, published last: %v at %x", id, n, c, c.version)
		}
	}
	for id, c := range latest {
		if _, ok := table[id]; !ok && c.op != change.Delete {
			t.Errorf("key %s is not in the table, published last: %v at %x", id, c, c.version)
		}
	}
}
