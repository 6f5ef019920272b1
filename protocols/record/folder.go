package record

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
)

// Folder is a record in a folder. It never leaves the folder, follows no
// link, and reads no more than it is asked for.
type Folder struct {
	root *os.Root
}

var _ Source = (*Folder)(nil)

// OpenFolder opens the record in a folder. The caller closes it.
func OpenFolder(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open record: %w", err)
	}
	return &Folder{root: root}, nil
}

// Close lets the folder go.
func (f *Folder) Close() error { return f.root.Close() }

// Read is [Source]'s.
func (f *Folder) Read(name string, limit int) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("%w: %.*q", ErrPath, MaxPath, name)
	}
	info, err := f.plain(name)
	if err != nil {
		return nil, err
	}
	// Without O_NONBLOCK a pipe put there since the look would block.
	file, err := f.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	defer file.Close()
	opened, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	if !os.SameFile(info, opened) {
		return nil, fmt.Errorf("%w: %s was exchanged while it was read", ErrIrregular, name)
	}
	data, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	if len(data) > limit {
		return nil, fmt.Errorf("%w: %s has more than %d bytes", ErrTooLarge, name, limit)
	}
	return data, nil
}

// plain makes sure that name is a plain file below folders that are no links.
func (f *Folder) plain(name string) (fs.FileInfo, error) {
	for i := range name {
		if name[i] != '/' {
			continue
		}
		info, err := f.lstat(name[:i])
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("%w: %s is a %s", ErrIrregular, name[:i], describe(info.Mode()))
		}
	}
	info, err := f.lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is a %s", ErrIrregular, name, describe(info.Mode()))
	}
	return info, nil
}

func (f *Folder) lstat(name string) (fs.FileInfo, error) {
	info, err := f.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%w: %.*q", ErrNotFound, MaxPath, name)
	}
	if err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	return info, nil
}

func describe(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "plain file"
	case mode.IsDir():
		return "folder"
	case mode&fs.ModeSymlink != 0:
		return "symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	}
	return "device"
}

// deepest is more folders inside each other than any path of a record has.
const deepest = 12

// List is [Source]'s. It holds the names of one folder and of those above it
// in memory, and gives up with ErrTooMany beyond MaxFiles.
func (f *Folder) List(yield func(File) bool) error {
	left := MaxFiles
	_, err := f.list(".", 0, &left, yield)
	return err
}

func (f *Folder) list(dir string, depth int, left *int, yield func(File) bool) (bool, error) {
	entries, err := f.names(dir, left)
	if err != nil {
		return false, err
	}
	if len(entries) == 0 && dir != "." {
		return yield(File{Path: dir, Irregular: "empty folder"}), nil
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case e.IsDir() && depth >= deepest:
			if !yield(File{Path: name, Irregular: "folder too deep"}) {
				return false, nil
			}
		case e.IsDir():
			more, err := f.list(name, depth+1, left, yield)
			if !more || err != nil {
				return false, err
			}
		default:
			file, err := f.file(name, e)
			if err != nil || !yield(file) {
				return false, err
			}
		}
	}
	return true, nil
}

func (f *Folder) file(name string, e fs.DirEntry) (File, error) {
	if !e.Type().IsRegular() {
		return File{Path: name, Irregular: describe(e.Type())}, nil
	}
	info, err := f.lstat(name)
	if err != nil {
		return File{}, err
	}
	return File{Path: name, Size: info.Size()}, nil
}

// names reads a folder, its entries in order.
func (f *Folder) names(dir string, left *int) ([]fs.DirEntry, error) {
	d, err := f.root.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("list record: %w", err)
	}
	defer d.Close()
	var all []fs.DirEntry
	for {
		some, err := d.ReadDir(1024)
		if *left -= len(some); *left < 0 {
			return nil, fmt.Errorf("list record: %w: more than %d", ErrTooMany, MaxFiles)
		}
		all = append(all, some...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("list record: %w", err)
		}
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}
