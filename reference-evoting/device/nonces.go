package device

import (
	"bytes"
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// nonces are the activations that were used, each list ascending so that it
// does not tell their order. Due are those of the pack with number Pack.
type nonces struct {
	Cancelled uint64           `json:"cancelled"`
	Due       []message.Digest `json:"due" limit:"1048576"`
	Pack      uint64           `json:"pack"`
	Spent     []message.Digest `json:"spent" limit:"1048576"`
}

func compare(a, b message.Digest) int { return bytes.Compare(a[:], b[:]) }

func insert(list []message.Digest, n message.Digest) []message.Digest {
	at, there := slices.BinarySearchFunc(list, n, compare)
	if there {
		return list
	}
	return slices.Insert(list, at, n)
}

func (n *nonces) has(nonce message.Digest) bool {
	_, due := slices.BinarySearchFunc(n.Due, nonce, compare)
	_, spent := slices.BinarySearchFunc(n.Spent, nonce, compare)
	return due || spent
}

func (n *nonces) use(nonce message.Digest) { n.Due = insert(n.Due, nonce) }

func (n *nonces) cancel(nonce message.Digest) {
	n.Spent = insert(n.Spent, nonce)
	n.Cancelled++
}

// turn goes on to another pack.
func (n *nonces) turn(pack uint64) {
	for _, x := range n.Due {
		n.Spent = insert(n.Spent, x)
	}
	n.Due, n.Pack = []message.Digest{}, pack
}

// loadNonces reads them after the journal, and settles what an end of the
// process left half done.
func (d *Device) loadNonces() error {
	d.nonces = nonces{Due: []message.Digest{}, Pack: 1, Spent: []message.Digest{}}
	if raw, err := d.cfg.Store.Load(noncesFile); err != nil {
		return err
	} else if raw != nil {
		if d.nonces, err = codec.Decode[nonces](raw, codec.Limits{Size: 256 << 20}); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrBroken, noncesFile, err)
		}
	}
	if next := d.packed.sequence + 1; d.nonces.Pack != next {
		d.nonces.turn(next)
	}
	raw, err := d.cfg.Store.Load(sessionFile)
	if err != nil || raw == nil {
		return err
	}
	s, err := codec.Decode[session](raw, codec.Limits{})
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrBroken, sessionFile, err)
	}
	switch d.session = &s; {
	case d.nonces.has(s.Nonce): // cast or cancelled, and noted
		d.session = nil
		return d.cfg.Store.Save(sessionFile, nil)
	case d.ballots > s.Before: // cast
		return d.endSession()
	}
	return nil
}
