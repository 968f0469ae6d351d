package simulation

import (
	"testing"

	"eventsync/consumer/internal/simulation/mutant"
)

// rules are those of the protocol, as the worker keeps them, and what it is without each.
var rules = []mutant.Mutant{
	{"1: metadata of another topic stops", "partition/worker.go", `case err == nil && s.topic != "" && w.topicID != "" && s.topic != w.topicID:`, `case false:`},
	{"1: blank metadata stops", "partition/worker.go", `case err == nil && committed && metadata == "":`, `case false:`},
	{"2: the token is new each time", "partition/metadata.go", `rand.Read(b[:])`, `rand.Read(b[:0])
	for i := range b {
		b[i] = byte(end >> (8 * i))
	}`},
	{"2: the chain is that of the batch's start", "partition/advance.go", `w.commit(ctx, s.start, in)`, `w.commit(ctx, cursor{s.start.offset, w.at.chain}, in)`},
	{"3: one intent is outstanding", "partition/worker.go", `if redone, err := w.settle(ctx); err != nil || redone {
		return err
	}
	if err := w.advance(ctx, s); err != nil {`, `if err := w.advance(ctx, s); err != nil {`},
	{"4: a commit without an answer is not sent again", "partition/advance.go", `if err := w.claim.Commit(ctx, at.offset, w.metadata(at, in)); err != nil {`, `err := w.claim.Commit(ctx, at.offset, w.metadata(at, in))
	if err != nil {
		err = w.claim.Commit(ctx, at.offset, w.metadata(at, in))
	}
	if err != nil {`},
	{"5: an insert is sent while the lease lasts", "partition/insert.go", `for !w.claim.Held() {`, `for false {`},
	{"5: a renewed lease is looked at again", "partition/insert.go", `for !w.claim.Held() {`, `if !w.claim.Held() {`},
	{"6: what was sent again is looked for", "partition/insert.go", `if err != nil || !doubt {`, `if err == nil || !doubt {`},
	{"6: a token that may be forgotten is not used again", "partition/insert.go", `if !remembered {`, `if false && !remembered {`},
	{"6: a block is sent again whole where there are views", "partition/insert.go", `if !views {`, `if views || !views {`},
	{"6: a new token waits", "partition/pieces.go", `if err := w.quarantine(ctx); err != nil {`, `if err := error(nil); err != nil {`},
	{"6: what is missing is found out before a new token", "partition/pieces.go", `left, err = s.batch.DropPresent(ctx)
			return err`, `left = s.batch.Rows()
			return err`},
	{"7: a batch without rows is a plain commit", "partition/advance.go", `case s.batch.Rows() > 0:`, `case s.batch.Rows() >= 0:`},
	{"7: a block that spans too much is cut", "partition/insert.go", `return &redo{why: "the server refuses some of the rows", refused: err}`, `return err`},
	{"8: a truncate waits", "partition/truncate.go", `if err := w.quarantine(ctx); err != nil {`, `if err := error(nil); err != nil {`},
	{"8: a truncate leaves a floor", "partition/truncate.go", `w.floor = max(w.floor, below)`, ``},
	{"8: a truncate stands alone", "partition/fill.go", ` || s.truncate != nil`, ``},
	{"9: letters are buried before the commit", "partition/advance.go", `if err := w.bury(ctx, s.letters); err != nil {
		return err
	}`, `defer w.bury(ctx, s.letters)`},
	{"9: halves are intents of their own", "partition/pieces.go", `in := newIntent(w.at.offset, k)
	if err := w.commit(ctx, s.start, in); err != nil {
		return nil, err
	}`, `in := newIntent(w.at.offset, k)`},
}

// TestRulesAreNeeded takes one rule after the other out of the worker, and wants some seed to fail for it.
func TestRulesAreNeeded(t *testing.T) {
	mutant.Test{Package: "simulation", Name: "TestExactlyOnce", Args: []string{"-seeds", "6000"}, Says: "what happened is told by"}.Kill(t, rules)
}

// A target has one owner, and one that forgot how far it was does not begin anew. That is before a worker, so that it has
// tests of its own.
func TestOwnersAreNeeded(t *testing.T) {
	for test, m := range map[string]mutant.Mutant{
		"TestForgottenOffset":   {Rule: "10: a forgotten offset stops", File: "app/owner.go", Old: `ok && c.Offset < 0`, New: `false && ok && c.Offset < 0`},
		"TestOneOwnerOfATarget": {Rule: "10: another owner stops", File: "app/owner.go", Old: `cursor.Group != a.cfg.Consumer.Group {`, New: `false {`},
	} {
		mutant.Test{Package: "app", Name: test, Args: []string{"-deadline", "15s"}, Says: "--- FAIL: " + test}.Kill(t, []mutant.Mutant{m})
	}
}
