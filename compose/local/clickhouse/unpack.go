package clickhouse

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
)

// verify checks a file against an integrity as npm writes it.
func verify(path, integrity string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != integrity {
		return fmt.Errorf("the archive's checksum is %s, and must be %s: the registry gave something else than was pinned", got, integrity)
	}
	return nil
}

// unpack writes one file of a .tgz to path.
func unpack(archive, name, path string, size int64) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("open the archive: %w", err)
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the archive has no %s", name)
		}
		if err != nil {
			return fmt.Errorf("read the archive: %w", err)
		}
		if header.Name == name {
			return write(path, files, size)
		}
	}
}

// write writes exactly size bytes, and has them on the disk before it returns: the file's size is all that a later
// start looks at.
func write(path string, from io.Reader, size int64) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if n, err := io.CopyN(f, from, size); err != nil {
		return fmt.Errorf("unpack: %d of %d bytes: %w; is the disk full?", n, size, err)
	}
	return f.Sync()
}
