package board

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Memory is a board in memory: for tests, for elections without a disk and for
// fuzzing. It is safe for concurrent use.
type Memory struct {
	origin    string
	signer    note.Signer // nil for a copy
	published Head

	mu      sync.Mutex
	entries [][]byte
	hashes  tree
	chunks  map[Hash][]byte
	pending []byte // signed head of the current size; nil until asked for
	grown   chan struct{}
}

var _ Log = (*Memory)(nil)

// NewMemory returns an empty board whose checkpoints signer signs. The signer's
// name is the origin.
func NewMemory(signer note.Signer) *Memory {
	m := NewCopy(signer.Name())
	m.signer = signer
	return m
}

// NewCopy returns an empty board of this origin that signs nothing itself: the
// store of a mirror. It has no pending checkpoints.
func NewCopy(origin string) *Memory {
	return &Memory{origin: origin, chunks: map[Hash][]byte{}, grown: make(chan struct{})}
}

// Append implements Appender.
func (m *Memory) Append(ctx context.Context, entries ...[]byte) (uint64, error) {
	if err := CheckEntries(entries...); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	first := uint64(len(m.entries))
	if len(entries) == 0 {
		return first, nil
	}
	for _, e := range entries {
		if err := m.hashes.add(LeafHash(e)); err != nil {
			return 0, err
		}
		m.entries = append(m.entries, bytes.Clone(e))
	}
	m.pending = nil
	close(m.grown)
	m.grown = make(chan struct{})
	return first, nil
}

// Size implements Appender.
func (m *Memory) Size() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint64(len(m.entries))
}

// Entries implements EntryReader.
func (m *Memory) Entries(ctx context.Context, from, to uint64, f func(uint64, []byte) error) error {
	m.mu.Lock()
	entries := m.entries // only ever appended to
	m.mu.Unlock()
	if err := CheckRange(from, to, uint64(len(entries))); err != nil {
		return err
	}
	for i := from; i < to; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f(i, entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// Checkpoint implements Reader.
func (m *Memory) Checkpoint(context.Context) ([]byte, error) { return m.published.Get() }

// Await implements Reader.
func (m *Memory) Await(ctx context.Context, size uint64) ([]byte, error) {
	return m.published.Await(ctx, size)
}

// PutChunk implements ChunkWriter.
func (m *Memory) PutChunk(_ context.Context, body []byte) (Hash, error) {
	if err := CheckChunk(body); err != nil {
		return Hash{}, err
	}
	digest := ChunkDigest(body)
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.chunks[digest]; !ok {
		m.chunks[digest] = bytes.Clone(body)
	}
	return digest, nil
}

// Chunk implements Reader.
func (m *Memory) Chunk(_ context.Context, digest Hash) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, ok := m.chunks[digest]
	if !ok {
		return nil, fmt.Errorf("chunk %x: %w", digest[:], ErrNoChunk)
	}
	return body, nil
}

// Pending implements Heads. The head is signed when it is asked for.
func (m *Memory) Pending(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sign()
}

// AwaitPending implements Heads.
func (m *Memory) AwaitPending(ctx context.Context, size uint64) ([]byte, error) {
	for {
		m.mu.Lock()
		if uint64(len(m.entries)) >= size {
			raw, err := m.sign()
			m.mu.Unlock()
			return raw, err
		}
		grown := m.grown
		m.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-grown:
		}
	}
}

// sign returns the signed head of the current size; mu is held.
func (m *Memory) sign() ([]byte, error) {
	if m.signer == nil {
		return nil, ErrNoCheckpoint
	}
	if m.pending != nil {
		return m.pending, nil
	}
	size := uint64(len(m.entries))
	root, err := m.hashes.root(size)
	if err != nil {
		return nil, err
	}
	m.pending, err = Checkpoint{Origin: m.origin, Size: size, Root: root}.Sign(m.signer)
	return m.pending, err
}

// Publish implements Heads.
func (m *Memory) Publish(_ context.Context, cosigned []byte) error {
	c, err := PeekCheckpoint(cosigned)
	if err != nil {
		return err
	}
	m.mu.Lock()
	size := uint64(len(m.entries))
	var root Hash
	if c.Size <= size {
		root, err = m.hashes.root(c.Size)
	}
	m.mu.Unlock()
	if err != nil {
		return err
	}
	if c.Origin != m.origin || c.Size > size || c.Root != root {
		return fmt.Errorf("%w: not a head of this log", ErrCheckpoint)
	}
	if !m.published.Set(bytes.Clone(cosigned), c.Size) {
		return fmt.Errorf("%w: smaller than the one published", ErrCheckpoint)
	}
	return nil
}

// Inclusion implements Prover.
func (m *Memory) Inclusion(_ context.Context, index, size uint64) ([]Hash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if index >= size || size > uint64(len(m.entries)) {
		return nil, fmt.Errorf("inclusion of %d in %d: %w", index, size, ErrOutOfRange)
	}
	return tlog.ProveRecord(int64(size), int64(index), &m.hashes)
}

// Consistency implements Prover.
func (m *Memory) Consistency(_ context.Context, from, to uint64) ([]Hash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := CheckRange(from, to, uint64(len(m.entries))); err != nil {
		return nil, err
	}
	if from == 0 || from == to {
		return nil, nil
	}
	return tlog.ProveTree(int64(to), int64(from), &m.hashes)
}

// ReadHashes implements tlog.HashReader over the stored hashes.
func (m *Memory) ReadHashes(indexes []int64) ([]Hash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hashes.ReadHashes(indexes)
}

// tree keeps the hashes of complete subtrees in tlog's dense order: about two
// for each entry.
type tree struct {
	hashes []Hash
	leaves int64
}

func (t *tree) add(leaf Hash) error {
	hashes, err := tlog.StoredHashesForRecordHash(t.leaves, leaf, t)
	if err != nil {
		return fmt.Errorf("extending the tree: %w", err)
	}
	t.hashes = append(t.hashes, hashes...)
	t.leaves++
	return nil
}

func (t *tree) root(size uint64) (Hash, error) {
	if size == 0 {
		return EmptyRoot(), nil
	}
	return tlog.TreeHash(int64(size), t)
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("hash %d: %w", x, ErrOutOfRange)
		}
		out[i] = t.hashes[x]
	}
	return out, nil
}
