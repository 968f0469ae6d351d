package clickhouse

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strconv"
)

// Config of a Server. Only Dir is needed.
type Config struct {
	// Dir keeps the tables; it is made if need be. One server at a time can have it.
	Dir string

	// Addr is the loopback address to listen on; by default a free port. To get the address of a server that was killed
	// back, start the next one with its Addr.
	Addr string

	// Program runs the gateway, with flags after it; by default what function Program builds.
	Program []string

	// Library is the path of libchdb; by default what Fetch gets.
	Library string

	// Log gets the gateway's log, lines of JSON; by default nobody.
	Log io.Writer

	// MaxInsertBytes is what one INSERT may hold; by default 1 GiB. Its blocks wait in memory on Linux, and on disk
	// elsewhere.
	MaxInsertBytes int64

	// Verbose has every query logged.
	Verbose bool
}

// complete fills in the defaults, which may take a download and a build.
func (c Config) complete(ctx context.Context) (Config, error) {
	if c.Dir == "" {
		return c, errors.New("start ClickHouse: Config.Dir is empty: give the directory that keeps its tables")
	}
	c.Addr = cmp.Or(c.Addr, "127.0.0.1:0")
	var err error
	if c.Library == "" {
		if c.Library, err = Fetch(ctx); err != nil {
			return c, err
		}
	}
	if len(c.Program) == 0 {
		if c.Program, err = Program(ctx); err != nil {
			return c, err
		}
	}
	return c, nil
}

// command is the command line of the child.
func (c Config) command() (name string, args []string) {
	args = append(args, c.Program[1:]...)
	args = append(args, "-dir", c.Dir, "-addr", c.Addr, "-library", c.Library, "-with-parent")
	if c.MaxInsertBytes > 0 {
		args = append(args, "-max-insert-bytes", strconv.FormatInt(c.MaxInsertBytes, 10))
	}
	if c.Verbose {
		args = append(args, "-verbose")
	}
	return c.Program[0], args
}
