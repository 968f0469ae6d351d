package process

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// drain is how long the output of a child that has ended is still read. Descendants that outlive it may hold a pipe
// open; they must not hold Stop up.
const drain = time.Second

// output is the reading ends of a child's pipes, each copied to a writer.
type output struct {
	pipes  []*os.File
	copies sync.WaitGroup
}

// pipe makes a pipe whose content goes to w, and returns the end for the child.
func (o *output) pipe(w io.Writer) (*os.File, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for its output: %w", err)
	}
	o.pipes = append(o.pipes, read)
	o.copies.Go(func() { capture(w, read) })
	return write, nil
}

func capture(w io.Writer, read io.Reader) {
	_, _ = io.Copy(w, read) // ends with the pipe, or at the deadline set once the child has ended
}

// finish returns when everything is copied, once the child has ended.
func (o *output) finish() {
	for _, read := range o.pipes {
		// An error here means only that the pipe cannot have a deadline; then its end is waited for.
		_ = read.SetReadDeadline(time.Now().Add(drain))
	}
	o.copies.Wait()
	for _, read := range o.pipes {
		_ = read.Close()
	}
}

// ignoreErrors keeps a writer that fails from stopping the copy: a child whose pipe is no longer read would stop too.
type ignoreErrors struct{ w io.Writer }

func (i ignoreErrors) Write(b []byte) (int, error) {
	_, _ = i.w.Write(b)
	return len(b), nil
}
