package process

import "golang.org/x/sys/unix"

const stateZombie = 5 // SZOMB of sys/proc.h

func processes() []member {
	infos, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil // there is only the group to go by then
	}
	all := make([]member, len(infos))
	for i := range infos {
		all[i] = fromKinfo(&infos[i])
	}
	return all
}

func inspect(pid int) (member, bool) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return member{}, false
	}
	return fromKinfo(info), true
}

func fromKinfo(info *unix.KinfoProc) member {
	start := info.Proc.P_starttime
	return member{
		pid:     int(info.Proc.P_pid),
		parent:  int(info.Eproc.Ppid),
		started: uint64(start.Sec)*1_000_000 + uint64(start.Usec), //nolint:gosec // a time after 1970 is not negative
		zombie:  info.Proc.P_stat == stateZombie,
	}
}
