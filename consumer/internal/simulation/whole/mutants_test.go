package whole

import (
	"testing"

	"eventsync/consumer/internal/simulation/mutant"
)

// promises are those that the worker is given by the consumer's other parts. Its own rules are taken out in package
// simulation.
var promises = []mutant.Mutant{
	{
		"a member reads the metadata of what was committed", "group/offsets.go",
		`return o.CommittedOffset, o.Metadata, o.Error`, `return o.CommittedOffset, "", o.Error`,
	},
	{
		"a refused commit is none", "group/claim.go",
		`return c.lost(fmt.Errorf("%w: %w", ErrFenced, err))`, `return nil`,
	},
	{
		"a commit without an answer is none", "group/claim.go",
		`return c.lost(fmt.Errorf("%w: %w", ErrUncertain, g.client.Explain(err)))`, `return nil`,
	},
	{
		"what is missing is all that a batch keeps", "batch/present.go",
		`binary.LittleEndian.Uint64(p.versions[i*8:]) >= p.found[number]`, `true`,
	},
	{
		"a batch keeps what is missing", "batch/present.go",
		`binary.LittleEndian.Uint64(p.versions[i*8:]) >= p.found[number]`, `false`,
	},
	{
		"a reader goes back where it is told to", "fetch/reader.go",
		`r.offset = offset`, `r.offset = offset + 1`,
	},
}

// TestPromisesAreNeeded breaks one promise after the other, and wants some seed to fail for it.
func TestPromisesAreNeeded(t *testing.T) {
	mutant.Test{Package: "simulation/whole", Name: "TestExactlyOnce", Args: []string{"-seeds", "60"}, Says: "what happened is told by"}.Kill(t, promises)
}
