package partition

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"eventsync/pkg/change"
)

// state is what the metadata of a committed offset holds.
type state struct {
	chain  chain   // of everything before the offset
	intent *intent // the batch that begins at the offset, about to be inserted
}

// intent announces a batch: from the committed offset to end, under the token.
type intent struct {
	end   int64
	token string // 64 random bits in hex: a topic made anew, or an offset turned back, never meets an old token
}

func newToken() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

const metadataVersion = "es1"

// String writes the state as "es1 L=<commit LSN>:<sequence> I=<end>:<token>:whole", the intent only where there is one.
func (s state) String() string {
	b := fmt.Sprintf("%s L=%x:%d", metadataVersion, uint64(s.chain.Commit), s.chain.Sequence)
	if s.intent != nil {
		b += fmt.Sprintf(" I=%d:%s:whole", s.intent.end, s.intent.token)
	}
	return b
}

// errBlank stops a partition rather than guess: an intent may have been lost with the metadata.
var errBlank = errors.New("the committed offset has no metadata: another program committed it, and an announced batch may be lost with it; " +
	"stop that program, then delete the group's offsets to sync from the topic's start (rows in the target are replaced, not doubled)")

// parseMetadata reads what String wrote. Blank is the state before the first commit.
func parseMetadata(text string) (s state, err error) {
	if text == "" {
		return s, nil
	}
	fields := strings.Split(text, " ")
	ok := fields[0] == metadataVersion && len(fields) >= 2 && len(fields) <= 3
	if ok {
		s.chain, ok = parseChain(fields[1])
	}
	if ok && len(fields) == 3 {
		s.intent, ok = parseIntent(fields[2])
	}
	if !ok {
		return state{}, fmt.Errorf("the committed offset's metadata %q cannot be read: it was written by something else, or by a newer version; run that version, or reset the group's offset", text)
	}
	return s, nil
}

func parseChain(text string) (chain, bool) {
	text, ok := strings.CutPrefix(text, "L=")
	commit, sequence, found := strings.Cut(text, ":")
	lsn, err1 := strconv.ParseUint(commit, 16, 64)
	seq, err2 := strconv.ParseUint(sequence, 10, 64)
	return chain{Commit: change.LSN(lsn), Sequence: seq}, ok && found && err1 == nil && err2 == nil
}

func parseIntent(text string) (*intent, bool) {
	text, ok := strings.CutPrefix(text, "I=")
	parts := strings.Split(text, ":")
	if !ok || len(parts) != 3 || parts[2] != "whole" {
		return nil, false
	}
	end, err := strconv.ParseInt(parts[0], 10, 64)
	token, errToken := hex.DecodeString(parts[1])
	return &intent{end, parts[1]}, err == nil && errToken == nil && len(token) == 8 && end > 0
}
