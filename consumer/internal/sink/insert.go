package sink

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"go.uber.org/zap"
)

const (
	firstPause = 100 * time.Millisecond
	lastPause  = 10 * time.Second
)

// Insert sends one block under a token and returns when the server has acknowledged it. It tries again while the error
// is of the kind Retry and ctx has not ended. Any other error is an *Error; when ctx ends first, the block may or may
// not be in the table, and the error wraps ctx's.
func (s *Sink) Insert(ctx context.Context, table, token string, block proto.Input) error {
	if len(block) == 0 || block[0].Data.Rows() == 0 {
		return fmt.Errorf("insert into %s: the block has no rows", table)
	}
	body := insertStatement(s.database, table, block)
	pause := firstPause
	for try := 1; ; try++ {
		err := s.insertOnce(ctx, body, token, block)
		if err == nil {
			if try > 1 {
				s.log.Info("insert succeeded", zap.String("table", table), zap.Int("tries", try))
			}
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("insert into %s: %w after %d tries, the last of which said: %w", table, ctx.Err(), try, err)
		}
		kind := kindOf(err)
		if kind != Retry {
			return &Error{Kind: kind, Table: table, Remedy: remedy(err), Err: err}
		}
		wait := pause/2 + rand.N(pause) //nolint:gosec // G404: jitter is no secret
		s.log.Warn("insert failed, it will be tried again with the same token", zap.String("table", table),
			zap.Int("rows", block[0].Data.Rows()), zap.String("token", token), zap.Int("try", try), zap.Duration("pause", wait), zap.Error(err))
		select {
		case <-ctx.Done():
			return fmt.Errorf("insert into %s: %w after %d tries, the last of which said: %w", table, ctx.Err(), try, err)
		case <-time.After(wait):
		}
		pause = min(2*pause, lastPause)
	}
}

var errNoAnswer = errors.New("the server did not answer in time")

func (s *Sink) insertOnce(ctx context.Context, body, token string, block proto.Input) error {
	ctx, cancel := context.WithTimeoutCause(ctx, MaxExecutionTime+ReceiveTimeout+answerTimeout, errNoAnswer)
	defer cancel()
	err := s.pool.use(ctx, func(ctx context.Context, c *client) error {
		return c.Do(ctx, ch.Query{Body: body, Input: block, Settings: insertSettings(token)})
	})
	if err != nil && errors.Is(context.Cause(ctx), errNoAnswer) {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return err
}

func insertStatement(database, table string, block proto.Input) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + identifier(database) + "." + identifier(table) + " (")
	for i, c := range block {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(identifier(c.Name))
	}
	b.WriteString(") VALUES")
	return b.String()
}

var identifierEscapes = strings.NewReplacer("\\", "\\\\", "`", "\\`")

// identifier quotes a name.
func identifier(name string) string { return "`" + identifierEscapes.Replace(name) + "`" }
