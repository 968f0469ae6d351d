package partition

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"eventsync/pkg/change"
)

// state is what the metadata of a committed offset holds.
type state struct {
	topic  string         // the topic's id, as a topic made anew under the name has another; "" where the broker has none
	chain  chain          // of everything before the offset
	floor  change.Version // rows of smaller versions were truncated; 0 for none
	unsure int64          // rows from the offset to here may be in the target already; 0 for none
	quiet  time.Time      // when nobody used a token of before any more, in whole seconds; zero where it is not known
	intent *intent        // the batch that begins at the offset, about to be inserted
}

// intent announces what is about to be done with the messages from the committed offset to end.
type intent struct {
	end   int64
	token string // 64 random bits in hex: a topic made anew, or an offset turned back, never meets an old token
	kind  kind
	made  time.Time // in whole seconds
}

// kind is what an intent announces.
type kind string

const (
	whole     kind = "whole"    // all rows as one block, under the token
	part      kind = "part"     // those of the rows that the target lacked: which, nobody knows
	truncated kind = "truncate" // the removal of older rows
)

func newIntent(end int64, k kind) *intent {
	var b [8]byte
	rand.Read(b[:])
	return &intent{end: end, token: hex.EncodeToString(b[:]), kind: k, made: time.Now().Truncate(time.Second)}
}

const metadataVersion = "es1"

// String writes the state as
//
//	es1 T=<topic id> L=<commit LSN>:<sequence> F=<version> U=<offset> Q=<seconds since 1970> I=<end>:<token>:<kind>:<seconds since 1970>
//
// with L always, and the others where there is something to say.
func (s state) String() string {
	b := metadataVersion
	if s.topic != "" {
		b += " T=" + s.topic
	}
	b += fmt.Sprintf(" L=%x:%d", uint64(s.chain.Commit), s.chain.Sequence)
	if s.floor != 0 {
		b += fmt.Sprintf(" F=%x", uint64(s.floor))
	}
	if s.unsure != 0 {
		b += fmt.Sprintf(" U=%d", s.unsure)
	}
	if !s.quiet.IsZero() {
		b += fmt.Sprintf(" Q=%d", s.quiet.Unix())
	}
	if s.intent != nil {
		b += fmt.Sprintf(" I=%d:%s:%s:%d", s.intent.end, s.intent.token, s.intent.kind, s.intent.made.Unix())
	}
	return b
}

// Errors about metadata stop a partition rather than let it guess: an intent may have been lost.
var (
	errBlank = errors.New("the committed offset has no metadata: another program committed it, and an announced batch may be lost with it; " +
		"stop that program, then see: consumer watermark show")
	errOtherTopic = errors.New("the committed offset is of another topic of this name, which was deleted since: what this one holds is not known to be in the target or not; " +
		"see: consumer watermark show")
)

// parseMetadata reads what String wrote. Blank is the state before the first commit.
func parseMetadata(text string) (s state, err error) {
	if text == "" {
		return s, nil
	}
	fields := strings.Split(text, " ")
	ok, chained := fields[0] == metadataVersion, false
	for _, f := range fields[1:] {
		tag, value, _ := strings.Cut(f, "=")
		good := false
		switch tag {
		case "T":
			s.topic, good = value, value != ""
		case "L":
			s.chain, good = parseChain(value)
			chained = true
		case "F":
			var v uint64
			v, err = strconv.ParseUint(value, 16, 64)
			s.floor, good = change.Version(v), err == nil
		case "U":
			s.unsure, err = strconv.ParseInt(value, 10, 64)
			good = err == nil && s.unsure > 0
		case "Q":
			var seconds int64
			seconds, err = strconv.ParseInt(value, 10, 64)
			s.quiet, good = time.Unix(seconds, 0), err == nil
		case "I":
			s.intent, good = parseIntent(value)
		}
		ok = ok && good
	}
	if !ok || !chained {
		return state{}, fmt.Errorf("the committed offset's metadata %q cannot be read: it was written by something else, or by a newer version; "+
			"run that version, or see: consumer watermark show", text)
	}
	return s, nil
}

func parseChain(text string) (chain, bool) {
	commit, sequence, found := strings.Cut(text, ":")
	lsn, err1 := strconv.ParseUint(commit, 16, 64)
	seq, err2 := strconv.ParseUint(sequence, 10, 64)
	return chain{Commit: change.LSN(lsn), Sequence: seq}, found && err1 == nil && err2 == nil
}

func parseIntent(text string) (*intent, bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 4 {
		return nil, false
	}
	end, errEnd := strconv.ParseInt(parts[0], 10, 64)
	token, errToken := hex.DecodeString(parts[1])
	k := kind(parts[2])
	seconds, errMade := strconv.ParseInt(parts[3], 10, 64)
	ok := errEnd == nil && end > 0 && errToken == nil && len(token) == 8 && (k == whole || k == part || k == truncated) && errMade == nil
	return &intent{end: end, token: parts[1], kind: k, made: time.Unix(seconds, 0)}, ok
}
