package config

import "strings"

// place is a position in the file, counted from 1.
type place struct{ line, column int }

// origin remembers where each key of a loaded configuration stands, so that a problem found later can name its place.
type origin struct {
	file   string
	places map[string]place
}

// problem is one at key's place or, where key is not in the file, at that of the nearest section around it.
func (o *origin) problem(key, what, expected string) *Problem {
	if o == nil {
		return &Problem{Key: key, What: what, Expected: expected}
	}
	at := o.near(key)
	return &Problem{File: o.file, Line: at.line, Column: at.column, Key: key, What: what, Expected: expected}
}

func (o *origin) near(key string) place {
	for {
		if at, ok := o.places[key]; ok {
			return at
		}
		if key == "" {
			return place{}
		}
		key = key[:max(0, strings.LastIndexAny(key, ".["))]
	}
}
