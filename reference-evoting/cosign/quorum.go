package cosign

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/recall"
)

// ErrQuorum: a checkpoint is signed by the board, and every cosignature on it is
// valid, but there are fewer than the quorum.
var ErrQuorum = errors.New("too few cosignatures")

// Quorum says whose cosignatures count on the heads of one board and how many
// are needed. Make it with NewQuorum; it is not changed afterwards and safe for
// concurrent use.
type Quorum struct {
	board     note.Verifier
	witnesses []note.Verifier
	need      int

	anyNumber, unsigned bool
}

// NewQuorum requires the signature of board and the cosignatures of at least
// need of the witnesses, 1 <= need <= number of witnesses. That any two quorums
// share a witness (2*need > number) is a rule of the manifest, not of this
// package.
func NewQuorum(board note.Verifier, witnesses []Key, need int) (*Quorum, error) {
	if need < 1 || need > len(witnesses) {
		return nil, fmt.Errorf("quorum of %d among %d witnesses", need, len(witnesses))
	}
	q := &Quorum{board: board, need: need}
	names, keys := map[string]bool{board.Name(): true}, map[string]bool{}
	for _, w := range witnesses {
		v, err := w.Verifier()
		if err != nil {
			return nil, err
		}
		// One key under two names would cosign twice.
		if names[w.Name] || keys[string(w.Public)] {
			return nil, fmt.Errorf("witness %q: name or key is taken", w.Name)
		}
		names[w.Name], keys[string(w.Public)] = true, true
		q.witnesses = append(q.witnesses, v)
	}
	return q, nil
}

// Remembering is the same quorum with a memory of signatures.
func (q *Quorum) Remembering(m *recall.Memory) *Quorum {
	out := *q
	out.board = board.Remembering(q.board, m)
	out.witnesses = make([]note.Verifier, len(q.witnesses))
	for i, w := range q.witnesses {
		own := w.(verifier)
		own.memory = m
		out.witnesses[i] = own
	}
	return &out
}

// Board is the verifier of the board's own signature.
func (q *Quorum) Board() note.Verifier { return q.board }

// Need is the number of cosignatures required.
func (q *Quorum) Need() int { return q.need }

// Cosignature says when a witness saw a head.
type Cosignature struct {
	Witness string
	Time    time.Time // whole seconds, UTC
}

// Head is a checkpoint with the times of those who cosigned it.
type Head struct {
	board.Checkpoint
	Cosignatures []Cosignature // in the order of the note
	Raw          []byte        // the note as published
}

// Median is the median of the witnesses' times: the earlier of the two in the
// middle where their number is even. With a quorum of more than half of the
// witnesses, of which a minority lies, it lies between honest times.
func (h *Head) Median() time.Time {
	times := make([]time.Time, len(h.Cosignatures))
	for i, c := range h.Cosignatures {
		times[i] = c.Time
	}
	slices.SortFunc(times, time.Time.Compare)
	if len(times) == 0 {
		return time.Time{}
	}
	return times[(len(times)-1)/2]
}

// OpenSigned is Open for a checkpoint that has too few cosignatures, or none:
// every line that is there must be valid. It is no head to rely on.
func (q *Quorum) OpenSigned(raw []byte) (*Head, error) { return q.open(raw) }

// Widened is the quorum of somebody weak: one who takes heads that too few
// witnesses have cosigned, and if unsigned those, too, whose signature lines
// nobody can check or that have none.
func (q *Quorum) Widened(anyNumber, unsigned bool) *Quorum {
	w := *q
	w.anyNumber, w.unsigned = anyNumber, unsigned
	return &w
}

// Open parses a cosigned checkpoint. Every line must be valid and by the board
// or a witness, none twice, the board's first; the cosignatures must reach the
// quorum; and the note must re-encode to the same bytes.
func (q *Quorum) Open(raw []byte) (*Head, error) {
	h, err := q.open(raw)
	if err != nil && q.unsigned {
		h, err = q.peek(raw)
	}
	if err != nil {
		return nil, err
	}
	if len(h.Cosignatures) < q.need && !q.anyNumber {
		return nil, fmt.Errorf("%w: %d of %d needed on size %d", ErrQuorum, len(h.Cosignatures), q.need, h.Size)
	}
	return h, nil
}

// peek is the text of a note, whoever signed it.
func (q *Quorum) peek(raw []byte) (*Head, error) {
	c, err := board.PeekCheckpoint(raw)
	if err == nil && c.Origin != q.board.Name() {
		err = fmt.Errorf("%w: origin %q, want %q", board.ErrCheckpoint, c.Origin, q.board.Name())
	}
	return &Head{Checkpoint: c, Raw: raw}, err
}

// open is Open without the quorum.
func (q *Quorum) open(raw []byte) (*Head, error) {
	n, err := board.OpenNote(raw, append([]note.Verifier{q.board}, q.witnesses...)...)
	if err != nil {
		return nil, err
	}
	h := &Head{Raw: raw}
	if h.Checkpoint, err = board.ParseText(n.Text); err != nil {
		return nil, err
	}
	if h.Origin != q.board.Name() {
		return nil, fmt.Errorf("%w: origin %q, want %q", board.ErrCheckpoint, h.Origin, q.board.Name())
	}
	if n.Sigs[0].Name != q.board.Name() || n.Sigs[0].Hash != q.board.KeyHash() {
		return nil, fmt.Errorf("%w: the board's signature is not the first", board.ErrCheckpoint)
	}
	for _, s := range n.Sigs[1:] {
		at, err := timeOf(s)
		if err != nil {
			return nil, err
		}
		h.Cosignatures = append(h.Cosignatures, Cosignature{Witness: s.Name, Time: at})
	}
	return h, nil
}

// lines are the signature lines of a note that open has accepted: the board's
// first, each with its line end.
func lines(raw []byte) []string {
	_, block, _ := strings.Cut(string(raw), "\n\n")
	return slices.Collect(strings.Lines(block))
}
