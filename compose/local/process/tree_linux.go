package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// processes lists what runs. A process that ends meanwhile is left out.
func processes() []member {
	entries, _ := os.ReadDir("/proc") // without /proc there is only the group to go by
	all := make([]member, 0, len(entries))
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			if m, ok := inspect(pid); ok {
				all = append(all, m)
			}
		}
	}
	return all
}

func inspect(pid int) (member, bool) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return member{}, false
	}
	// pid (command) state parent ... start time as field 22. The command may hold spaces and brackets.
	_, rest, ok := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	fields := bytes.Fields(rest)
	if !ok || len(fields) < 20 {
		return member{}, false
	}
	parent, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		return member{}, false
	}
	started, err := strconv.ParseUint(string(fields[19]), 10, 64)
	if err != nil {
		return member{}, false
	}
	state := fields[0][0]
	return member{pid: pid, parent: parent, started: started, zombie: state == 'Z' || state == 'X'}, true
}
