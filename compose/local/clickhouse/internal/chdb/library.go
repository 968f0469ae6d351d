package chdb

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Library is a loaded libchdb. A process needs one.
type Library struct {
	connect    func(argc int32, argv **byte) unsafe.Pointer
	disconnect func(conn unsafe.Pointer)
	query      statementFunc
	stream     statementFunc
	fetch      func(conn, stream unsafe.Pointer) unsafe.Pointer
	cancel     func(conn, stream unsafe.Pointer)
	free       func(result unsafe.Pointer)
	data       func(result unsafe.Pointer) *byte
	size       func(result unsafe.Pointer) uintptr
	failure    func(result unsafe.Pointer) string
	readRows   func(result unsafe.Pointer) uint64
	readBytes  func(result unsafe.Pointer) uint64
	wroteRows  func(result unsafe.Pointer) uint64
	wroteBytes func(result unsafe.Pointer) uint64
	sigaction  func(signal int32, set, old unsafe.Pointer) int32
}

// statementFunc is the shape of the C functions that start a statement: connection, text, its length, format, its length.
type statementFunc func(conn unsafe.Pointer, text *byte, n uintptr, format *byte, formatN uintptr) unsafe.Pointer

// Load opens the shared library at path.
func Load(path string) (*Library, error) {
	runtime.LockOSThread() // the loader keeps its error messages by thread
	defer runtime.UnlockOSThread()
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("load the ClickHouse engine: %w (it needs a 64-bit glibc Linux or macOS, and a file for this machine's processor)", err)
	}
	l := new(Library)
	for name, function := range l.symbols() {
		address, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("load the ClickHouse engine: %s lacks %s: it is another version of libchdb than the gateway was written for (26.5 to 26.7): %w", path, name, err)
		}
		purego.RegisterFunc(function, address)
	}
	address, err := purego.Dlsym(purego.RTLD_DEFAULT, "sigaction")
	if err != nil {
		return nil, fmt.Errorf("find sigaction in the C library: %w", err)
	}
	purego.RegisterFunc(&l.sigaction, address)
	return l, nil
}

func (l *Library) symbols() map[string]any {
	return map[string]any{
		"chdb_connect":                   &l.connect,
		"chdb_close_conn":                &l.disconnect,
		"chdb_query_n":                   &l.query,
		"chdb_stream_query_n":            &l.stream,
		"chdb_stream_fetch_result":       &l.fetch,
		"chdb_stream_cancel_query":       &l.cancel,
		"chdb_destroy_query_result":      &l.free,
		"chdb_result_buffer":             &l.data,
		"chdb_result_length":             &l.size,
		"chdb_result_error":              &l.failure,
		"chdb_result_storage_rows_read":  &l.readRows,
		"chdb_result_storage_bytes_read": &l.readBytes,
		"chdb_result_rows_written":       &l.wroteRows,
		"chdb_result_bytes_written":      &l.wroteBytes,
	}
}
