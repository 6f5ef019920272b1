package scrutineer

import (
	"crypto/ed25519"
	"fmt"
	"io"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// B04: a ballot that was opened is cast, or one that was cast is opened.
//
// Josh Benaloh, "Simple verifiable elections", EVT 2006: casting and
// challenging exclude each other, because who holds the randomness of a cast
// ballot can show it as a receipt. ElectionGuard states the same rule. The
// voter may do both one after the other, at one moment, or with new proofs for
// the same ciphertexts, whose tracker is another.
//
// What weak.challenge.castable accepts, at the box and in the counted set: a
// cast of which an α stands in a challenge, and a challenge of which an α
// stands in a cast. The box does not use a waiting ballot up by deciding on it.
//
// The server's variant lacks the signature of the credential: somebody who
// challenged a ballot and went away has signed no decision. What
// weak.elig.serverAsserted accepts in its place is the authority's Ed25519
// signature over hb of the decision without `signature`, made as if it were
// the body of an entry of type `cast` of its own; its 64 bytes stand in the
// fields of the Schnorr signature.

// Reprove is the same ciphertexts with proofs made anew: another ballot with
// another tracker, and the same openings.
func (e *Election) Reprove(line Line, p *Prepared, r io.Reader) (*Prepared, error) {
	contests, err := e.contests(line.Style)
	if err != nil {
		return nil, err
	}
	openings := make([][]opening, len(p.Opening.Contests))
	for i, c := range p.Opening.Contests {
		for _, s := range c.Selections {
			x, err := decodeScalar(s.Randomness)
			if err != nil {
				return nil, fmt.Errorf("opening of %s: %w", s.Option, err)
			}
			openings[i] = append(openings[i], opening{integer(s.Plaintext), x})
		}
	}
	d, err := e.draftOf(line, contests, openings)
	if err != nil {
		return nil, err
	}
	if err := d.proveSelections(r); err != nil {
		return nil, err
	}
	if err := d.proveSums(r); err != nil {
		return nil, err
	}
	return d.finish(), nil
}

// Vouch is a decision in a voter's name under the authority's signature.
func (a Authority) Vouch(e *Election, credential message.Element, tracker message.Digest, predecessor string) (message.Decision, error) {
	d := message.Decision{Credential: credential, Fingerprint: e.Fingerprint, Predecessor: predecessor, Tracker: tracker}
	content, err := codec.Encode(d.Content())
	if err != nil {
		return d, err
	}
	digest := transcript.EntrySignature(
		message.Entry{Context: e.Fingerprint, Role: message.RoleAuthority, Type: message.TypeCast}, transcript.BodyDigest(content))
	s := ed25519.Sign(a.Key, digest[:])
	d.Signature = message.SchnorrSignature{Commitment: message.Element(s[:32]), Response: message.Scalar(s[32:])}
	return d, nil
}
