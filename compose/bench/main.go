package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"eventsync/pkg/program"
)

func main() { os.Exit(program.Main(command())) }

func command() *cobra.Command {
	o := options{parts: partNames}
	asJSON := false
	c := &cobra.Command{
		Use:       "bench [producer] [consumer]",
		Short:     "Measure producer and consumer beside the least that could do the same work",
		ValidArgs: partNames,
		Args:      cobra.OnlyValidArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.parts = args
			}
			o.progress = c.ErrOrStderr()
			r, err := measure(c.Context(), o)
			if err != nil {
				return err
			}
			return r.write(c.OutOrStdout(), asJSON)
		},
	}
	c.Flags().IntVar(&o.rows, "rows", 1_000_000, "rows of each run")
	c.Flags().IntVar(&o.runs, "runs", 3, "runs of each side")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.AddCommand(bareCommand())
	return c
}

func (r *report) write(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	if _, err := fmt.Fprintf(w, "%d runs of %d rows, %d CPUs, %s\n\n", r.Runs, r.Rows, r.CPUs, r.Go); err != nil {
		return err
	}
	return writeTable(w, r.Figures)
}
