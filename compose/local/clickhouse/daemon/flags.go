package daemon

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

// options are the command line's.
type options struct {
	dir, addr, library string
	withParent         bool
	drain              time.Duration
	maxInsertBytes     int64
	verbose            bool
}

func parseFlags(args []string, usage io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("clickhouse", flag.ContinueOnError)
	f.SetOutput(usage)
	f.StringVar(&o.dir, "dir", "", "data `directory`; made if need be")
	f.StringVar(&o.addr, "addr", "127.0.0.1:9000", "loopback `address` to listen on; port 0 takes a free one")
	f.StringVar(&o.library, "library", "", "`file` of libchdb")
	f.BoolVar(&o.withParent, "with-parent", false, "stop when standard input ends")
	f.DurationVar(&o.drain, "drain", 3*time.Second, "`time` that running queries have when it stops")
	f.Int64Var(&o.maxInsertBytes, "max-insert-bytes", 0, "`bytes` that one INSERT may hold (default 1 GiB)")
	f.BoolVar(&o.verbose, "verbose", false, "log every query")
	if err := f.Parse(args); err != nil {
		return o, fmt.Errorf("read the gateway's flags: %w", err)
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case o.dir == "":
		return o, errors.New("no data directory: give -dir")
	case o.library == "":
		return o, errors.New("no engine: give -library, the path of libchdb")
	}
	return o, nil
}
