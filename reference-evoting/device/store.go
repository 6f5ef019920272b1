package device

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/renameio/v2"
)

// Store is a device's disk. What Append and Save return without error from is
// durable: it survives the loss of power.
type Store interface {
	// Journal gives the lines appended so far, each with its newline.
	Journal() ([]byte, error)
	// Append adds one line.
	Append(line []byte) error
	// Load gives what was saved under a name, or nil.
	Load(name string) ([]byte, error)
	// Save replaces it at once; nil removes it.
	Save(name string, raw []byte) error
}

// Memory is a Store that forgets when the process ends. The zero value is empty.
type Memory struct {
	mu      sync.Mutex
	journal []byte
	files   map[string][]byte
}

var _ Store = (*Memory)(nil)

// Journal implements Store.
func (m *Memory) Journal() ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.journal), nil
}

// Append implements Store.
func (m *Memory) Append(line []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.journal = append(m.journal, line...)
	return nil
}

// Load implements Store.
func (m *Memory) Load(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.files[name], nil
}

// Save implements Store.
func (m *Memory) Save(name string, raw []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files == nil {
		m.files = map[string][]byte{}
	}
	m.files[name] = bytes.Clone(raw)
	if raw == nil {
		delete(m.files, name)
	}
	return nil
}

// Folder is a Store in a folder: the journal is one file that only grows, all
// else are files of their own that are replaced as a whole.
type Folder struct {
	dir     string
	journal *os.File
}

var _ Store = (*Folder)(nil)

// maxFile bounds what is read back, in bytes.
const maxFile = 1 << 30

const journalFile = "journal"

// OpenFolder opens or makes a folder. A line that was cut short by the end of
// the process was acknowledged to nobody and is taken away.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, journalFile), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	s := &Folder{dir: dir, journal: f}
	if err := s.mend(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

// mend takes away what follows the last newline, and makes the file's name
// durable.
func (f *Folder) mend() error {
	raw, err := f.Journal()
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(raw, '\n') + 1
	if whole < len(raw) {
		if err := f.journal.Truncate(int64(whole)); err != nil {
			return err
		}
	}
	if err := f.journal.Sync(); err != nil {
		return err
	}
	return f.syncDir()
}

func (f *Folder) syncDir() error {
	d, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Close closes the journal.
func (f *Folder) Close() error { return f.journal.Close() }

// Journal implements Store.
func (f *Folder) Journal() ([]byte, error) {
	raw, err := io.ReadAll(io.NewSectionReader(f.journal, 0, maxFile+1))
	if len(raw) > maxFile {
		return nil, fmt.Errorf("%s has more than %d bytes", f.journal.Name(), maxFile)
	}
	return raw, err
}

// Append implements Store.
func (f *Folder) Append(line []byte) error {
	if _, err := f.journal.Write(line); err != nil {
		return err
	}
	return f.journal.Sync()
}

// Load implements Store.
func (f *Folder) Load(name string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(f.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}

// Save implements Store.
func (f *Folder) Save(name string, raw []byte) error {
	path := filepath.Join(f.dir, name)
	if raw == nil {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return f.syncDir()
	}
	if err := renameio.WriteFile(path, raw, 0o600); err != nil {
		return err
	}
	return f.syncDir()
}
