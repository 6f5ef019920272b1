package scrutineer

import (
	"fmt"
	"io"

	"scrutineer/protocols/message"
)

// A14: a body, a decision, a share or a message of the ceremony made for one
// context and used in another: election, contest, style, round.
//
// Belenios bound ballots, shuffles and partial decryptions to the election
// only in August 2021; Swiss Post's reports YWH-PGM2323-171 and -1732 are of
// the same kind. All of it is transplanting: the messages are honest, with
// every proof and signature made for context 1, and name that context. The
// sound role compares what they name with where it is; the weak one believes
// them.
//
// What the planted weaknesses accept:
//
//   - weak.ctx.noElectionBinding. A ballot's own `fingerprint`, whatever it
//     is, takes the election's place in hct, in the challenges of its proofs,
//     in its tracker, and in its submission's signature. A decision's own
//     `fingerprint` takes its place in the decision's signature. A decryption
//     share's header `context` and body `root` take the place of fingerprint
//     and sealed root in signature and proofs; cell, options, ciphertexts and
//     keys are still compared. The header of a cast, receipts and refusals
//     carry the election's own fingerprint as always.
//   - weak.trustee.keyReuse. The dkg-commit, dkg-reveal and dkg-shares may all
//     name one other setupID, which then takes the place of ours in everything
//     that they sign, prove and encrypt. A trustee that finds its own messages
//     replayed takes the key that they give it and posts none of its own.
//   - weak.ctx.noContestBinding. A ballot may name any style of the manifest
//     and any of its contests in any order, each at most once: it is checked
//     under what it names and counts where it names. Unit and weight are
//     still the list's.
//
// Proofs contain the election key, and plaintexts are encrypted under it:
// between elections the transplant works only where the key is the same. So
// the server replays the rehearsal's ceremony (trustees and their keys are the
// same in both manifests), and the registrar uses credentials again.

// ReplayedCeremony is what a server puts on a new board after the manifest:
// the ceremony of an earlier one, byte for byte (trustee.keyReuse). Old is the
// earlier board, in order.
func ReplayedCeremony(old []Parcel) ([]Parcel, error) {
	return pick(old, func(e message.Entry) bool {
		return e.Type == message.TypeDKGCommit || e.Type == message.TypeDKGReveal || e.Type == message.TypeDKGShares
	})
}

// pick keeps the entries whose header is wanted.
func pick(parcels []Parcel, wanted func(message.Entry) bool) ([]Parcel, error) {
	var out []Parcel
	for _, p := range parcels {
		e, err := message.DecodeEntry(p.Entry)
		if err != nil {
			return nil, err
		}
		if wanted(e) {
			out = append(out, p)
		}
	}
	return out, nil
}

// ReplayedCast is a whole cast of an earlier election in the context of this
// one: body and decision as their voter signed them, for another vote
// (ctx.noElectionBinding). The header names this election. The other way
// round, from production to a rehearsal that is still to be decrypted, it reads
// votes before their time.
func ReplayedCast(to *Election, cast message.Cast) (Parcel, error) {
	return Unsigned(message.TypeCast, to.Fingerprint, &cast)
}

// ReplayedBody brings the body of an earlier election to this one's box with
// this one's signatures of the same credential (ctx.noElectionBinding): the
// submission, and a decision of this election that names the old tracker.
func (c Credential) ReplayedBody(to *Election, old *Prepared, predecessor string, r io.Reader) (submission []byte, d message.Decision, err error) {
	if submission, err = c.Submission(to.Fingerprint, &old.Ballot, r); err != nil {
		return nil, d, err
	}
	d, err = c.Decide(to.Fingerprint, old.Tracker, predecessor, r)
	return submission, d, err
}

// ReplayedShares are the decryption shares of one trustee in an earlier
// election, byte for byte: signed in its context, proven for its sealed root
// (ctx.noElectionBinding). They fit where the aggregates are the same, that is
// where all its casts were replayed.
func ReplayedShares(old []Parcel, trustee string) ([]Parcel, error) {
	return pick(old, func(e message.Entry) bool {
		return e.Type == message.TypeDecryptionShare && e.ID == trustee
	})
}

// PrepareAs is a ballot that is honest for another style and list of contests
// than the credential's (ctx.noContestBinding): of a style that the voter does
// not have, of its own style with a foreign contest in the place of one of its
// own, or with answers in another order. Answers are proven for the contests
// that they name.
func (e *Election) PrepareAs(line Line, style string, contests []string, choices Choices, r io.Reader) (*Prepared, error) {
	line.Style = style
	// A manifest in which that style has these contests serves to encrypt;
	// key and fingerprint are the election's.
	m := *e.Manifest
	m.Styles = []message.Style{{ID: style, Contests: contests}}
	for _, id := range contests {
		if Contest(e.Manifest, id) == nil {
			return nil, fmt.Errorf("no contest %q", id)
		}
	}
	context := *e
	context.Manifest = &m
	return context.Prepare(line, choices, r)
}
