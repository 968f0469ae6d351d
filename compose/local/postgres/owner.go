package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// owner is the user a server runs as and its files belong to. PostgreSQL refuses to run as root, so root's servers run as
// another user; everybody else's run as themselves.
type owner struct {
	name     string
	uid, gid uint32
	cred     *syscall.Credential // nil: ourselves
}

func (o owner) other() bool { return o.cred != nil }

// serverOwner chooses that user: for root the one that PostgreSQL's packages create, else the one with the fewest rights.
func serverOwner() (owner, error) {
	if uid := os.Geteuid(); uid != 0 {
		return owner{uid: uint32(uid), gid: uint32(os.Getegid())}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return owner{}, fmt.Errorf("the user %s has the id %q: %w", name, u.Uid, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return owner{}, fmt.Errorf("the user %s has the group %q: %w", name, u.Gid, err)
		}
		o := owner{name: name, uid: uint32(uid), gid: uint32(gid)}
		o.cred = &syscall.Credential{Uid: o.uid, Gid: o.gid}
		return o, nil
	}
	return owner{}, errors.New("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as: create one (useradd --system postgres), or do not run this as root")
}

// take gives the directory and all in it to the owner, if it is not the owner's yet.
func (o owner) take(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at the server's directory: %w", err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid == o.uid {
		return nil
	}
	if !o.other() {
		return fmt.Errorf("%s belongs to another user, perhaps since root started a server there: remove it, or chown it to yourself", dir)
	}
	if err := o.takeTree(dir); err != nil {
		return fmt.Errorf("give the server's directory to the user %s: %w", o.name, err)
	}
	return nil
}

// takeTree follows no link out of the directory: it is root that does this, and another user that the files belong to.
func (o owner) takeTree(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // it was only looked through
	return fs.WalkDir(root.FS(), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return root.Lchown(path, int(o.uid), int(o.gid))
	})
}

// reach sees to it that the owner can get into dir. Directories of root's on the way are often closed to others. Those under
// the system's temporary directory, such as a test's, are opened to passing through, and so is dir itself; others are not
// ours to open.
func (o owner) reach(dir string) error {
	if !o.other() {
		return nil
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return fmt.Errorf("find the server's directory: %w", err)
	}
	tmp, err := filepath.EvalSymlinks(os.TempDir())
	if err != nil {
		return fmt.Errorf("find the temporary directory: %w", err)
	}
	for at := resolved; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return fmt.Errorf("look at a parent of the server's directory: %w", err)
		}
		if !o.mayPass(info) {
			if at != resolved && !strings.HasPrefix(at, tmp+string(filepath.Separator)) {
				return fmt.Errorf("%s is closed to the user %s that PostgreSQL runs as under root: choose a directory outside %s, or open it (chmod o+x %s)", resolved, o.name, at, at)
			}
			if err := os.Chmod(at, info.Mode().Perm()|0o001); err != nil {
				return fmt.Errorf("let the user %s pass through %s: %w", o.name, at, err)
			}
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func (o owner) mayPass(dir fs.FileInfo) bool {
	mode := dir.Mode().Perm()
	if st, ok := dir.Sys().(*syscall.Stat_t); ok {
		switch {
		case st.Uid == o.uid:
			return mode&0o100 != 0
		case st.Gid == o.gid:
			return mode&0o010 != 0
		}
	}
	return mode&0o001 != 0
}
