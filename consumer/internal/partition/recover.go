package partition

import (
	"context"
	"fmt"

	"go.uber.org/zap"
)

// recover makes sure of the batch that the committed intent announces: it may be in the target, in part or not at all.
func (w *Worker) recover(ctx context.Context, in intent) error {
	s := span{start: w.at, batch: w.free[0]}
	s.batch.Reset()
	if in.end <= w.at.offset {
		return w.stop(w.at.offset, fmt.Errorf("the intent in the commit's metadata ends at offset %d, before the offset itself", in.end))
	}
	for w.at.offset < in.end {
		for len(w.rest) > 0 && w.rest[0].Offset < in.end {
			taken, err := w.take(s.batch, &w.rest[0])
			if err != nil {
				return err
			}
			if !taken {
				return w.stop(w.rest[0].Offset, fmt.Errorf("the batch up to offset %d cannot be formed again: the target's columns have changed since it was announced", in.end))
			}
		}
		if len(w.rest) > 0 || w.at.offset >= in.end {
			break
		}
		records, err := w.reader.Read(ctx)
		if err != nil {
			return w.stop(w.at.offset, err)
		}
		w.rest = records
		if len(records) == 0 {
			w.at.offset = max(w.at.offset, w.reader.Offset())
		}
	}
	w.log.Info("recovering an announced batch", zap.Int64("offset", s.start.offset), zap.Int64("end", in.end), zap.Int("rows", s.batch.Rows()))
	if s.batch.Rows() > 0 {
		w.send(ctx, s, in)
		if err := w.settle(); err != nil {
			return err
		}
	}
	return w.commitState(ctx, w.at.offset, state{chain: w.at.chain})
}
