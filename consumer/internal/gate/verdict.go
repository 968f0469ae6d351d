package gate

// Verdict is what the gate says of a worker at one tick. It does not change.
type Verdict struct {
	// Pass says that changes may pass.
	Pass bool
	// Known says that some evaluation has succeeded since the gate was opened; without one nothing passes.
	Known bool
	// Reason tells in OpenFeature's words how the flag came to its value, and the variant: "STATIC on".
	Reason string
	// Err says why the last evaluation failed, in which case the rest is that of the last one that did not.
	Err error
	// Generation counts the flag definitions that were read: verdicts of equal generations come from the same ones.
	Generation uint64
}

// outcome is what a worker acts upon.
func (v *Verdict) outcome() [2]bool { return [2]bool{v.Pass, v.Known} }
