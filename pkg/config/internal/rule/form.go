package rule

import (
	"regexp"
	"strconv"
	"strings"
)

// Form is the shape of a text.
type Form struct {
	// Pattern is a regular expression for all of the text.
	Pattern string
	// Expected describes the form to a reader.
	Expected string

	expression *regexp.Regexp
	port       bool
}

// Matches says whether all of the text has the form.
func (f *Form) Matches(text string) bool {
	return f.expression.MatchString(text) && (!f.port || portOf(text))
}

func portOf(text string) bool {
	port, err := strconv.ParseUint(text[strings.LastIndexByte(text, ':')+1:], 10, 16)
	return err == nil && port > 0
}

// FormNamed is the form that a tag names.
func FormNamed(name string) (*Form, bool) {
	var form Form
	switch name {
	case "address":
		form = Form{Pattern: `^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$`, Expected: "host:port, such as localhost:9092", port: true}
	case "table":
		form = Form{Pattern: `^[A-Za-z0-9_-]{1,63}\.[A-Za-z0-9_-]{1,63}$`, Expected: "schema.table, such as public.events"}
	case "name":
		form = Form{Pattern: `^[A-Za-z_][A-Za-z0-9_-]{0,126}$`, Expected: "a name of letters, digits, _ and -"}
	case "slot":
		form = Form{Pattern: `^[a-z0-9_]{1,63}$`, Expected: "up to 63 lower-case letters, digits and _"}
	case "topic":
		form = Form{Pattern: `^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`, Expected: "up to 100 letters, digits, ., _ and -"}
	case "text":
		form = Form{Pattern: `\S`, Expected: "text"}
	default:
		return nil, false
	}
	form.expression = regexp.MustCompile(form.Pattern)
	return &form, true
}
