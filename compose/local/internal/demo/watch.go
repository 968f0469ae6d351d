package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// report is what `consumer status --json` prints.
type report struct {
	Partitions []struct {
		Topic     string  `json:"topic"`
		Watermark int64   `json:"watermark"`
		Committed bool    `json:"committed"`
		End       int64   `json:"end"`
		Lag       float64 `json:"sync_lag_seconds"`
	} `json:"partitions"`
}

// statusFeed is a running `consumer status`.
type statusFeed struct {
	cancel context.CancelFunc
	ended  chan struct{}
	last   atomic.Pointer[report]
}

func watchStatus(ctx context.Context, consumer, config string) (*statusFeed, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, consumer, "status", "--json", "--every", refresh.String(), "--config", config)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	s := &statusFeed{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for d := json.NewDecoder(out); ; {
			var r report
			if d.Decode(&r) != nil {
				break // it ends when it is told to, or dies with its reader
			}
			s.last.Store(&r)
		}
		_ = cmd.Wait()
	}()
	return s, nil
}

func (s *statusFeed) stop() {
	s.cancel()
	<-s.ended
}

// figures are what the terminal shows, all of the events table.
type figures struct {
	elapsed    time.Duration
	source     int64 // rows in PostgreSQL
	topicEnd   int64
	watermark  int64
	committed  bool
	lag        time.Duration
	clickhouse int64 // rows in ClickHouse, as FINAL has them
	behind     int64 // offsets between watermark and end, of all tables
	flag       bool
}

func (d *demo) figures(ctx context.Context) (f figures, err error) {
	if err := d.pg.QueryRow(ctx, "SELECT count(*) FROM events").Scan(&f.source); err != nil {
		return f, err
	}
	var n proto.ColUInt64
	err = d.click.Do(ctx, ch.Query{Body: "SELECT count() AS n FROM events FINAL WHERE _deleted = 0", Result: proto.Results{{Name: "n", Data: &n}}})
	if err != nil {
		return f, err
	}
	if n.Rows() > 0 {
		f.clickhouse = int64(n.Row(0))
	}
	if f.flag, err = d.files().FlagOn(); err != nil {
		return f, err
	}
	if r := d.status.last.Load(); r != nil {
		for _, p := range r.Partitions {
			f.behind += p.End - p.Watermark
			if !strings.HasSuffix(p.Topic, ".events") {
				continue
			}
			f.topicEnd += p.End
			f.watermark += p.Watermark
			f.committed = f.committed || p.Committed
			f.lag = max(f.lag, time.Duration(p.Lag*float64(time.Second)))
		}
	}
	return f, nil
}

func (f figures) String() string {
	flag, watermark := "off", "none"
	if f.flag {
		flag = "on "
	}
	if f.committed {
		watermark = count(f.watermark)
	}
	return fmt.Sprintf("flag %s | source rows %9s | topic end %9s | watermark %9s | sync lag %6.1f s | ClickHouse rows %9s",
		flag, count(f.source), count(f.topicEnd), watermark, f.lag.Seconds(), count(f.clickhouse))
}

// count writes 1234567 as 1,234,567.
func count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// say prints a line of the story.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.Out, d.clear()+format+"\n", args...)
}

// show prints the figures: over themselves on a terminal, else line by line.
func (d *demo) show(f figures) {
	if d.clear() == "" {
		fmt.Fprintln(d.Out, "  "+f.String())
		return
	}
	fmt.Fprint(d.Out, d.clear()+"  "+f.String())
}

// clear is what empties the line on a terminal, and nothing elsewhere.
func (d *demo) clear() string {
	f, ok := d.Out.(*os.File)
	if !ok {
		return ""
	}
	if s, err := f.Stat(); err != nil || s.Mode()&os.ModeCharDevice == 0 {
		return ""
	}
	return "\r\x1b[K"
}
