package scene

import (
	"fmt"
	"io"
	"os"
)

// Teller tells a story, to a terminal or to a file.
type Teller struct{ Out io.Writer }

// Say prints a line.
func (t Teller) Say(format string, args ...any) {
	fmt.Fprintf(t.Out, t.clear()+format+"\n", args...)
}

// Show prints what changes: over itself on a terminal, else line by line.
func (t Teller) Show(line string) {
	if t.clear() == "" {
		fmt.Fprintln(t.Out, "  "+line)
		return
	}
	fmt.Fprint(t.Out, t.clear()+"  "+line)
}

// clear is what empties the line on a terminal, and nothing elsewhere.
func (t Teller) clear() string {
	f, ok := t.Out.(*os.File)
	if !ok {
		return ""
	}
	if s, err := f.Stat(); err != nil || s.Mode()&os.ModeCharDevice == 0 {
		return ""
	}
	return "\r\x1b[K"
}

// Count writes 1234567 as 1,234,567.
func Count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
