package sink

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// Insert sends one block under a token, once, and returns nil when the server has acknowledged it. Its error is an
// *Error, which says whether the block may be in the table though, and what to do.
func (s *Server) Insert(ctx context.Context, table, token string, block proto.Input) error {
	if len(block) == 0 || block[0].Data.Rows() == 0 {
		return fmt.Errorf("insert into %s: the block has no rows", table)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, MaxExecutionTime+ReceiveTimeout+answerTimeout, errNoAnswer)
	defer cancel()
	err := s.pool.use(ctx, func(ctx context.Context, c *client) error {
		return c.Do(ctx, ch.Query{Body: insertStatement(s.database, table, block), Input: block, Settings: insertSettings(token)})
	})
	if err != nil && errors.Is(context.Cause(ctx), errNoAnswer) {
		err = fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return s.failed("insert into "+table, err)
}

var errNoAnswer = errors.New("the server did not answer in time")

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
