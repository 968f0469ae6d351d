package gateway

import (
	"slices"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// statement is what the gateway must know of a query's text.
type statement struct {
	text   string           // without a closing semicolon, and without FORMAT where that is for the client
	kind   string           // its first word, in upper case
	insert *insertStatement // an INSERT whose rows come as blocks
	sets   []assignment     // of a SET
}

// assignment is one "name = value", both as written.
type assignment struct{ name, value string }

// parseStatement refuses several statements in one text: the engine would run them one after the other.
func parseStatement(sql string) (statement, error) {
	toks := tokens(sql)
	for len(toks) > 0 && toks[len(toks)-1].word == ";" {
		toks = toks[:len(toks)-1]
	}
	if len(toks) == 0 {
		return statement{}, exception(proto.ErrSyntaxError, "Syntax error: empty query")
	}
	s := statement{text: sql[:toks[len(toks)-1].end], kind: kindOf(toks)}
	inline := false
	switch s.kind {
	case "INSERT":
		s.insert, inline = parseInsert(sql, toks)
	case "SET":
		s.sets = parseAssignments(sql, toks[1:])
	case "CREATE": // FORMAT may belong to a table there
	default:
		if n := len(toks); n > 2 && toks[n-2].word == "FORMAT" { // every result goes out as blocks
			s.text = sql[:toks[n-3].end]
		}
	}
	if !inline && slices.ContainsFunc(toks, func(t token) bool { return t.word == ";" }) {
		return statement{}, exception(proto.ErrSyntaxError, "Syntax error (Multi-statements are not allowed)")
	}
	return s, nil
}

func kindOf(toks []token) string {
	for _, t := range toks {
		if t.word != "(" {
			return t.word
		}
	}
	return ""
}

func (s statement) isSelect() bool {
	return slices.Contains([]string{"SELECT", "WITH", "FROM"}, s.kind)
}

// hasResult tells whether a client waits for columns even where there are no rows.
func (s statement) hasResult() bool {
	return slices.Contains([]string{"SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "CHECK"}, s.kind)
}

// parseAssignments reads "a = 1, b = [2, 3]" up to where it stops being that.
func parseAssignments(sql string, toks []token) []assignment {
	var out []assignment
	for i := 0; i+2 < len(toks) && toks[i+1].word == "="; {
		end := endOfValue(toks, i+2)
		out = append(out, assignment{
			name:  sql[toks[i].start:toks[i].end],
			value: sql[toks[i+2].start:toks[end-1].end],
		})
		i = end + 1
	}
	return out
}

// endOfValue finds the comma after the value at i, or the end.
func endOfValue(toks []token, i int) int {
	depth := 0
	for ; i < len(toks); i++ {
		switch w := toks[i].word; {
		case w == "," && depth == 0:
			return i
		case strings.Contains("([{", w):
			depth++
		case strings.Contains(")]}", w):
			depth--
		}
	}
	return i
}
