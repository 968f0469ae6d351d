package gateway

import (
	"regexp"
	"strings"
)

// token is a piece of SQL that means something: neither space nor comment.
type token struct {
	word       string // its text; a bare word in upper case
	start, end int    // where it is
}

// sqlPiece matches spaces and comments (its group), or a token: something in quotes, a word, or one character.
var sqlPiece = regexp.MustCompile(`(?s)(\s+|--[^\n]*|#[! ][^\n]*|/\*.*?\*/)|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|` +
	"`(?:[^`\\\\]|\\\\.|``)*`" + `|[\w$\x{80}-\x{10ffff}]+|.`)

func tokens(sql string) []token {
	var out []token
	for _, m := range sqlPiece.FindAllStringSubmatchIndex(sql, -1) {
		const group = 2 // its start is here; -1 when it did not match
		if m[group] >= 0 {
			continue
		}
		word := sql[m[0]:m[1]]
		if !strings.ContainsRune("'\"`", rune(word[0])) {
			word = strings.ToUpper(word)
		}
		out = append(out, token{word, m[0], m[1]})
	}
	return out
}

// isLiteral tells whether a text is one string or number and nothing else.
func isLiteral(text string) bool {
	t := tokens(text)
	if len(t) > 1 && t[0].word == "-" {
		t = t[1:]
	}
	switch {
	case len(t) == 3 && t[1].word == ".": // a fraction
		return true
	case len(t) != 1:
		return false
	}
	first := t[0].word[0]
	return first == '\'' && len(t[0].word) > 1 || first == '_' || first >= '0' && first <= '9' || first >= 'A' && first <= 'Z'
}

// What stands for one character inside the two kinds of quotes around names.
var (
	inBackticks    = regexp.MustCompile("(?s)\\\\.|``")
	inDoubleQuotes = regexp.MustCompile(`(?s)\\.|""`)
)

// unquoteName gives the name that an identifier stands for.
func unquoteName(s string) string {
	if len(s) < 2 {
		return s
	}
	inQuotes := inBackticks
	switch s[0] {
	case '`':
	case '"':
		inQuotes = inDoubleQuotes
	default:
		return s
	}
	return inQuotes.ReplaceAllStringFunc(s[1:len(s)-1], func(m string) string { return m[1:] })
}

var (
	textEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\x00", `\0`)
	nameEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`")
)

func quoteText(s string) string { return "'" + textEscapes.Replace(s) + "'" }
func quoteName(s string) string { return "`" + nameEscapes.Replace(s) + "`" }
