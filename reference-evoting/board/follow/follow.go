// Package follow reads a board without trusting it: it requires cosigned heads,
// hashes every entry again and compares the root. Trustees, mirrors, the
// system's verifier and voters who re-check use it.
package follow

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/tiles"
	"scrutineer/reference-evoting/cosign"
)

var (
	// ErrRoot: the entries that the board handed out do not hash to the root
	// that it signed and the witnesses cosigned.
	ErrRoot = errors.New("entries do not match the cosigned root")
	// ErrRollback: a cosigned head is smaller than one seen before.
	ErrRollback = errors.New("board fell back to a smaller head")
)

// Fork is two cosigned heads of which one does not extend the other. It wraps
// ErrRoot or ErrRollback.
type Fork struct {
	Err       error
	Had, Have []byte // the last head that held, nil before the first; the one that does not
}

func (f *Fork) Error() string { return f.Err.Error() }
func (f *Fork) Unwrap() error { return f.Err }

// Follower follows one board from its first entry. It is not safe for
// concurrent use. After a Fork it stays broken.
type Follower struct {
	board  board.Reader
	quorum *cosign.Quorum

	tree   frontier     // over all entries handed out so far
	head   *cosign.Head // the newest head whose root was compared
	broken error
}

// New follows the board that reader shows, under heads that quorum accepts.
func New(reader board.Reader, quorum *cosign.Quorum) *Follower {
	return &Follower{board: reader, quorum: quorum}
}

// Head is the newest head whose root was compared, nil before the first.
func (f *Follower) Head() *cosign.Head { return f.head }

// Next waits for a cosigned head of at least size entries, hands the entries
// that are new to each, in order, and returns the head once their hash is its
// root. Where there is nothing new it returns the head it has, or one of the
// same size with other cosignatures.
//
// each sees entries before the root is compared. Until Next returns without
// error what it learnt is provisional; after a Fork it is worthless. After any
// other error, one of each included, Next may be called again and continues at
// the entry that was not dealt with. each may keep the bytes.
func (f *Follower) Next(ctx context.Context, size uint64, each func(i uint64, entry []byte) error) (*cosign.Head, error) {
	if f.broken != nil {
		return nil, f.broken
	}
	raw, err := f.board.Await(ctx, size)
	if err != nil {
		return nil, err
	}
	head, err := f.quorum.Open(raw)
	if err != nil {
		return nil, err
	}
	if head.Size < size {
		return nil, fmt.Errorf("%w: asked for size %d, got %d", board.ErrOutOfRange, size, head.Size)
	}
	// The tree may be ahead of the last head that held, where reading broke
	// off under a greater one; that one was cosigned as well.
	if head.Size < f.tree.size {
		return nil, f.fork(ErrRollback, head)
	}
	if err := f.read(ctx, head.Size, each); err != nil {
		return nil, err
	}
	if f.tree.root() != head.Root {
		return nil, f.fork(ErrRoot, head)
	}
	f.head = head
	return head, nil
}

// read hands out the entries up to size and hashes them.
func (f *Follower) read(ctx context.Context, size uint64, each func(uint64, []byte) error) error {
	err := f.board.Entries(ctx, f.tree.size, size, func(i uint64, b []byte) error {
		if i != f.tree.size || i >= size {
			return fmt.Errorf("entry %d where %d of %d is due: %w", i, f.tree.size, size, board.ErrOutOfRange)
		}
		if err := board.CheckEntries(b); err != nil {
			return err
		}
		if err := each(i, b); err != nil {
			return err
		}
		f.tree.add(board.LeafHash(b))
		return nil
	})
	if err == nil && f.tree.size != size {
		err = fmt.Errorf("entries end at %d of %d: %w", f.tree.size, size, board.ErrOutOfRange)
	}
	return err
}

func (f *Follower) fork(reason error, head *cosign.Head) error {
	fork := &Fork{Err: fmt.Errorf("%w, at size %d", reason, head.Size), Have: head.Raw}
	if f.head != nil {
		fork.Had = f.head.Raw
	}
	f.broken = fork
	return fork
}

// ProvedReader is a board that gives single entries with proof.
type ProvedReader interface {
	board.Reader
	Inclusion(ctx context.Context, index, size uint64) ([]board.Hash, error)
}

// Entry waits for a cosigned head that covers index and returns the entry there
// with the head, having checked its inclusion: what a voter needs who does not
// read the whole board.
func Entry(ctx context.Context, b ProvedReader, quorum *cosign.Quorum, index uint64) ([]byte, *cosign.Head, error) {
	raw, err := b.Await(ctx, index+1)
	if err != nil {
		return nil, nil, err
	}
	head, err := quorum.Open(raw)
	if err != nil {
		return nil, nil, err
	}
	if head.Size <= index {
		return nil, nil, fmt.Errorf("%w: entry %d under a head of %d", board.ErrOutOfRange, index, head.Size)
	}
	entry, err := board.Entry(ctx, b, index)
	if err != nil {
		return nil, nil, err
	}
	proof, err := b.Inclusion(ctx, index, head.Size)
	if err != nil {
		return nil, nil, err
	}
	if err := tiles.CheckInclusion(proof, index, head.Size, board.LeafHash(entry), head.Root); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrRoot, err)
	}
	return entry, head, nil
}
