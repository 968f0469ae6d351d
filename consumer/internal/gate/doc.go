// Package gate says whether changes may pass: it evaluates a feature flag through OpenFeature.
//
// What it promises: closing the gate makes lag and never loss, so the gate never guesses. A verdict is Known only after
// an evaluation without error; while there is an error the last known verdict holds, and before the first known one
// nothing passes. What is no verdict is an error: a flag that is not there or not boolean, one in the state DISABLED or
// without a default variant (OpenFeature would answer the code's default), a file that is missing, unreadable or
// malformed. A change of the flag takes effect within a second, however the file was changed: written in place, renamed
// over, swapped by a symbolic link (as a ConfigMap is), removed and put back.
//
// How it works: the gate's goroutine reads the flag definitions several times a second and, when they have changed but
// at least once a second, draws a tick: it evaluates the flag with a fresh random targeting key and the attribute
// scope=worker. A rule that lets a percentage of targeting keys pass is thus a percentage of time. A generation counts
// the definitions: verdicts of one generation come from the same definitions, and verdicts of actors, once there are
// some, are a function of (actor, generation). A batch asks once, so that it sees one generation.
//
// The file provider is flagd's own evaluator over our own reading of the file. The flagd provider's file mode never
// recovers from a file that is missing at the start or is removed, and tells nobody that a definition was malformed.
//
// The gate keeps its OpenFeature API to itself; nothing is registered globally.
package gate
