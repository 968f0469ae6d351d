package gateway

import "slices"

// insertStatement is an INSERT whose rows come as blocks.
type insertStatement struct {
	table    string // as written
	columns  []string
	except   bool // columns are those of (* EXCEPT (...))
	settings []assignment
}

// parseInsert gives nil where the statement has its rows from elsewhere, a query or its own text; inline says that they
// are in the text, which is then no SQL from some place on.
func parseInsert(sql string, toks []token) (insert *insertStatement, inline bool) {
	p := insertParser{sql: sql, toks: toks, at: 1}
	p.skip("INTO", "TABLE")
	if p.word() == "" || p.word() == "FUNCTION" {
		return nil, false
	}
	insert = &insertStatement{table: p.table()}
	if p.word() == "(" {
		if slices.Contains([]string{"SELECT", "WITH", "("}, p.next(1)) {
			return nil, false
		}
		if !p.columnList(insert) {
			return nil, false
		}
	}
	if p.word() == "SETTINGS" {
		insert.settings = p.settings()
	}
	switch p.word() {
	case "":
		return insert, false
	case "FORMAT":
		p.at += 2
	case "VALUES":
		p.at++
	default:
		return nil, false
	}
	if p.word() != "" {
		return nil, true
	}
	return insert, false
}

type insertParser struct {
	sql  string
	toks []token
	at   int
}

func (p *insertParser) next(ahead int) string {
	if p.at+ahead < len(p.toks) {
		return p.toks[p.at+ahead].word
	}
	return ""
}

func (p *insertParser) word() string { return p.next(0) }

func (p *insertParser) skip(words ...string) {
	for slices.Contains(words, p.word()) {
		p.at++
	}
}

func (p *insertParser) table() string {
	first := p.at
	for p.at++; p.word() == "." && p.next(1) != ""; p.at += 2 {
	}
	return p.sql[p.toks[first].start:p.toks[p.at-1].end]
}

// columnList reads (a, `b c`, n.d) or (* EXCEPT (a, b)); false when it does not end.
func (p *insertParser) columnList(insert *insertStatement) bool {
	name := ""
	add := func() {
		if name != "" {
			insert.columns, name = append(insert.columns, name), ""
		}
	}
	for depth := 1; depth > 0; {
		p.at++
		switch w := p.word(); w {
		case "":
			return false
		case "(":
			depth++
		case ")":
			depth--
			add()
		case ",":
			add()
		case "*":
			insert.except = true
		case "EXCEPT":
		default:
			t := p.toks[p.at]
			name += unquoteName(p.sql[t.start:t.end])
		}
	}
	p.at++
	return true
}

func (p *insertParser) settings() []assignment {
	p.at++
	first := p.at
	for !slices.Contains([]string{"", "VALUES", "FORMAT", "SELECT", "WITH"}, p.word()) {
		p.at++
	}
	return parseAssignments(p.sql, p.toks[first:p.at])
}
