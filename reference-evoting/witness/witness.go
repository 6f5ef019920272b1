// Package witness decides whether a witness cosigns a head of the board.
//
// A witness promises that all heads it ever cosigned are prefixes of one
// another. It remembers the last one, durably, before its signature leaves. A
// head that is smaller or does not extend that one is refused and answered with
// it: two heads of one size under the board's signature convict the board.
//
// The package does not poll: the role that runs it does, with Round.
package witness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/tiles"
	"scrutineer/reference-evoting/cosign"
)

// Why a head is refused.
var (
	// ErrUnsigned: not a head under the board's signature.
	ErrUnsigned = errors.New("not signed by the board")
	// ErrRollback: smaller than the last head.
	ErrRollback = errors.New("smaller than the last head cosigned")
	// ErrSplitView: of the size of the last head, with another root.
	ErrSplitView = errors.New("another head of the same size")
	// ErrInconsistent: larger, and not shown to extend the last head.
	ErrInconsistent = errors.New("not shown to extend the last head cosigned")
)

// Refusal is a head that was not cosigned, with the witness's last head, both as
// signed by the board.
type Refusal struct {
	Reason error  // one of the errors above, possibly with a cause
	Last   []byte // the last head cosigned; nil if there is none
	Head   []byte // the head refused
}

func (r *Refusal) Error() string { return "witness refuses: " + r.Reason.Error() }
func (r *Refusal) Unwrap() error { return r.Reason }

// Store keeps the witness's last head.
type Store interface {
	// Load returns what was saved last, nil before the first.
	Load(ctx context.Context) ([]byte, error)
	// Save replaces it, durably when it returns.
	Save(ctx context.Context, head []byte) error
}

// Prover proves that one head of the board extends another; a board.Prover does.
type Prover interface {
	Consistency(ctx context.Context, from, to uint64) ([]board.Hash, error)
}

// Config is what a witness consists of. All fields are required.
type Config struct {
	Signer *cosign.Signer
	Board  note.Verifier // the board's key
	Store  Store
	Clock  func() time.Time
}

// Witness cosigns the heads of one board. It is safe for concurrent use.
type Witness struct {
	cfg Config

	mu        sync.Mutex
	delivered board.Checkpoint // the last head that Round has handed in
}

// New returns a witness that continues from what its store holds.
func New(cfg Config) *Witness { return &Witness{cfg: cfg} }

// Last is the last head cosigned, as signed by the board, nil before the first.
// It is what the witness answers to anybody who asks what it saw.
func (w *Witness) Last(ctx context.Context) ([]byte, error) { return w.cfg.Store.Load(ctx) }

// Consider cosigns pending and returns it with the witness's line, or returns a
// Refusal. Other errors (of the store, of the prover) decide nothing; the same
// head may be considered again. The same head is cosigned as often as it comes,
// each time with the present time.
func (w *Witness) Consider(ctx context.Context, pending []byte, prover Prover) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.consider(ctx, pending, prover)
}

func (w *Witness) consider(ctx context.Context, pending []byte, prover Prover) ([]byte, error) {
	last, err := w.cfg.Store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("loading the last head: %w", err)
	}
	head, err := board.OpenPending(pending, w.cfg.Board)
	if err != nil {
		return nil, &Refusal{fmt.Errorf("%w: %w", ErrUnsigned, err), last, pending}
	}
	if last != nil {
		old, err := board.OpenPending(last, w.cfg.Board)
		if err != nil {
			return nil, fmt.Errorf("the stored head is damaged: %w", err)
		}
		if err := extends(ctx, old, head, prover); err != nil {
			if isReason(err) {
				return nil, &Refusal{err, last, pending}
			}
			return nil, err
		}
		if old == head {
			return w.cfg.Signer.Cosign(pending, w.cfg.Clock())
		}
	}
	// The signature is a promise about all later ones: first remember, then sign.
	if err := w.cfg.Store.Save(ctx, pending); err != nil {
		return nil, fmt.Errorf("saving the head of size %d: %w", head.Size, err)
	}
	return w.cfg.Signer.Cosign(pending, w.cfg.Clock())
}

// extends returns nil if head is old or is proved to extend it, one of the
// reasons of refusal if not, and another error if the prover fails.
func extends(ctx context.Context, old, head board.Checkpoint, prover Prover) error {
	switch {
	case head.Size < old.Size:
		return fmt.Errorf("%w: %d after %d", ErrRollback, head.Size, old.Size)
	case head.Size == old.Size && head.Root != old.Root:
		return fmt.Errorf("%w: size %d", ErrSplitView, head.Size)
	case head.Size == old.Size:
		return nil
	}
	proof, err := prover.Consistency(ctx, old.Size, head.Size)
	if err != nil {
		return fmt.Errorf("proof from size %d to %d: %w", old.Size, head.Size, err)
	}
	if err := tiles.CheckConsistency(proof, old.Size, head.Size, old.Root, head.Root); err != nil {
		return fmt.Errorf("%w: %w", ErrInconsistent, err)
	}
	return nil
}

func isReason(err error) bool {
	return errors.Is(err, ErrRollback) || errors.Is(err, ErrSplitView) || errors.Is(err, ErrInconsistent)
}

// Board is the board as a witness meets it.
type Board interface {
	Prover
	// Pending is the head to cosign.
	Pending(ctx context.Context) ([]byte, error)
	// Cosign hands in a head with the witness's line.
	Cosign(ctx context.Context, note []byte) error
}

// Round asks for the head to cosign, considers it and hands it in, unless it has
// handed in the same one before. It reports the size of the head.
func (w *Witness) Round(ctx context.Context, b Board) (size uint64, err error) {
	pending, err := b.Pending(ctx)
	if err != nil {
		return 0, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	head, err := board.PeekCheckpoint(pending)
	if err == nil && head == w.delivered {
		return head.Size, nil
	}
	// Where it cannot even be parsed, consider says so.
	signed, err := w.consider(ctx, pending, b)
	if err != nil {
		return 0, err
	}
	if err := b.Cosign(ctx, signed); err != nil {
		return 0, fmt.Errorf("handing in the head of size %d: %w", head.Size, err)
	}
	w.delivered = head
	return head.Size, nil
}

// Anew has the next Round hand in the head on offer even if it was handed in
// before: to a board that has started again.
func (w *Witness) Anew() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.delivered = board.Checkpoint{}
}

// ProveSplit returns nil if a and b convict the board: two heads under its
// signature, of one origin and size, with different roots. Further signature
// lines must not be on them.
func ProveSplit(a, b []byte, key note.Verifier) error {
	x, err := board.OpenPending(a, key)
	if err != nil {
		return err
	}
	y, err := board.OpenPending(b, key)
	if err != nil {
		return err
	}
	if x.Size != y.Size || x.Root == y.Root {
		return fmt.Errorf("heads of size %d and %d contradict each other in nothing", x.Size, y.Size)
	}
	return nil
}
