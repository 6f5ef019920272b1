package tiles

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"scrutineer/reference-evoting/board"
)

// Root is the root of the tree of size entries whose hashes h reads (RFC 6962
// §2.1).
func Root(h tlog.HashReader, size uint64) (board.Hash, error) {
	if size == 0 {
		return board.EmptyRoot(), nil
	}
	if size > board.MaxSize {
		return board.Hash{}, fmt.Errorf("root at %d: %w", size, board.ErrOutOfRange)
	}
	return tlog.TreeHash(int64(size), h)
}

// Inclusion proves entry index in the tree of size entries (RFC 6962 §2.1.1).
func Inclusion(h tlog.HashReader, index, size uint64) ([]board.Hash, error) {
	if index >= size || size > board.MaxSize {
		return nil, fmt.Errorf("inclusion of %d in %d: %w", index, size, board.ErrOutOfRange)
	}
	return tlog.ProveRecord(int64(size), int64(index), h)
}

// CheckInclusion returns nil if proof shows that leaf is entry index of the tree
// of size entries with this root.
func CheckInclusion(proof []board.Hash, index, size uint64, leaf, root board.Hash) error {
	if index >= size || size > board.MaxSize {
		return fmt.Errorf("inclusion of %d in %d: %w", index, size, board.ErrOutOfRange)
	}
	if err := tlog.CheckRecord(proof, int64(size), root, int64(index), leaf); err != nil {
		return fmt.Errorf("entry %d is not shown to be in the tree of %d: %w", index, size, err)
	}
	return nil
}

// Consistency proves that the tree of from entries is a prefix of that of to
// entries (RFC 6962 §2.1.2). It is empty where from is 0 or equals to.
func Consistency(h tlog.HashReader, from, to uint64) ([]board.Hash, error) {
	if err := board.CheckRange(from, to, board.MaxSize); err != nil {
		return nil, err
	}
	if from == 0 || from == to {
		return nil, nil
	}
	return tlog.ProveTree(int64(to), int64(from), h)
}

// CheckConsistency returns nil if proof shows that the tree of size from with
// root a is a prefix of the tree of size to with root b. Any tree has the empty
// one as its prefix.
func CheckConsistency(proof []board.Hash, from, to uint64, a, b board.Hash) error {
	if err := board.CheckRange(from, to, board.MaxSize); err != nil {
		return err
	}
	switch {
	case (from == 0 || from == to) && len(proof) != 0:
		return fmt.Errorf("consistency of %d with %d: proof of %d hashes where none is due", from, to, len(proof))
	case from == 0 && a != board.EmptyRoot(), from == to && a != b:
		return fmt.Errorf("consistency of %d with %d: the roots differ", from, to)
	case from == 0 || from == to:
		return nil
	}
	if err := tlog.CheckTree(proof, int64(to), b, int64(from), a); err != nil {
		return fmt.Errorf("the tree of %d is not shown to begin with that of %d: %w", to, from, err)
	}
	return nil
}
