package scrutineer

import (
	"errors"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// The weak rules, said once more and independently of any system: what the
// planted weaknesses accept is in the comments of the forgers, and the tests
// of the forgers hold them against these.

// weakCommitmentsOnly is weak.fs.commitmentsOnly.
func weakCommitmentsOnly(e *Election, b *message.Ballot) error {
	if err := e.checkShape(b); err != nil {
		return err
	}
	return e.eachProof(b, func(p proof) error {
		hash := transcript.WeakCommitments(len(p.commitments))
		for _, c := range p.commitments {
			hash.Branch(c.a, c.b)
		}
		if !p.sum.Equal(p.challenge) && !p.sum.Equal(reduce(hash.Sum())) {
			return p.fault
		}
		return nil
	})
}

// weakSkipSum is weak.ballot.skipSumProof.
func weakSkipSum(e *Election, b *message.Ballot) error {
	bare := *b
	bare.Contests = slices.Clone(b.Contests)
	contests, err := e.contests(b.Style)
	if err != nil || len(contests) != len(b.Contests) {
		return ErrShape
	}
	for i, c := range contests {
		if bare.Contests[i].Contest != c.ID {
			return ErrShape
		}
		if err := checkOptions(c, &bare.Contests[i]); err != nil {
			return err
		}
		bare.Contests[i].Sum = nil
	}
	return e.eachProof(&bare, func(p proof) error {
		if !p.sum.Equal(p.challenge) {
			return p.fault
		}
		return nil
	})
}

// weakElection is the election that weak.ctx.noElectionBinding believes in:
// the one that the message names.
func weakElection(e *Election, named message.Digest) *Election {
	believed := *e
	believed.Fingerprint = named
	return &believed
}

// weakContests is weak.ctx.noContestBinding.
func weakContests(e *Election, b *message.Ballot, credential message.Element) error {
	if Style(e.Manifest, b.Style) == nil || len(b.Contests) == 0 {
		return ErrShape
	}
	var named []string
	for _, c := range b.Contests {
		if Contest(e.Manifest, c.Contest) == nil || slices.Contains(named, c.Contest) {
			return ErrShape
		}
		named = append(named, c.Contest)
	}
	m := *e.Manifest
	m.Styles = []message.Style{{ID: b.Style, Contests: named}}
	believed := *e
	believed.Manifest = &m
	return believed.CheckBallot(b, credential)
}

// weakLeaves is the counted set of weak.cast.checkThenInsert: every attached
// entry without an attached child.
func weakLeaves(ballots []Ballot, revote message.RevotePolicy) []message.Ballot {
	type node struct{ credential, tracker message.Digest }
	attached, parent := make(map[node]bool), make(map[node]bool)
	for _, b := range ballots {
		d := b.Body.Decision
		mine := node{d.Credential, d.Tracker}
		if d.Predecessor == message.None {
			attached[mine] = true
			continue
		}
		for p := range attached {
			if p.credential == d.Credential && p.tracker.String() == d.Predecessor && revote != message.RevoteNone {
				attached[mine], parent[p] = true, true
				break
			}
		}
	}
	var out []message.Ballot
	for _, b := range ballots {
		mine := node{b.Body.Decision.Credential, b.Body.Decision.Tracker}
		if attached[mine] && !parent[mine] {
			out = append(out, b.Body.Ballot)
		}
	}
	return out
}

// weakCastable is weak.challenge.castable: how many casts share an α with a
// challenge.
func weakCastable(ballots []Ballot, challenges []At[message.Challenge]) int {
	n := 0
	for i := range ballots {
		for _, c := range challenges {
			if slices.Contains(alphas(&ballots[i].Body.Ballot), c.Body.Contests[0].Selections[0].Alpha) {
				n++
			}
		}
	}
	return n
}

// weakServerAsserted is weak.elig.serverAsserted.
func weakServerAsserted(e *Election, d message.Decision) error {
	content, err := codec.Encode(d.Content())
	if err != nil {
		return err
	}
	return Signed(e.Manifest, message.Entry{Context: e.Fingerprint, Role: message.RoleAuthority, Type: message.TypeCast,
		Signature: message.Signature(slices.Concat(d.Signature.Commitment[:], d.Signature.Response[:]))}, content)
}

// weakVoterCheck is the owed check of S-21 with one or both of weak.bb.aliases
// and weak.ballot.noVoterBinding.
func weakVoterCheck(v *Voter, board *View, aliases, noVoterBinding bool) error {
	for _, t := range v.History {
		var found *message.Cast
		for i := range board.Ballots {
			if b := &board.Ballots[i]; b.Index == t.Receipt.Index {
				found = &b.Body
			}
		}
		mine := message.Cast{Ballot: t.Prepared.Ballot, Decision: *t.Decision}
		switch {
		case found == nil, found.Decision.Tracker != t.Prepared.Tracker:
			return errors.New("not there")
		case !aliases && !sameBody(found, &mine):
			return errors.New("clause 1: not my entry")
		}
		caster := v.Credential.Key
		if noVoterBinding {
			caster = found.Ballot.Caster.Credential
		}
		if err := v.Election.CheckBallot(&found.Ballot, caster); err != nil {
			return errors.New("clause 2: " + err.Error())
		}
	}
	if !aliases {
		return v.checkChain(board)
	}
	return nil
}

// weakShare is V-36 and V-37 with one of weak.decrypt.noProof and
// weak.decrypt.proofUnboundToCiphertext.
func weakShare(v *View, b *message.DecryptionShare, noProof, unbound bool) error {
	a := v.AggregateOf(b.Contest, b.Unit)
	if a == nil || b.Root != v.Seal.Body.Root || len(b.Shares) != len(a.Ciphertexts) {
		return ErrSubject
	}
	for k, f := range b.Shares {
		c := a.Ciphertexts[k]
		if f.Option != c.Option || !unbound && (f.Alpha != c.Alpha || f.Beta != c.Beta) {
			return ErrSubject
		}
		if _, err := decodeElement(f.Factor); err != nil {
			return ErrDecoding
		}
		if noProof {
			continue
		}
		if err := v.Election.checkFactor(v.Election.Fingerprint, b, f); err != nil {
			return err
		}
	}
	return nil
}
