package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
)

// comments are the doc comments of a package's types ("Kafka") and of their fields ("Kafka.Brokers").
type comments map[string]string

func readComments(directory string) (comments, error) {
	paths, err := filepath.Glob(filepath.Join(directory, "*.go"))
	if err != nil {
		return nil, err
	}
	all := comments{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read the comments: %w", err)
		}
		for _, declaration := range file.Decls {
			if types, ok := declaration.(*ast.GenDecl); ok && types.Tok == token.TYPE {
				all.add(types)
			}
		}
	}
	return all, nil
}

func (c comments) add(types *ast.GenDecl) {
	for _, spec := range types.Specs {
		declared, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		c[declared.Name.Name] = line(types.Doc)
		structure, ok := declared.Type.(*ast.StructType)
		if !ok {
			continue
		}
		above := ""
		for _, field := range structure.Fields.List {
			if doc := line(field.Doc); doc != "" {
				above = doc
			}
			for _, name := range field.Names {
				// One comment may speak of several fields that follow each other, and then names them.
				if field.Doc != nil || names(above, name.Name) {
					c[declared.Name.Name+"."+name.Name] = above
				}
			}
		}
	}
}

func line(doc *ast.CommentGroup) string { return strings.Join(strings.Fields(doc.Text()), " ") }

func names(text, name string) bool {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(text)
}
