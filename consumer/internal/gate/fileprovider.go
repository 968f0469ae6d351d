package gate

import (
	"context"
	"fmt"

	"github.com/open-feature/flagd/core/pkg/evaluator"
	"github.com/open-feature/flagd/core/pkg/logger"
	"github.com/open-feature/flagd/core/pkg/model"
	"github.com/open-feature/flagd/core/pkg/store"
	flagsync "github.com/open-feature/flagd/core/pkg/sync"
	"github.com/open-feature/go-sdk/openfeature"
	"go.uber.org/zap"
)

// fileProvider is flagd's evaluator over a file of flag definitions. It is no openfeature.EventHandler, since the gate
// asks and need not be told; so OpenFeature takes it for ready at all times, and its errors come with the evaluations.
type fileProvider struct {
	openfeature.NoopProvider // for the types of flag that a gate does not have
	file                     file
	evaluator                evaluator.IEvaluator
	// malformed says why the file's contents could not be taken; the evaluator has the last ones that could.
	malformed error
}

func newFileProvider(path string, log *zap.Logger) (*fileProvider, error) {
	flags, err := store.NewStore(logger.NewLogger(zap.NewNop(), false), []string{path})
	if err != nil {
		return nil, fmt.Errorf("flagd's store: %w", err)
	}
	return &fileProvider{
		file: file{path: path},
		// false: what flagd logs of single evaluations is not logged, since it is in the verdict.
		evaluator: evaluator.NewJSON(logger.NewLogger(log.Named("flagd"), false), flags),
	}, nil
}

// Metadata names the file, for messages.
func (p *fileProvider) Metadata() openfeature.Metadata {
	return openfeature.Metadata{Name: "flag file " + p.file.path}
}

func (p *fileProvider) read() (changed bool, err error) {
	changed, err = p.file.reread()
	if err != nil {
		return false, err
	}
	if changed {
		p.malformed = p.evaluator.SetState(flagsync.DataSync{FlagData: string(p.file.text), Source: p.file.path})
		changed = p.malformed == nil
	}
	if p.malformed != nil {
		return false, fmt.Errorf("flag file %s is malformed: %w", p.file.path, p.malformed)
	}
	return changed, nil
}

// BooleanEvaluation gives a flag's value. What OpenFeature would answer with the caller's default is an error here.
func (p *fileProvider) BooleanEvaluation(ctx context.Context, flag string, _ bool, flat openfeature.FlattenedContext) openfeature.BoolResolutionDetail {
	value, variant, reason, _, err := p.evaluator.ResolveBooleanValue(ctx, "", flag, flat)
	detail := openfeature.ProviderResolutionDetail{Reason: openfeature.Reason(reason), Variant: variant}
	switch {
	case err != nil:
		detail.ResolutionError = resolutionError(err)
	case reason == model.DisabledReason:
		detail.ResolutionError = openfeature.NewGeneralResolutionError("its state is DISABLED, which is neither true nor false: set the state ENABLED and the defaultVariant")
	case reason == model.FallbackReason:
		detail.ResolutionError = openfeature.NewGeneralResolutionError("it has no defaultVariant and no rule gave a variant")
	}
	return openfeature.BoolResolutionDetail{Value: value, ProviderResolutionDetail: detail}
}

// resolutionError translates flagd's error codes.
func resolutionError(err error) openfeature.ResolutionError {
	switch err.Error() {
	case model.FlagNotFoundErrorCode:
		return openfeature.NewFlagNotFoundResolutionError("no such flag is defined")
	case model.TypeMismatchErrorCode:
		return openfeature.NewTypeMismatchResolutionError("its variants are not true and false")
	case model.ParseErrorCode:
		return openfeature.NewParseErrorResolutionError("its targeting rules are not understood")
	default:
		return openfeature.NewGeneralResolutionError("its targeting rules gave no variant that it has: " + err.Error())
	}
}
