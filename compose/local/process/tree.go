package process

import "syscall"

// member is one process of a tree. The time it started tells it from a later one with the same pid.
type member struct {
	pid, parent int
	started     uint64
	zombie      bool
}

// alive reports whether that very process still runs. A zombie does not: it waits for whoever inherited it, which in a
// container without an init may be nobody.
func (m member) alive() bool {
	now, ok := inspect(m.pid)
	return ok && now.started == m.started && !now.zombie
}

// killTree sends SIGKILL to the process, to its group, and to every descendant, and returns the descendants. Those may
// have left the group, as each of PostgreSQL's children does. The root goes first, so that it starts no more of them.
func killTree(root int) []member {
	_ = syscall.Kill(root, syscall.SIGSTOP) // nothing is born between the look and the kill; gone already is fine
	found := descendants(processes(), root)
	_ = syscall.Kill(root, syscall.SIGKILL)
	_ = syscall.Kill(-root, syscall.SIGKILL)
	for _, m := range found {
		if m.alive() {
			_ = syscall.Kill(m.pid, syscall.SIGKILL)
		}
	}
	return found
}

func descendants(all []member, root int) []member {
	children := make(map[int][]member, len(all))
	for _, m := range all {
		children[m.parent] = append(children[m.parent], m)
	}
	found := children[root]
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].pid]...)
	}
	return found
}
