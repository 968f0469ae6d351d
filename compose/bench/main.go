package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"eventsync/pkg/program"
)

func main() { os.Exit(program.Main(command())) }

func command() *cobra.Command {
	c := &cobra.Command{Use: "bench", Short: "Measure producer and consumer beside the least that could do the same work"}
	c.AddCommand(producerCommand(), consumerCommand(), bareCommand())
	return c
}

func producerCommand() *cobra.Command {
	o := defaults(producerParts)
	c := partCommand("producer", "Measure the producer: streaming, snapshot, memory, latency", &o)
	c.Flags().StringSliceVar(&o.parts, "only", o.parts, "the parts to measure")
	c.Flags().IntVar(&o.singleRows, "single-rows", o.singleRows, "rows of each run of single-row transactions")
	c.Flags().IntVar(&o.largeRows, "large-rows", o.largeRows, "rows of the large transaction")
	c.Flags().IntVar(&o.largeRuns, "large-runs", o.largeRuns, "runs of the large transaction")
	c.Flags().DurationVar(&o.trickle, "trickle", o.trickle, "how long each run of the latency lasts")
	c.Flags().BoolVar(&o.debezium, "debezium", false, "measure Debezium too; needs a JDK, Maven and what Maven fetches")
	return c
}

func consumerCommand() *cobra.Command {
	o := defaults(consumerParts[:len(consumerParts)-1]) // growth takes long, and must be asked for
	o.trickle = 10 * time.Second
	c := partCommand("consumer", "Measure the consumer: CPU, memory, latency, takeover; growth if it is asked for", &o)
	c.Flags().StringSliceVar(&o.parts, "only", o.parts, "the parts to measure")
	c.Flags().DurationVar(&o.trickle, "trickle", o.trickle, "how long each run of the latency lasts")
	c.Flags().StringVar(&o.plot, "plot", "", "write a plot of the growth to this file, as SVG")
	return c
}

func partCommand(name, short string, o *options) *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.progress = c.ErrOrStderr()
			r, err := measure(c.Context(), *o)
			if err != nil {
				return err
			}
			return r.write(c.OutOrStdout(), asJSON)
		},
	}
	c.Flags().IntVar(&o.rows, "rows", o.rows, "rows of each run")
	c.Flags().IntVar(&o.runs, "runs", o.runs, "runs of each side")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func (r *report) write(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	if _, err := fmt.Fprintf(w, "%d runs of %d rows, %d CPUs, %s, PostgreSQL %s\n\n", r.Runs, r.Rows, r.CPUs, r.Go, r.Postgres); err != nil {
		return err
	}
	return writeTable(w, r.Figures)
}
