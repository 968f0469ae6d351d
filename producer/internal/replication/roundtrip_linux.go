package replication

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// roundTrip is how long the kernel has seen the other side take to answer; 0 where it does not say.
func roundTrip(c *net.TCPConn) (rtt time.Duration) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) { // it fails on a closed connection only, of which others will say so
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			rtt = time.Duration(info.Rtt) * time.Microsecond
		}
	})
	return rtt
}
