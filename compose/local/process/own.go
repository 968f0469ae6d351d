package process

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

// own starts the child, waits for it, and clears up behind it, all on one thread of its own: to the kernel the parent of a
// child with a parent-death signal is the thread that forked it, and the Go runtime ends threads it has no use for. Locked
// and waiting here, this one lives exactly as long as the child.
func (p *Process) own(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	dog, err := p.launch()
	started <- err
	if err != nil {
		return
	}
	err = p.cmd.Wait()
	dog.dismiss()
	p.closeStdin()
	p.output.finish()
	if err != nil {
		p.err = fmt.Errorf("%s (pid %d) ended: %w%s", p.cfg.Name, p.Pid(), err, p.tail.quote())
	}
	close(p.done)
}

// launch starts the child with its pipes and makes sure that it dies with us. It leaves nothing behind on an error.
func (p *Process) launch() (dog *watchdog, err error) {
	defer func() {
		if err != nil {
			p.closeStdin()
			p.output.finish()
		}
	}()
	log := io.Writer(p.tail)
	if p.cfg.Log != nil {
		log = io.MultiWriter(p.tail, ignoreErrors{p.cfg.Log})
	}
	w, err := p.output.pipe(log)
	if err != nil {
		return nil, err
	}
	defer w.Close() //nolint:errcheck // the child has its own copy, and nothing was written on ours
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if p.cfg.Stdout != nil {
		w, err := p.output.pipe(ignoreErrors{p.cfg.Stdout})
		if err != nil {
			return nil, err
		}
		defer w.Close() //nolint:errcheck // as above
		p.cmd.Stdout = w
	}

	if p.cfg.HoldStdin {
		r, hold, err := os.Pipe()
		if err != nil {
			return nil, fmt.Errorf("make a pipe for its input: %w", err)
		}
		defer r.Close() //nolint:errcheck // the child has its own copy
		p.cmd.Stdin, p.stdin = r, hold
	}

	kernel := !p.cfg.watchdog && dieWithParent(p.cmd.SysProcAttr, p.cfg.DeathSignal)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if kernel {
		return nil, nil
	}
	dog, err = startWatchdog(p.Pid(), p.cfg.DeathSignal)
	if err != nil {
		killTree(p.Pid())
		_ = p.cmd.Wait() // it was killed: that is what this would say
		return nil, err
	}
	return dog, nil
}

func (p *Process) closeStdin() {
	p.once.Do(func() {
		if p.stdin != nil {
			_ = p.stdin.Close() // nothing was ever written on it that could be lost
		}
	})
}
