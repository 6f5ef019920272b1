package scrutineer

import (
	"fmt"
	"io"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// B07: a receipt that is not for my ballot.
//
// Alexandre Debant, Lucca Hirschi, "Reversing, Breaking, and Fixing the French
// Legislative Election E-Voting Protocol", USENIX Security 2023. Its client
// showed a fingerprint that came from the server, and nothing that the voter
// could check bound a ballot to its district. Here the server, or whoever ends
// the TLS connection for it, does either:
//
//   - Another ballot. V's body b stays where it is; the server makes b′ with V
//     as caster, for which no secret is needed, and names b′'s tracker t′ in
//     its answer. V's client shows t′ and signs the decision for it, so that
//     b′ is cast by V, for everybody to see.
//   - Another box. b is cast as V decided, but with the unit of another
//     district in its header, which neither tracker nor proofs cover. In an
//     almost empty box its content can be read off the total.
//
// What the planted weaknesses accept:
//
//   - weak.client.trustServerReceipt, in the voter's client: any answer to the
//     body; where it names a tracker the client shows and signs that one.
//   - weak.ballot.boxIdUnbound, in every role: any unit of the manifest in the
//     header; the ballot counts in the cell of that unit.
//
// The body's signature (S-16) stops neither: it is for the box alone, is not
// on the board, and this box is the adversary's.

// LineOf is what a ballot says of its voter: all that is needed to make
// another one in his name.
func LineOf(b *message.Ballot) Line {
	return Line{Key: b.Caster.Credential, Style: b.Style, Unit: b.Unit, Weight: b.Weight}
}

// Substitute is another ballot in the name of the caster of b.
func (e *Election) Substitute(b *message.Ballot, choices Choices, r io.Reader) (*Prepared, error) {
	return e.Prepare(LineOf(b), choices, r)
}

// InUnit is the ballot in the box of another unit.
func (e *Election) InUnit(b *message.Ballot, unit string) (*Prepared, error) {
	for _, u := range e.Manifest.Units {
		if u.ID == unit {
			moved := *b
			moved.Unit = unit
			return &Prepared{Ballot: moved, Tracker: transcript.Tracker(&moved)}, nil
		}
	}
	return nil, fmt.Errorf("there is no unit %q", unit)
}

// Accepted is the box's answer to a body in bytes; a zero tracker is not
// named.
func (a Authority) Accepted(b *message.Ballot, tracker message.Digest) ([]byte, error) {
	body, err := codec.Encode(b)
	if err != nil {
		return nil, err
	}
	return codec.Encode(message.Accepted{Body: transcript.BodyDigest(body), Expires: maxNumber, Tracker: tracker})
}
