package results

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/weakness"
)

// HeadEvery is how often the head of the chain of notices is signed anew, and
// how old one may be that a client relies on.
const HeadEvery = time.Minute

// maxNotices bounds the chain.
const maxNotices = 4096

// ErrNotice is wrapped for a notice that is not to be shown.
var ErrNotice = errors.New("not a notice of the electoral body")

// ErrWaits is a notice that may be genuine: those before it have not come yet.
var ErrWaits = errors.New("notices before this one are missing")

// NextNotice is the unsigned notice that comes next on the chain.
func (p *Publisher) NextNotice(kind message.NoticeKind, text string, until uint64) (message.BodyNotice, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, err := lastDigest(p.notices)
	return message.BodyNotice{Fingerprint: p.state.Fingerprint(), Kind: kind, Number: uint64(len(p.notices)) + 1,
		Previous: last, Text: text, Until: until}, err
}

func lastDigest(chain []message.BodyNotice) (message.Digest, error) {
	if len(chain) == 0 {
		return message.Digest{}, nil
	}
	canonical, err := codec.Encode(chain[len(chain)-1])
	return transcript.BodyDigest(canonical), err
}

// Post takes the next notice of the chain from the officers.
func (p *Publisher) Post(n message.BodyNotice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.state.Election()
	if e == nil {
		return ErrNotDue
	}
	r := Reader{Election: e, Fingerprint: p.state.Fingerprint(), chain: p.notices, Recall: p.cfg.Recall}
	if err := r.next(n); err != nil {
		return err
	}
	if len(p.notices) == maxNotices {
		return fmt.Errorf("%w: there are %d already", ErrNotice, maxNotices)
	}
	p.notices = append(p.notices, n)
	return nil
}

// noticeObject is the chain with a head signed now.
func (p *Publisher) noticeObject() (Object, bool, error) {
	e := p.state.Election()
	if e == nil || !e.HasPublishing() || p.state.Fingerprint() == (message.Digest{}) {
		return Object{}, false, nil
	}
	last, err := lastDigest(p.notices)
	if err != nil {
		return Object{}, false, err
	}
	at := p.cfg.Clock().Truncate(HeadEvery).Unix()
	h := message.NoticeHead{Digest: last, Fingerprint: p.state.Fingerprint(), Number: uint64(len(p.notices)), Time: uint64(max(at, 0))}
	if h.Signature, err = statement.Sign(h, h.Fingerprint, p.cfg.Key); err != nil {
		return Object{}, false, err
	}
	body, err := codec.Encode(message.BodyNotices{Head: h, Notices: append([]message.BodyNotice{}, p.notices...)})
	return Object{typeJSON, body}, err == nil, err
}

// Reader is a client's view of the chain of notices: it shows what continues
// the chain and nothing else (S-76). It is not safe for concurrent use.
type Reader struct {
	Election    *manifest.Election
	Fingerprint message.Digest
	Clock       func() time.Time
	Weak        weakness.View
	Recall      *recall.Memory

	chain []message.BodyNotice
	held  []message.BodyNotice // genuine, and those before them have not come
}

// maxHeld bounds the notices that wait for those before them.
const maxHeld = 64

// Show takes a notice, however it came, and gives those that are to be shown
// because of it, in order. One that is genuine and comes too early waits, and
// the error is ErrWaits. Any other error wraps ErrNotice: nothing is shown.
func (r *Reader) Show(raw []byte) ([]message.BodyNotice, error) {
	n, err := codec.Decode[message.BodyNotice](raw, codec.Limits{Size: 1 << 16})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotice, err)
	}
	genuine := r.genuine(n)
	if !r.Weak.Widen(weakness.NoticeUnsigned, genuine == nil, func() bool { return true }) {
		return nil, genuine
	}
	placed := r.placed(n)
	if !r.Weak.Widen(weakness.NoSequence, placed == nil, func() bool { return true }) {
		if errors.Is(placed, ErrWaits) && len(r.held) < maxHeld {
			r.held = append(r.held, n)
		}
		return nil, placed
	}
	r.chain = append(r.chain, n)
	return append([]message.BodyNotice{n}, r.release()...), nil
}

