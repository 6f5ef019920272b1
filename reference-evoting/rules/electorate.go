package rules

import (
	"bytes"
	"crypto/sha256"
	"sort"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
)

// maxWeightSum bounds the discrete logarithms (V-15).
const maxWeightSum = 100_000_000

// voter is one line of the credential list beside its key. head is the index
// of the entry that stands for it, or noHead.
type voter struct {
	weight      uint32
	head        uint32
	style, unit uint16
}

const noHead = ^uint32(0)

// electorate is the credential list in flat slices: 32 bytes of key and 12 of
// voter each.
type electorate struct {
	keys   []byte
	voters []voter
	chunks uint64
	weight uint64
	tree   *compact.Range
}

func newElectorate() *electorate {
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &electorate{tree: f.NewEmptyRange(0)}
}

func (e *electorate) key(i int) message.Element { return message.Element(e.keys[32*i : 32*i+32]) }

// find returns the place of a credential in the list.
func (e *electorate) find(key message.Element) (int, bool) {
	i := sort.Search(len(e.voters), func(i int) bool { return bytes.Compare(e.keys[32*i:32*i+32], key[:]) >= 0 })
	return i, i < len(e.voters) && e.key(i) == key
}

// check makes V-15 for a chunk that would follow what is there.
func (e *electorate) check(m message.Credentials, election *manifest.Election) *Fault {
	if m.Chunk != e.chunks {
		return broken("V-15", "chunk %d, want %d", m.Chunk, e.chunks)
	}
	if len(m.List) == 0 || len(m.List) > message.CredentialChunk {
		return broken("V-15", "chunk of %d credentials, want 1 to %d", len(m.List), message.CredentialChunk)
	}
	if len(e.voters)%message.CredentialChunk != 0 {
		return broken("V-15", "a chunk follows a short one")
	}
	last := message.Element{}
	if n := len(e.voters); n > 0 {
		last = e.key(n - 1)
	}
	total := e.weight
	for i, c := range m.List {
		if bytes.Compare(c.Key[:], last[:]) <= 0 {
			return broken("V-15", "credential %d of chunk %d is not above the one before it", i, m.Chunk)
		}
		if _, err := proof.Point(c.Key); err != nil {
			return broken("V-17", "credential %d of chunk %d: %v", i, m.Chunk, err)
		}
		if _, _, ok := election.Style(c.Style); !ok {
			return broken("V-15", "credential %d of chunk %d names style %q", i, m.Chunk, c.Style)
		}
		if _, ok := election.Unit(c.Unit); !ok {
			return broken("V-15", "credential %d of chunk %d names unit %q", i, m.Chunk, c.Unit)
		}
		if !election.Weight(c.Weight) {
			return broken("V-15", "credential %d of chunk %d has weight %d", i, m.Chunk, c.Weight)
		}
		if total += c.Weight; total > maxWeightSum {
			return broken("V-15", "the sum of weights is above %d", uint64(maxWeightSum))
		}
		last = c.Key
	}
	return nil
}

// add takes up a chunk that check has passed.
func (e *electorate) add(m message.Credentials, election *manifest.Election) error {
	for _, c := range m.List {
		leaf, err := codec.Encode(c)
		if err != nil {
			return err
		}
		if err := e.tree.Append(rfc6962.DefaultHasher.HashLeaf(leaf), nil); err != nil {
			return err
		}
		_, style, _ := election.Style(c.Style)
		unit, _ := election.Unit(c.Unit)
		e.keys = append(e.keys, c.Key[:]...)
		e.voters = append(e.voters, voter{weight: uint32(c.Weight), head: noHead, style: uint16(style), unit: uint16(unit)})
		e.weight += c.Weight
	}
	e.chunks++
	return nil
}

// root is the Merkle root over the list (S-07).
func (e *electorate) root() (message.Digest, error) { return rangeRoot(e.tree) }

func rangeRoot(r *compact.Range) (message.Digest, error) {
	if r.End() == 0 {
		return sha256.Sum256(nil), nil
	}
	b, err := r.GetRootHash(nil)
	if err != nil {
		return message.Digest{}, err
	}
	return message.Digest(b), nil
}
