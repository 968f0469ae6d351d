package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/config"
	"eventsync/producer/internal/replication"
)

// Status prints how the source shows the producer to stand, whether it runs or not: as text, or as one JSON object.
func Status(ctx context.Context, cfg *config.Config, log *zap.Logger, out io.Writer, asJSON bool) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	report, err := replication.Status(ctx, replication.Configure(cfg), log)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(report)
	}
	return showStatus(out, report)
}

func showStatus(out io.Writer, r *replication.Report) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	s := r.Slot
	fmt.Fprintf(w, "server\t%s, PostgreSQL %d, system %s, timeline %d, epoch %d\n", r.Server, r.Version/10_000, r.System, r.Timeline, r.Epoch)
	switch {
	case !s.Exists:
		fmt.Fprintf(w, "slot\t%s: there is none yet\n", s.Name)
	case s.ActivePID == 0:
		fmt.Fprintf(w, "slot\t%s: nobody streams from it\n", s.Name)
	default:
		fmt.Fprintf(w, "slot\t%s: streaming, server process %d\n", s.Name, s.ActivePID)
	}
	if s.Exists {
		fmt.Fprintf(w, "retained WAL\t%s, %s\n", size(s.Retained), s.WALStatus)
		if s.Safe != nil {
			fmt.Fprintf(w, "lost after\t%s more\n", size(*s.Safe))
		}
		lag := size(s.Lag)
		if s.LagSeconds != nil {
			lag += fmt.Sprintf(", %.3f s", *s.LagSeconds)
		}
		fmt.Fprintf(w, "lag\t%s\n", lag)
	}
	for _, t := range r.Tables {
		fmt.Fprintf(w, "table\t%s\n", tableLine(t))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if r.Problem != "" {
		fmt.Fprintf(out, "PROBLEM: %s; to mend it: %s\n", r.Problem, r.Fix)
	}
	for _, t := range r.Tables {
		if t.Problem != "" {
			fmt.Fprintf(out, "PROBLEM: %s; to mend it: %s\n", t.Problem, t.Fix)
		}
	}
	return nil
}

func tableLine(t replication.TableReport) string {
	line := fmt.Sprintf("%s: %s", t.Source, t.State)
	if t.Percent > 0 && t.Percent < 100 {
		line += fmt.Sprintf(", %.1f %%, %d rows, %.0f rows/s", t.Percent, t.Rows, t.Rate)
		if t.ETA != nil {
			line += ", ready in " + time.Duration(*t.ETA*float64(time.Second)).Round(time.Second).String()
		}
	}
	return line
}

// size prints bytes as people read them.
func size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	value, i := float64(n), 0
	for value >= 1024 && i < len(units)-1 {
		value, i = value/1024, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", value, units[i])
}
