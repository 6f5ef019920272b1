package record

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"scrutineer/protocols/message"
)

// Export is what a record is made of. It is used once.
type Export struct {
	// Entries are the entries of the board in order; all must be at hand for
	// as many as the final checkpoint covers, and no more may be given. An
	// error ends the export.
	Entries iter.Seq2[[]byte, error]
	// Chunks are the chunks that the entries name; a repeated one is stored
	// once. Nil where there are none.
	Chunks iter.Seq2[[]byte, error]
	// Checkpoints holds Final and, unless the ceremony was aborted, Opened,
	// Closed and Sealed.
	Checkpoints map[Moment][]byte
}

// Tree is the head that an exported record should have.
type Tree struct {
	Size uint64
	Root message.Digest
}

// Slice is a sequence without errors, for entries and chunks in memory.
func Slice(items [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// To stores the files of the record by put, which may keep the data. It
// checks sizes but not what the checkpoints say: a record may be written to
// show what is wrong with it. The tree returned is computed from the entries.
func (e Export) To(put Put) (Tree, error) {
	t := NewTiler(put)
	for entry, err := range e.Entries {
		if err != nil {
			return Tree{}, fmt.Errorf("export entry %d: %w", t.Size(), err)
		}
		if err := t.Add(entry); err != nil {
			return Tree{}, fmt.Errorf("export entry %d: %w", t.Size(), err)
		}
	}
	tree := Tree{Size: t.Size(), Root: t.Root()}
	if err := t.Finish(); err != nil {
		return Tree{}, fmt.Errorf("export tiles: %w", err)
	}
	if err := e.chunks(put); err != nil {
		return Tree{}, err
	}
	for m, note := range e.Checkpoints {
		if !slices.Contains(moments[:], m) {
			return Tree{}, fmt.Errorf("export checkpoint: %w: %q", ErrPath, m)
		}
		if len(note) > MaxCheckpoint {
			return Tree{}, fmt.Errorf("export checkpoint: %w: %d bytes", ErrTooLarge, len(note))
		}
		if err := put(CheckpointPath(m), note); err != nil {
			return Tree{}, fmt.Errorf("export checkpoint: %w", err)
		}
	}
	return tree, nil
}

func (e Export) chunks(put Put) error {
	if e.Chunks == nil {
		return nil
	}
	seen := map[message.Digest]bool{}
	for chunk, err := range e.Chunks {
		if err == nil && len(chunk) > MaxChunk {
			err = fmt.Errorf("%w: %d bytes", ErrTooLarge, len(chunk))
		}
		if err != nil {
			return fmt.Errorf("export chunk: %w", err)
		}
		d := message.Digest(sha256.Sum256(chunk))
		if seen[d] {
			continue
		}
		seen[d] = true
		if err := put(ChunkPath(d), chunk); err != nil {
			return fmt.Errorf("export chunk: %w", err)
		}
	}
	return nil
}

// Memory makes the record in memory.
func (e Export) Memory() (Memory, Tree, error) {
	m := Memory{}
	tree, err := e.To(func(path string, data []byte) error {
		m[path] = slices.Clone(data)
		return nil
	})
	return m, tree, err
}

// Folder writes the record to a new folder, which appears as a whole or not
// at all. It fails with ErrExists where dir is taken. The files are not
// flushed to the disk one by one: a record can be exported again.
func (e Export) Folder(dir string) (tree Tree, err error) {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return Tree{}, fmt.Errorf("export record: %s: %w", dir, ErrExists)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return Tree{}, fmt.Errorf("export record: %w", err)
	}
	temp, err := os.MkdirTemp(parent, ".record-*")
	if err != nil {
		return Tree{}, fmt.Errorf("export record: %w", err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(temp)
		}
	}()
	if tree, err = e.To(func(path string, data []byte) error { return writeBelow(temp, path, data) }); err != nil {
		return Tree{}, err
	}
	if err = os.Chmod(temp, 0o755); err != nil {
		return Tree{}, fmt.Errorf("export record: %w", err)
	}
	if err = os.Rename(temp, dir); err != nil {
		return Tree{}, fmt.Errorf("export record: %w", err)
	}
	return tree, nil
}

func writeBelow(dir, path string, data []byte) error {
	name := filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}
