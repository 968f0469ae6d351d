package soak

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/internal/scene"
)

// sample is how far everything was at one time.
type sample struct {
	elapsed             time.Duration
	changes             int64 // of rows in PostgreSQL
	transactions        int64
	topicEnd, watermark int64 // of all partitions
	lag                 time.Duration
	retained            int64 // bytes
	rows                int64 // in ClickHouse, merged or not
}

const sourceSQL = `
SELECT (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int8 FROM pg_stat_user_tables WHERE schemaname = 'public'),
	(SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())`

func (s *soak) sample(ctx context.Context) (now sample, err error) {
	now.elapsed = time.Since(s.began)
	if err := s.Postgres.QueryRow(ctx, sourceSQL).Scan(&now.changes, &now.transactions); err != nil {
		return now, err
	}
	if now.retained, err = s.retained(ctx); err != nil {
		return now, err
	}
	for _, p := range s.Report().Partitions {
		now.topicEnd += p.End
		now.watermark += p.Watermark
		now.lag = max(now.lag, time.Duration(p.Lag*float64(time.Second)))
	}
	var rows proto.ColUInt64
	err = s.Click.Do(ctx, ch.Query{
		Body:   "SELECT sum(rows) AS n FROM system.parts WHERE active AND database = currentDatabase() AND table != 'sync_cursors'",
		Result: proto.Results{{Name: "n", Data: &rows}},
	})
	if err == nil && rows.Rows() > 0 {
		now.rows = int64(rows.Row(0))
	}
	return now, err
}

// line is the sample as a person reads it, with rates since the sample before.
func (s *soak) line(now sample) string {
	var before sample
	if len(s.samples) > 0 {
		before = s.samples[len(s.samples)-1]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%6s | changes %11s", now.elapsed.Round(time.Second), scene.Count(now.changes))
	if took := (now.elapsed - before.elapsed).Seconds(); before.changes > 0 {
		fmt.Fprintf(&b, " (%6s/s, %5s tx/s)", perSecond(now.changes-before.changes, took), perSecond(now.transactions-before.transactions, took))
	}
	fmt.Fprintf(&b, " | topic end %11s | watermark %11s | sync lag %5.1f s |", scene.Count(now.topicEnd), scene.Count(now.watermark), now.lag.Seconds())
	for _, name := range scene.Programs {
		fmt.Fprintf(&b, " %s %s", name, s.memory.last(name))
	}
	fmt.Fprintf(&b, " | retained WAL %s | ClickHouse rows %11s", mebibytes(now.retained), scene.Count(now.rows))
	return b.String()
}

func perSecond(n int64, seconds float64) string { return scene.Count(int64(float64(n) / seconds)) }

func mebibytes(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }

// summary prints what was measured.
func (s *soak) summary(ctx context.Context) error {
	last, err := s.sample(ctx)
	if err != nil {
		return err
	}
	if len(s.samples) == 0 {
		return fmt.Errorf("%v are too short for a soak", s.options.For)
	}
	s.Say("soak of %v:", s.options.For)
	s.Say("  %s changes in the topics, %s of them while the load ran: %s a second", scene.Count(last.topicEnd), scene.Count(last.changes-s.samples[0].changes),
		perSecond(last.changes-s.samples[0].changes, (s.options.For-s.samples[0].elapsed).Seconds()))
	lags := make([]time.Duration, len(s.samples))
	for i, one := range s.samples {
		lags[i] = one.lag
	}
	slices.Sort(lags)
	s.Say("  sync lag under load: median %.1f s, at most %.1f s", lags[len(lags)/2].Seconds(), lags[len(lags)-1].Seconds())
	for _, part := range []string{"postgres", "kafka", "apache-kafka", "clickhouse"} {
		if n := size(s.Path(part)); n > 0 {
			s.Say("  disk: %s %s", part, mebibytes(n))
		}
	}
	return nil
}
