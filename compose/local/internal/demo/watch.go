package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/internal/scene"
)

// figures are what the terminal shows, all of the events table.
type figures struct {
	elapsed    time.Duration
	source     int64 // rows in PostgreSQL
	topicEnd   int64
	watermark  int64
	committed  bool
	lag        time.Duration
	clickhouse int64 // rows in ClickHouse, as FINAL has them
	flag       bool
}

func (d *demo) figures(ctx context.Context) (f figures, err error) {
	if err := d.Postgres.QueryRow(ctx, "SELECT count(*) FROM events").Scan(&f.source); err != nil {
		return f, err
	}
	var n proto.ColUInt64
	err = d.Click.Do(ctx, ch.Query{Body: "SELECT count() AS n FROM events FINAL WHERE _deleted = 0", Result: proto.Results{{Name: "n", Data: &n}}})
	if err != nil {
		return f, err
	}
	if n.Rows() > 0 {
		f.clickhouse = int64(n.Row(0))
	}
	if f.flag, err = d.Files().FlagOn(); err != nil {
		return f, err
	}
	for _, p := range d.Report().Partitions {
		if !strings.HasSuffix(p.Topic, ".events") {
			continue
		}
		f.topicEnd += p.End
		f.watermark += p.Watermark
		f.committed = f.committed || p.Committed
		f.lag = max(f.lag, time.Duration(p.Lag*float64(time.Second)))
	}
	return f, nil
}

func (f figures) String() string {
	flag, watermark := "off", "none"
	if f.flag {
		flag = "on "
	}
	if f.committed {
		watermark = scene.Count(f.watermark)
	}
	return fmt.Sprintf("flag %s | source rows %9s | topic end %9s | watermark %9s | sync lag %6.1f s | ClickHouse rows %9s",
		flag, scene.Count(f.source), scene.Count(f.topicEnd), watermark, f.lag.Seconds(), scene.Count(f.clickhouse))
}
