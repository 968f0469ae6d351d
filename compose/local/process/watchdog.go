package process

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// watchdogScript waits for a line on standard input, which dismisses it. End of file without one means that the parent
// died, however it died, and then the child's group gets the signal.
const watchdogScript = `read -r _ || kill -s "$1" -- "-$2"`

// watchdog ends a child when we die, where the kernel has no way to. It is a shell at the other end of a pipe that we hold:
// nothing but our end closes it. It is best effort: killed itself, it guards nothing, and descendants that left the
// child's group must go by the child's own doing.
type watchdog struct {
	cmd  *exec.Cmd
	hold *os.File
}

func startWatchdog(pid int, sig syscall.Signal) (*watchdog, error) {
	r, hold, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for its watchdog: %w", err)
	}
	defer r.Close() //nolint:errcheck // the watchdog has its own copy
	w := &watchdog{hold: hold, cmd: &exec.Cmd{
		Path:        "/bin/sh",
		Args:        []string{"sh", "-c", watchdogScript, "watchdog", strconv.Itoa(int(sig)), strconv.Itoa(pid)},
		Stdin:       r,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}}
	if err := w.cmd.Start(); err != nil {
		_ = hold.Close()
		return nil, fmt.Errorf("start its watchdog: %w", err)
	}
	return w, nil
}

// dismiss ends the watchdog of a child that has ended, so that it cannot hit another process that gets its pid.
func (w *watchdog) dismiss() {
	if w == nil {
		return
	}
	// Should it be gone already there is nothing to dismiss.
	_, _ = w.hold.WriteString("\n")
	_ = w.hold.Close()
	_ = w.cmd.Wait()
}
