// Package moments keeps the checkpoints that an election's record needs beside
// its last one (SPEC.md §5): the first cosigned one that covers the open entry,
// the last close-channel, and the seal. A board shows only its newest, so they
// must be caught when they are published.
package moments

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/renameio/v2"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board"
)

// Log is what the keeper watches.
type Log interface {
	board.Heads
	board.EntryReader
	Checkpoint(ctx context.Context) ([]byte, error)
}

// Keeper is the heads of a log with a memory: it stands between a
// cosign.Collector and the log. What it keeps is on disk before the checkpoint
// is published.
type Keeper struct {
	Log
	dir      string
	channels int

	mu      sync.Mutex
	kept    map[record.Moment][]byte
	due     map[record.Moment]uint64 // index of the entry that is to be covered
	scanned uint64
	closes  int
}

var _ board.Heads = (*Keeper)(nil)

// all are the moments that are kept.
func all() []record.Moment { return []record.Moment{record.Opened, record.Closed, record.Sealed} }

// Open keeps the moments of an election with so many channels in dir, which
// exists; an empty dir keeps them in memory.
func Open(dir string, log Log, channels int) (*Keeper, error) {
	k := &Keeper{Log: log, dir: dir, channels: channels, kept: map[record.Moment][]byte{}, due: map[record.Moment]uint64{}}
	if dir == "" {
		return k, nil
	}
	for _, m := range all() {
		raw, err := os.ReadFile(k.path(m))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("kept checkpoint: %w", err)
		}
		k.kept[m] = raw
	}
	return k, nil
}

func (k *Keeper) path(m record.Moment) string { return filepath.Join(k.dir, "checkpoint."+string(m)) }

// Moment returns a kept checkpoint, or board.ErrNoCheckpoint.
func (k *Keeper) Moment(m record.Moment) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	raw, ok := k.kept[m]
	if !ok {
		return nil, board.ErrNoCheckpoint
	}
	return raw, nil
}

// Publish implements board.Heads.
func (k *Keeper) Publish(ctx context.Context, cosigned []byte) error {
	c, err := board.PeekCheckpoint(cosigned)
	if err != nil {
		return err
	}
	if err := k.keep(ctx, cosigned, c.Size); err != nil {
		return fmt.Errorf("keeping the checkpoint of size %d: %w", c.Size, err)
	}
	return k.Log.Publish(ctx, cosigned)
}

func (k *Keeper) keep(ctx context.Context, cosigned []byte, size uint64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.kept) == len(all()) {
		return nil
	}
	if err := k.scan(ctx, size); err != nil {
		return err
	}
	for _, m := range all() {
		index, due := k.due[m]
		if _, have := k.kept[m]; have || !due || index >= size {
			continue
		}
		raw := bytes.Clone(cosigned)
		if k.dir != "" {
			if err := renameio.WriteFile(k.path(m), raw, 0o644, renameio.WithTempDir(k.dir)); err != nil {
				return err
			}
			if err := syncDir(k.dir); err != nil {
				return err
			}
		}
		k.kept[m] = raw
	}
	return nil
}

// scan looks for the entries that begin a moment, as far as size.
func (k *Keeper) scan(ctx context.Context, size uint64) error {
	if k.scanned >= size {
		return nil
	}
	return k.Entries(ctx, k.scanned, size, func(i uint64, raw []byte) error {
		switch kind(raw) {
		case message.TypeOpen:
			k.note(record.Opened, i)
		case message.TypeCloseChannel:
			if k.closes++; k.closes == k.channels {
				k.note(record.Closed, i)
			}
		case message.TypeSeal:
			k.note(record.Sealed, i)
		}
		k.scanned = i + 1
		return nil
	})
}

func (k *Keeper) note(m record.Moment, index uint64) {
	if _, there := k.due[m]; !there {
		k.due[m] = index
	}
}

// kind is the type of an entry of the few that matter here. In the canonical
// form the type stands near the end, so that ballots are not decoded.
func kind(raw []byte) message.Type {
	tail := raw[max(0, len(raw)-64):]
	for _, t := range []message.Type{message.TypeOpen, message.TypeCloseChannel, message.TypeSeal} {
		if !bytes.Contains(tail, []byte(`"type":"`+string(t)+`"`)) {
			continue
		}
		if e, err := message.DecodeEntry(raw); err == nil {
			return e.Type
		}
	}
	return ""
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
