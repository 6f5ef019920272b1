package record

import (
	"fmt"
	"maps"
	"slices"
)

// Source is where a record is read from. Paths are as in SPEC.md §5, with
// slashes.
type Source interface {
	// Read returns a whole file. It fails with ErrNotFound, ErrIrregular, or
	// ErrTooLarge for a file of more than limit bytes, of which it reads no
	// more than that.
	Read(path string, limit int) ([]byte, error)
	// List calls yield for everything that is there, in the order of the
	// paths, until yield returns false.
	List(yield func(File) bool) error
}

// File is one thing that a source lists.
type File struct {
	Path string
	Size int64
	// Irregular says what the thing is where it is no plain file: a link, an
	// empty folder, a device. It is empty for a plain file.
	Irregular string
}

// Memory is a record in memory: content by path.
type Memory map[string][]byte

var _ Source = Memory(nil)

// Read is [Source]'s. The result is the caller's.
func (m Memory) Read(path string, limit int) ([]byte, error) {
	data, ok := m[path]
	if !ok {
		return nil, fmt.Errorf("%w: %.*q", ErrNotFound, MaxPath, path)
	}
	if len(data) > limit {
		return nil, fmt.Errorf("%w: %.*q has %d bytes, at most %d are allowed", ErrTooLarge, MaxPath, path, len(data), limit)
	}
	return slices.Clone(data), nil
}

// List is [Source]'s.
func (m Memory) List(yield func(File) bool) error {
	for _, path := range slices.Sorted(maps.Keys(m)) {
		if !yield(File{Path: path, Size: int64(len(m[path]))}) {
			return nil
		}
	}
	return nil
}

// Clone is a copy that shares no bytes.
func (m Memory) Clone() Memory {
	out := make(Memory, len(m))
	for path, data := range m {
		out[path] = slices.Clone(data)
	}
	return out
}
