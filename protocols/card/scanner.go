package card

import (
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// Errors of a [Scanner] beside those of reading.
var (
	// ErrCopy: a card with this number was scanned before.
	ErrCopy = errors.New("the card is a copy of one that was scanned")
	// ErrDiffers: the text says something else than the code.
	ErrDiffers = errors.New("the text of the card differs from its code")
)

// Scanner takes the cards of one box, each once.
type Scanner struct {
	manifest *message.Manifest
	print    message.Digest
	seen     map[codec.Hex16]bool
}

// NewScanner is a scanner that has seen no card.
func NewScanner(m *message.Manifest, fingerprint message.Digest) *Scanner {
	return &Scanner{manifest: m, print: fingerprint, seen: map[codec.Hex16]bool{}}
}

// Picture takes a card by its code alone.
func (s *Scanner) Picture(raw []byte) (message.Card, error) {
	c, err := ReadPNG(raw)
	if err != nil {
		return message.Card{}, err
	}
	return s.take(c)
}

// Drawing takes a card by its code, and holds its text to it.
func (s *Scanner) Drawing(raw []byte) (message.Card, error) {
	text, c, err := ReadSVG(s.manifest, raw)
	if err != nil {
		return message.Card{}, err
	}
	if differs := text.Differs(c); differs != "" {
		return message.Card{}, fmt.Errorf("%w: %s", ErrDiffers, differs)
	}
	return s.take(c)
}

func (s *Scanner) take(c message.Card) (message.Card, error) {
	if err := Check(s.manifest, s.print, c); err != nil {
		return message.Card{}, err
	}
	if s.seen[c.Card] {
		return message.Card{}, ErrCopy
	}
	s.seen[c.Card] = true
	return c, nil
}
