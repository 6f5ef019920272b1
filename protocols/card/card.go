// Package card is the form of a ballot card: the text that a voter reads, and
// the signed code that a scanner reads. A device makes both from one content;
// whether they agree is for whoever audits cards to find out, so the two are
// read apart: the text from the drawing (SVG), the code from the pixels (PNG)
// or from the drawing.
//
// The code is a QR code (ISO/IEC 18004) in byte mode at level M whose content
// is the canonical form of a message.Card. Reading is for cards of strangers:
// images are bounded in bytes and pixels before they are decoded, a drawing is
// accepted only as [SVG] would draw it, and every refusal says why.
package card

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// Bounds of what is read: bytes of an image or drawing, pixels along an edge,
// bytes of a code's content (level M holds 2,331).
const (
	MaxBytes   = 1 << 20
	MaxEdge    = 2048
	maxContent = 2953
)

// Errors that callers tell apart.
var (
	// ErrUnreadable: there is no code, more damage than it can mend, or no
	// drawing of ours.
	ErrUnreadable = errors.New("the card cannot be read")
	// ErrForeign: something else than a card, or a card of another election.
	ErrForeign = errors.New("this is no card of this election")
	// ErrForged: the device that it names has not signed it.
	ErrForged = errors.New("the card is not signed by the device that it names")
	// ErrTooLong: the content does not fit into a code.
	ErrTooLong = errors.New("the ballot does not fit on a card")
)

// Sign makes the card of a content, with the key of the device that it names
// (S-54).
func Sign(c message.Card, key ed25519.PrivateKey) (message.Card, error) {
	digest, err := digest(c)
	if err != nil {
		return message.Card{}, err
	}
	c.Signature = message.Signature(ed25519.Sign(key, digest[:]))
	return c, nil
}

// digest is what is signed: what an entry of this type would have signed.
func digest(c message.Card) ([32]byte, error) {
	canonical, err := codec.Encode(c.Content())
	if err != nil {
		return [32]byte{}, err
	}
	e := message.Entry{Type: "card", Version: message.Version, Role: message.RoleDevice, ID: c.Device, Context: c.Fingerprint}
	return transcript.EntrySignature(e, transcript.BodyDigest(canonical)), nil
}

// Check holds that a card is of this election, that its selections are a vote
// by the manifest's rules, and that the device that it names has signed it.
func Check(m *message.Manifest, fingerprint message.Digest, c message.Card) error {
	if c.Fingerprint != fingerprint {
		return fmt.Errorf("%w: it is of the election %s", ErrForeign, c.Fingerprint)
	}
	i := slices.IndexFunc(m.Devices, func(d message.Device) bool { return d.ID == c.Device })
	if i < 0 {
		return fmt.Errorf("%w: device %q is unknown", ErrForeign, c.Device)
	}
	if !slices.ContainsFunc(m.Units, func(u message.Unit) bool { return u.ID == c.Unit }) {
		return fmt.Errorf("%w: unit %q is unknown", ErrForeign, c.Unit)
	}
	if err := valid(m, c.Style, c.Weight, c.Contests); err != nil {
		return err
	}
	digest, err := digest(c)
	if err != nil {
		return err
	}
	if !ed25519.Verify(m.Devices[i].Key[:], digest[:], c.Signature[:]) {
		return ErrForged
	}
	return nil
}

// valid holds that the selections are a vote of the style.
func valid(m *message.Manifest, style string, weight uint64, list []message.CardContest) error {
	i := slices.IndexFunc(m.Styles, func(s message.Style) bool { return s.ID == style })
	if i < 0 || len(list) != len(m.Styles[i].Contests) {
		return fmt.Errorf("%w: %d contests of the style %q", ErrForeign, len(list), style)
	}
	if !slices.Contains(m.Weights, weight) {
		return fmt.Errorf("%w: the weight %d", ErrForeign, weight)
	}
	for j, s := range list {
		if s.Contest != m.Styles[i].Contests[j] {
			return fmt.Errorf("%w: contest %q, want %q", ErrForeign, s.Contest, m.Styles[i].Contests[j])
		}
		if err := chosen(contest(m, s.Contest), s.Options); err != nil {
			return err
		}
	}
	return nil
}

// chosen holds that the options are the contest's, in its order and number.
func chosen(c message.Contest, options []string) error {
	if c.Blank && len(options) == 1 && options[0] == message.BlankOption {
		return nil
	}
	last := -1
	for _, id := range options {
		at := slices.IndexFunc(c.Options, func(o message.Option) bool { return o.ID == id })
		if at <= last {
			return fmt.Errorf("%w: option %q of contest %q is unknown or not in its order", ErrForeign, id, c.ID)
		}
		last = at
	}
	if n := uint64(len(options)); n < c.Min || n > c.Max {
		return fmt.Errorf("%w: %d options in contest %q", ErrForeign, n, c.ID)
	}
	return nil
}

// contest finds a contest; of an id that is none it has no options.
func contest(m *message.Manifest, id string) message.Contest {
	if i := slices.IndexFunc(m.Contests, func(c message.Contest) bool { return c.ID == id }); i >= 0 {
		return m.Contests[i]
	}
	return message.Contest{ID: id}
}

// decode reads the content of a code.
func decode(content []byte) (message.Card, error) {
	c, err := codec.Decode[message.Card](content, codec.Limits{Size: maxContent})
	if err != nil {
		return message.Card{}, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return c, nil
}
