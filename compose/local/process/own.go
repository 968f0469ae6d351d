package process

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

// drain is how long the output of a child that has ended is still read. Descendants that outlive it may hold the pipe
// open; they must not hold Stop up.
const drain = time.Second

// own starts the child, waits for it, and clears up behind it, all on one thread of its own: to the kernel the parent of a
// child with a parent-death signal is the thread that forked it, and the Go runtime ends threads it has no use for. Locked
// and waiting here, this one lives exactly as long as the child.
func (p *Process) own(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	output, dog, err := p.launch()
	started <- err
	if err != nil {
		return
	}
	captured := make(chan struct{})
	go p.capture(output, captured)

	err = p.cmd.Wait()
	dog.dismiss()
	p.closeStdin()
	// An error here means only that the pipe cannot have a deadline; then its end is waited for.
	_ = output.SetReadDeadline(time.Now().Add(drain))
	<-captured
	_ = output.Close()
	if err != nil {
		p.err = fmt.Errorf("%s (pid %d) ended: %w%s", p.cfg.Name, p.Pid(), err, p.tail.quote())
	}
	close(p.done)
}

// launch starts the child with its pipes and makes sure that it dies with us. It leaves nothing behind on an error.
func (p *Process) launch() (output *os.File, dog *watchdog, err error) {
	output, w, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pipe for its output: %w", err)
	}
	defer w.Close() //nolint:errcheck // the child has its own copy, and nothing was written on ours
	p.cmd.Stdout, p.cmd.Stderr = w, w

	if p.cfg.HoldStdin {
		r, hold, err := os.Pipe()
		if err != nil {
			_ = output.Close()
			return nil, nil, fmt.Errorf("make a pipe for its input: %w", err)
		}
		defer r.Close() //nolint:errcheck // the child has its own copy
		p.cmd.Stdin, p.stdin = r, hold
	}

	kernel := !p.cfg.watchdog && dieWithParent(p.cmd.SysProcAttr, p.cfg.DeathSignal)
	if err := p.cmd.Start(); err != nil {
		p.closeStdin()
		_ = output.Close()
		return nil, nil, err
	}
	if kernel {
		return output, nil, nil
	}
	dog, err = startWatchdog(p.Pid(), p.cfg.DeathSignal)
	if err != nil {
		killTree(p.Pid())
		_ = p.cmd.Wait() // it was killed: that is what this would say
		p.closeStdin()
		_ = output.Close()
		return nil, nil, err
	}
	return output, dog, nil
}

func (p *Process) capture(output io.Reader, captured chan<- struct{}) {
	defer close(captured)
	var w io.Writer = p.tail
	if p.cfg.Log != nil {
		w = io.MultiWriter(p.tail, ignoreErrors{p.cfg.Log})
	}
	_, _ = io.Copy(w, output) // ends with the pipe, or at the deadline set once the child has ended
}

// ignoreErrors keeps a Log that fails from stopping the copy: a child whose pipe is no longer read would stop too.
type ignoreErrors struct{ w io.Writer }

func (i ignoreErrors) Write(b []byte) (int, error) {
	_, _ = i.w.Write(b)
	return len(b), nil
}

func (p *Process) closeStdin() {
	p.once.Do(func() {
		if p.stdin != nil {
			_ = p.stdin.Close() // nothing was ever written on it that could be lost
		}
	})
}
