package config

import (
	"errors"
	"strings"
	"testing"
)

// FuzzLoad feeds any bytes: an error, where there is one, is made of problems with a place in the file.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", least, "kafka:\n  brokers:\n    - ${A:-b}\n", "a: &a [*a]", "? {a: b}\n: c", "log: |\n  x", "--- \n---\n", "tables: [[[]]]", "!!binary x: y",
		"<<: {a: b}", "'a': \"\\u0000\"", "\t", "\xff\xfe", "log: {level: !x}", "%YAML 1.2\n---\na: b", "tables:\n-\n- lookups:\n  -\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		config, err := load("c.yaml", text, environment(map[string]string{"A": "a"}))
		if (config == nil) == (err == nil) {
			t.Fatalf("config %v, error %v", config, err)
		}
		for _, each := range problemsOf(err) {
			problem, ok := errors.AsType[*Problem](each)
			if !ok || problem.Line < 1 || problem.Column < 1 || problem.What == "" || problem.Expected == "" || !strings.HasPrefix(problem.Error(), "c.yaml:") {
				t.Errorf("no problem with a place: %#v", each)
			}
		}
	})
}

func problemsOf(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	if err != nil {
		return []error{err}
	}
	return nil
}
