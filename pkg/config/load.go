package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Load reads the file at path over Default, with ${VAR} taken from the environment. The error holds every problem of
// the file, each a *Problem. Names of files in it are relative to it, and come out relative to the working directory.
func Load(path string) (*Config, error) {
	text, err := os.ReadFile(path) //nolint:gosec // G304: the operator names the file.
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return load(path, text, os.LookupEnv)
}

func load(path string, text []byte, environment func(string) (string, bool)) (*Config, error) {
	d := decoder{
		origin:      &origin{file: path, places: map[string]place{"": {line: 1, column: 1}}},
		environment: environment,
	}
	config := Default()
	root, problem := parse(path, text)
	if problem != nil {
		return nil, problem
	}
	d.section("", root, reflect.ValueOf(&config).Elem())
	config.origin = d.origin
	config.resolveFiles(filepath.Dir(path))
	problems := d.problems
	for _, problem := range append(config.validate(), config.readSQLFiles()...) {
		// A key that was refused has no value yet: what that leads to is no problem of its own.
		if !d.refused(sectionOf(problem.Key)) {
			problems = append(problems, problem)
		}
	}
	if len(problems) > 0 {
		return nil, joined(problems)
	}
	return &config, nil
}

// parse returns the root of the file's one document, nil when it is empty.
func parse(path string, text []byte) (ast.Node, *Problem) {
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxProblem(path, text, err)
	}
	var root ast.Node
	for _, document := range file.Docs {
		switch {
		case document.Body == nil || document.Body.Type() == ast.NullType:
		case root == nil:
			root = document.Body
		default:
			at := placeOf(document.Body)
			return nil, &Problem{
				File: path, Line: at.line, Column: at.column,
				What: "a second YAML document begins here", Expected: "one document in the file",
			}
		}
	}
	return root, nil
}

// quoted matches what the parser quotes of the file, which might be a part of a secret.
var quoted = regexp.MustCompile(`"(\\.|[^"\\])*" ?`)

func syntaxProblem(path string, text []byte, err error) *Problem {
	problem := &Problem{File: path, Line: 1, Column: 1, What: "not YAML", Expected: "a YAML file"}
	if syntax, ok := errors.AsType[yaml.Error](err); ok {
		problem.What += ": " + strings.TrimRight(quoted.ReplaceAllString(syntax.GetMessage(), ""), ": ")
		if token := syntax.GetToken(); token != nil && token.Position != nil {
			problem.Line, problem.Column = token.Position.Line, token.Position.Column
		}
	}
	lines := bytes.Split(text, []byte("\n"))
	if problem.Line <= len(lines) && bytes.Contains(lines[problem.Line-1], []byte("${")) {
		problem.Expected += ", with ${...} in quotes inside [ ] and { }"
	}
	return problem
}
