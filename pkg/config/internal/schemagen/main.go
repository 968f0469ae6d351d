// Schemagen writes the JSON schema of the configuration, for editors, from the structs of package config: their keys,
// types and rules by reflection, their descriptions from the comments in the source.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	source := flag.String("source", ".", "directory of package config")
	output := flag.String("o", "config.schema.json", "file to write")
	flag.Parse()
	if err := run(*source, *output); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

func run(source, output string) error {
	text, err := generate(source)
	if err != nil {
		return err
	}
	return os.WriteFile(output, text, 0o644) //nolint:gosec // G306: the schema is for everybody to read.
}
