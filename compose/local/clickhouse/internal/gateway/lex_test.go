package gateway

import (
	"testing"

	"pgregory.net/rapid"
)

func TestIsLiteral(t *testing.T) {
	for text, want := range map[string]bool{
		"'a'": true, `'it\'s; (a)'`: true, "5": true, "-5": true, "1.5": true, "UInt64_5": true, "NULL": true,
		"": false, "'": false, "'a', x = 1": false, "a b": false, "(1)": false, "'a' -- b": true, "1; DROP": false, "-": false, "`a`": false,
	} {
		if got := isLiteral(text); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// TestQuotes checks that whatever is quoted is one token, and a name means itself.
func TestQuotes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.String().Draw(r, "s")
		if !isLiteral(quoteText(s)) {
			r.Errorf("%q is no literal", quoteText(s))
		}
		name := quoteName(s)
		if got := tokens(name); len(got) != 1 || unquoteName(name) != s {
			r.Errorf("%q became %q, which means %q", s, name, unquoteName(name))
		}
	})
}

// FuzzParse wants no panic, and tokens that lie in order in the text.
func FuzzParse(f *testing.F) {
	for _, sql := range []string{
		"INSERT INTO a.b (* EXCEPT (`c`)) SETTINGS x = [1, 2] FORMAT Native", "INSERT INTO", "INSERT INTO t (", "SET a = 1, b = {'x': 2}",
		"/* a ; */ SELECT ';' -- c\nFORMAT Null;", "((", "`", "'", "INSERT INTO a.", "INSERT INTO t SETTINGS", "\xff\x00;",
	} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		_, _ = parseStatement(sql)
		end := 0
		for _, token := range tokens(sql) {
			if token.start < end || token.end <= token.start || token.end > len(sql) {
				t.Fatalf("token %+v after %d", token, end)
			}
			end = token.end
		}
	})
}