// release shows what waited.
func (r *Reader) release() []message.BodyNotice {
	var out []message.BodyNotice
	for {
		i := slices.IndexFunc(r.held, func(n message.BodyNotice) bool { return r.placed(n) == nil })
		if i < 0 {
			return out
		}
		out = append(out, r.held[i])
		r.chain = append(r.chain, r.held[i])
		r.held = slices.Delete(r.held, i, i+1)
	}
}

// next holds a notice to signatures and place.
func (r *Reader) next(n message.BodyNotice) error {
	if err := r.genuine(n); err != nil {
		return err
	}
	return r.placed(n)
}

// genuine holds that two officers signed it, for the election that it names.
func (r *Reader) genuine(n message.BodyNotice) error {
	err := statement.VerifyJointly(r.Recall, r.Election, n.Fingerprint, n, n.Signatures, r.Election.Manifest.Officers)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotice, err)
	}
	return nil
}

// placed holds that it is this election's, that it continues the chain, and
// that its time is not over.
func (r *Reader) placed(n message.BodyNotice) error {
	last, err := lastDigest(r.chain)
	number := uint64(len(r.chain)) + 1
	switch {
	case err != nil:
		return err
	case n.Fingerprint != r.Fingerprint:
		return fmt.Errorf("%w: it is of the election %s", ErrNotice, n.Fingerprint)
	case r.Clock != nil && uint64(max(r.Clock().Unix(), 0)) > n.Until:
		return fmt.Errorf("%w: its time was over at %d", ErrNotice, n.Until)
	case n.Number > number:
		return ErrWaits
	case n.Number < number:
		return fmt.Errorf("%w: number %d has been shown", ErrNotice, n.Number)
	case n.Previous != last:
		return fmt.Errorf("%w: number %d follows another notice", ErrNotice, n.Number)
	}
	return nil
}

// Chain reads the whole chain as the official channel gives it, and holds it
// against what this client has shown. A chain that is shorter, or another one,
// convicts who signed its head.
func (r *Reader) Chain(raw []byte) ([]message.BodyNotice, error) {
	all, err := codec.Decode[message.BodyNotices](raw, codec.Limits{Size: maxPublication})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotice, err)
	}
	h := all.Head
	if err := statement.Verify(r.Recall, r.Election, r.Fingerprint, h, h.Signature); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotice, err)
	}
	last, err := lastDigest(all.Notices)
	old := r.Clock != nil && r.Clock().Unix() > int64(min(h.Time, 1<<40))+2*int64(HeadEvery/time.Second)
	if err != nil || h.Fingerprint != r.Fingerprint || h.Number != uint64(len(all.Notices)) || h.Digest != last || old || len(all.Notices) < len(r.chain) {
		return nil, fmt.Errorf("%w: the chain does not end at its head, or the head is old", ErrNotice)
	}
	for i, n := range r.chain {
		x, _ := codec.Encode(n)
		y, _ := codec.Encode(all.Notices[i])
		if !bytes.Equal(x, y) {
			return nil, fmt.Errorf("%w: number %d is another than the one that was shown", ErrNotice, n.Number)
		}
	}
	var out []message.BodyNotice
	for _, n := range all.Notices[len(r.chain):] {
		if err := r.genuine(n); err != nil {
			return out, err
		}
		over := r.Clock != nil && uint64(max(r.Clock().Unix(), 0)) > n.Until
		if clockless := (&Reader{Election: r.Election, Fingerprint: r.Fingerprint, chain: r.chain}).placed(n); clockless != nil {
			return out, clockless
		}
		r.chain = append(r.chain, n)
		if !over {
			out = append(out, n)
		}
	}
	return out, nil
}

// Waits reports that a notice was not shown because those before it are missing.
func Waits(err error) bool { return errors.Is(err, ErrWaits) }
