package replication

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// verifyTimeline refuses a timeline whose log lacks changes that were published: a standby that had not received them
// was promoted, or a backup restored, and their places are used again for others.
func (r *Replicator) verifyTimeline(ctx context.Context, conn *pgconn.PgConn, last, now int32) error {
	published, err := r.published(ctx)
	if err != nil {
		return err
	}
	end, follows, err := timelineEnd(ctx, conn, last, now)
	if err != nil {
		return err
	}
	position := published & change.MaxLSN
	if change.Version(published).Epoch() < r.cfg.Epoch {
		position = 0
	}
	switch {
	case !follows && position > 0:
		return r.refuseLog(r.cfg.Epoch, fmt.Sprintf("the server is on timeline %d, which does not follow timeline %d, from which changes were published", now, last))
	case position > 0 && position >= end: // a commit's place is where its record begins
		return r.refuseLog(r.cfg.Epoch, fmt.Sprintf("the server went over to timeline %d at %v, and lacks what was published after that, up to %v (a standby that had not received it was promoted, or a backup restored)", now, end, position))
	}
	if r.publisher == nil {
		return nil
	}
	r.stale = r.publisher.Confirmed()
	r.log.Warn("the server is on a new timeline, which has all that was published", append(r.where(), zap.Int32("timeline", now), zap.Int32("was", last), zap.Stringer("published", position), zap.Stringer("switched_at", end))...)
	return nil
}

// published is the greatest commit, with its epoch, that the topics hold; what is on its way is waited for.
func (r *Replicator) published(ctx context.Context) (change.LSN, error) {
	if r.publisher == nil { // a check looks at the source alone
		return 0, nil
	}
	if err := r.publisher.Flush(ctx); err != nil {
		return 0, &source.PublishError{Err: err}
	}
	published, err := r.publisher.Published(ctx, r.names())
	if err != nil {
		return 0, fmt.Errorf("read the ends of the topics: %w", err)
	}
	return published, nil
}

// confirmed is what the slot may be told. What the publisher had confirmed on an earlier timeline may be past its end,
// and says nothing of the changes that are there on this one.
func (r *Replicator) confirmed(p *plan) change.LSN {
	if c := r.publisher.Confirmed(); c > r.stale {
		return max(p.confirmed, c)
	}
	return p.confirmed
}

// timelineEnd gives where timeline last ended on the way to timeline now; false where now does not come from it.
func timelineEnd(ctx context.Context, conn *pgconn.PgConn, last, now int32) (change.LSN, bool, error) {
	if now < last {
		return 0, false, nil
	}
	history, err := pglogrepl.TimelineHistory(ctx, conn, now)
	if err != nil {
		return 0, false, fmt.Errorf("read the history of timeline %d: %w", now, err)
	}
	ends, err := parseHistory(string(history.Content))
	if err != nil {
		return 0, false, fmt.Errorf("read %s: %w", history.FileName, err)
	}
	end, follows := ends[last]
	return end, follows, nil
}

// parseHistory reads a timeline's history file: a line for each timeline that it comes from, with where that ended.
func parseHistory(content string) (map[int32]change.LSN, error) {
	ends := map[int32]change.LSN{}
	for line := range strings.Lines(content) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) < 2 {
			return nil, fmt.Errorf("the line %q has no place in the log", line)
		}
		timeline, err := strconv.ParseInt(fields[0], 10, 32)
		if err != nil {
			return nil, fmt.Errorf("a timeline: %w", err)
		}
		end, err := pglogrepl.ParseLSN(fields[1])
		if err != nil {
			return nil, fmt.Errorf("the end of timeline %d: %w", timeline, err)
		}
		ends[int32(timeline)] = change.LSN(end)
	}
	return ends, nil
}
