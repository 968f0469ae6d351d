// Local is the whole stack on one machine in one command, without Docker and without root: PostgreSQL, a Kafka broker
// and ClickHouse, with the product's producer and consumers on them.
//
//	go run ./compose/local demo    play the product's story, and end with every table compared
//	go run ./compose/local up      the same, and stay
//	go run ./compose/local soak    full load for half an hour, and tell whether it could go on for ever
//	go run ./compose/local chaos   kill the programs and ClickHouse for ten minutes, and count what arrived
package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"eventsync/compose/local/internal/chaos"
	"eventsync/compose/local/internal/demo"
	"eventsync/compose/local/internal/soak"
	"eventsync/compose/local/kafka"
	"eventsync/pkg/program"
)

func main() {
	root := &cobra.Command{Use: "local", Short: "The whole stack on one machine, in one command"}
	root.AddCommand(demoCommand(), upCommand(), soakCommand(), chaosCommand())
	os.Exit(program.Main(root))
}

func demoCommand() *cobra.Command {
	o := demo.Options{}
	c := &cobra.Command{Use: "demo", Short: "Play the story: rows wait behind a flag, then are in ClickHouse; every table is compared", Args: cobra.NoArgs}
	flags(c, &o)
	c.Flags().StringVar(&o.Dir, "dir", "", "where everything is kept (default: a new folder, removed at the end)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return inDir(c, o.Dir, func(dir string) error {
			o.Dir, o.Out = dir, c.OutOrStdout()
			return demo.Run(c.Context(), o)
		})
	}
	return c
}

func upCommand() *cobra.Command {
	o := demo.Options{Stay: true}
	c := &cobra.Command{Use: "up", Short: "Play the story, then stay and print the addresses", Args: cobra.NoArgs}
	flags(c, &o)
	c.Flags().StringVar(&o.Dir, "dir", ".eventsync", "where everything is kept, and found again the next time")
	c.Flags().IntVar(&o.Ports.Postgres, "postgres-port", 15432, "port of PostgreSQL on 127.0.0.1")
	c.Flags().IntVar(&o.Ports.Kafka, "kafka-port", 19092, "port of Kafka on 127.0.0.1")
	c.Flags().IntVar(&o.Ports.ClickHouse, "clickhouse-port", 19000, "port of ClickHouse's native protocol on 127.0.0.1")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return inDir(c, o.Dir, func(dir string) error {
			o.Dir, o.Out = dir, c.OutOrStdout()
			return demo.Run(c.Context(), o)
		})
	}
	return c
}

func flags(c *cobra.Command, o *demo.Options) {
	c.Flags().IntVar(&o.Rows, "rows", 200_000, "rows in the events table before anything starts")
	c.Flags().IntVar(&o.Rate, "rate", 1_000, "rows that the load changes in a second")
	c.Flags().BoolVar(&o.ApacheKafka, "apache-kafka", false, "run Apache Kafka as the broker; needs a JDK and Maven")
}

func soakCommand() *cobra.Command {
	o := soak.Options{}
	c := &cobra.Command{Use: "soak", Short: "Full load for a time; then tables equal, memory flat, no log held back, no errors, or it fails", Args: cobra.NoArgs}
	c.Flags().DurationVar(&o.For, "for", 30*time.Minute, "how long the load lasts")
	c.Flags().IntVar(&o.Scale, "scale", 10, "pgbench's scale: 100,000 accounts each")
	c.Flags().IntVar(&o.Rows, "rows", 50_000, "rows in the events table before anything starts")
	c.Flags().IntVar(&o.Rate, "rate", 500, "rows of events that change in a second, beside pgbench's")
	c.Flags().BoolVar(&o.ApacheKafka, "apache-kafka", false, "run Apache Kafka as the broker; needs a JDK and Maven")
	c.Flags().StringVar(&o.Dir, "dir", "", "an empty folder for everything (default: a new one, removed at the end)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return inDir(c, o.Dir, func(dir string) error {
			o.Dir, o.Out = dir, c.OutOrStdout()
			return soak.Run(c.Context(), o)
		})
	}
	return c
}

func chaosCommand() *cobra.Command {
	o := chaos.Options{}
	c := &cobra.Command{Use: "chaos", Short: "Kill consumers, the producer and ClickHouse for a time; then every change is there once, or it fails", Args: cobra.NoArgs}
	c.Flags().DurationVar(&o.For, "for", 10*time.Minute, "how long things are killed")
	c.Flags().IntVar(&o.Rate, "rate", 500, "rows that change in a second")
	c.Flags().Uint64Var(&o.Seed, "seed", rand.Uint64(), "what decides which dies when") //nolint:gosec // G404: no secret
	c.Flags().BoolVar(&o.ApacheKafka, "apache-kafka", kafka.Available() == nil, "run Apache Kafka as the broker, where a JDK and Maven are there")
	c.Flags().StringVar(&o.Dir, "dir", "", "an empty folder for everything (default: a new one, removed at the end)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return inDir(c, o.Dir, func(dir string) error {
			o.Dir, o.Out = dir, c.OutOrStdout()
			return chaos.Run(c.Context(), o)
		})
	}
	return c
}

// inDir runs f in the folder, made if missing; in a new one where none is named, which is removed unless f fails.
func inDir(c *cobra.Command, dir string, f func(dir string) error) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "eventsync-"+c.Name()+"-"); err != nil {
			return err
		}
		defer func() {
			if err == nil {
				err = os.RemoveAll(dir)
			}
		}()
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // G301: PostgreSQL may run as another user
		return fmt.Errorf("data directory: %w", err)
	}
	return f(dir)
}
