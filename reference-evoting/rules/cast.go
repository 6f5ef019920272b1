package rules

import (
	"context"
	"errors"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/weakness"
)

// unsigned holds that an entry of a voter carries no role's header, and is
// for this election.
func (s *State) unsigned(e message.Entry) *Fault {
	if e.Role != "" || e.ID != "" || e.Signature != (message.Signature{}) {
		return broken("V-05", "a %q entry names a role", e.Type)
	}
	if e.Context != s.print {
		return broken("V-16", "is in the context %s, want %s", e.Context, s.print)
	}
	return nil
}

func (s *State) planCast(ctx context.Context, e message.Entry, body codec.Raw, depth Depth) (effect, *Fault, error) {
	if fault := s.unsigned(e); fault != nil {
		return nil, fault, nil
	}
	c, fault := decode[message.Cast](s.weak, body)
	if fault != nil {
		return nil, fault, nil
	}
	if fault = s.Decision(c.Decision); fault != nil {
		return nil, fault, nil
	}
	voter, _ := s.roll.find(c.Decision.Credential)
	if fault = s.belongs(voter, &c); fault != nil {
		return nil, fault, nil
	}
	answers, fault := s.answers(&c.Ballot, depth)
	if fault != nil {
		return nil, fault, nil
	}
	fault, err := s.unseen(ctx, s.alphasOf(&c.Ballot), depth)
	if fault != nil || err != nil {
		return nil, fault, err
	}
	p, fault, err := s.attach(ctx, voter, c.Decision)
	if fault != nil || err != nil {
		return nil, fault, err
	}
	return func() error { return s.takeCast(ctx, &c, p, answers) }, nil, nil
}

// trace occupies the ciphertexts of a cast or a challenge that stands on the
// board although a rule is against it (S-32).
func (s *State) trace(t message.Type, body codec.Raw) func() {
	return func() {
		switch t {
		case message.TypeCast:
			if c, fault := decode[message.Cast](s.weak, body); fault == nil {
				for _, alpha := range s.alphasOf(&c.Ballot) {
					s.seen.add(alpha)
				}
			}
		case message.TypeChallenge:
			if c, fault := decode[message.Challenge](s.weak, body); fault == nil {
				for _, alpha := range openedElements(c.Contests) {
					s.opened.add(alpha)
				}
			}
		case message.TypeDeviceBallot:
			cast, opened := s.ofDevice(body)
			for _, alpha := range cast {
				s.seen.add(alpha)
			}
			for _, alpha := range opened {
				s.opened.add(alpha)
			}
		}
	}
}

// ofDevice lists the αs of a device ballot, cast and opened.
func (s *State) ofDevice(body codec.Raw) (cast, opened []message.Element) {
	m, fault := decode[message.DeviceBallot](s.weak, body)
	if fault == nil && m.Ballot != nil {
		cast = s.alphasOf(m.Ballot)
	}
	if fault == nil && m.Challenge != nil {
		opened = openedElements(m.Challenge.Contests)
	}
	return cast, opened
}

// Decision makes V-24, V-46 and the first half of V-25: the signatures of the
// credential and of the identity service, this election, a listed credential.
func (s *State) Decision(d message.Decision) *Fault {
	if fault := s.Decided(d); fault != nil {
		return fault
	}
	return s.voting.Authorised(d)
}

// Decided is Decision without the authorisation, as the identity service asks
// before it gives one.
func (s *State) Decided(d message.Decision) *Fault {
	bound := d.Fingerprint == s.print
	if !s.weak.Widen(weakness.NoElectionBinding, bound, func() bool { return true }) {
		return broken("V-24", "the decision is for the election %s", d.Fingerprint)
	}
	content, err := codec.Encode(d.Content())
	if err != nil {
		return broken("V-24", "%v", err)
	}
	digest := transcript.BodyDigest(content)
	ok, err := proof.Signed(s.memory, d.Credential, transcript.PurposeDecision, d.Fingerprint, digest, d.Signature)
	if !s.weak.Widen(weakness.ServerAsserted, ok && err == nil, func() bool { return s.vouched(d, digest) }) {
		if err != nil {
			return broken("V-17", "the decision's signature: %v", err)
		}
		return broken("V-24", "the decision's signature does not hold")
	}
	if _, listed := s.roll.find(d.Credential); !listed {
		return refused("V-25", message.ReasonUnknownCredential, "the credential is not listed")
	}
	return nil
}

// vouched is the weak rule of serverAsserted: in the place of the credential's
// signature stands the authority's, over the decision as if it were an entry
// of its own.
func (s *State) vouched(d message.Decision, content [32]byte) bool {
	key, _ := s.election.KeyOf(message.RoleAuthority, "")
	e := message.Entry{Context: s.print, Role: message.RoleAuthority, Type: message.TypeCast}
	digest := transcript.EntrySignature(e, content)
	signature := slices.Concat(d.Signature.Commitment[:], d.Signature.Response[:])
	return recall.Ed25519(s.memory, key[:], digest[:], signature)
}

// belongs makes V-19, V-23 and V-25: the ballot is the one decided on, and
// for what its credential may vote on.
func (s *State) belongs(voter int, c *message.Cast) *Fault {
	own := c.Ballot.Caster.Credential == c.Decision.Credential
	if !s.weak.Widen(weakness.NoVoterBinding, own, func() bool { return true }) {
		return broken("V-19", "the ballot's caster is another credential")
	}
	if fault := s.entitled(voter, &c.Ballot); fault != nil {
		return fault
	}
	if tracker := message.Digest(transcript.Tracker(&c.Ballot)); tracker != c.Decision.Tracker {
		return broken("V-23", "the ballot's tracker is %s, decided on %s", tracker, c.Decision.Tracker)
	}
	return nil
}

// entitled holds that style, unit and weight are the credential's (V-25).
func (s *State) entitled(voter int, b *message.Ballot) *Fault {
	v := s.roll.voters[voter]
	m := &s.election.Manifest
	style := b.Style == m.Styles[v.style].ID
	style = s.weak.Widen(weakness.NoContestBinding, style, func() bool { return true })
	if !s.weak.Widen(weakness.WeightFromBallot, style, func() bool { return true }) {
		return broken("V-25", "style %q, the credential has %q", b.Style, m.Styles[v.style].ID)
	}
	_, known := s.election.Unit(b.Unit)
	unit := s.weak.Widen(weakness.BoxIDUnbound, b.Unit == m.Units[v.unit].ID, func() bool { return known })
	weight := s.weak.Widen(weakness.WeightFromBallot, b.Weight == uint64(v.weight), func() bool { return s.election.Weight(b.Weight) })
	if !unit || !weight {
		return broken("V-25", "unit %q and weight %d, the credential has %q and %d", b.Unit, b.Weight, m.Units[v.unit].ID, v.weight)
	}
	return nil
}

// answers makes the checks of the ballot itself, or at depth Own decodes it
// only.
func (s *State) answers(b *message.Ballot, depth Depth) ([]tally.Answer, *Fault) {
	if depth == Full {
		return s.voting.Ballot(b)
	}
	b = canonical(s.weak, s.election, b)
	out := make([]tally.Answer, len(b.Contests))
	for i, c := range b.Contests {
		contest, place, ok := s.election.Contest(c.Contest)
		if !ok || len(c.Selections) != len(manifest.Selections(contest)) {
			return nil, broken("V-18", "contest %q with %d selections", c.Contest, len(c.Selections))
		}
		out[i] = tally.Answer{Contest: place, Pairs: make([]tally.Pair, len(c.Selections))}
		for j, sel := range c.Selections {
			pair, err := decodePair(s.weak, sel.Alpha, sel.Beta)
			if err != nil {
				return nil, broken("V-17", "%v", err)
			}
			out[i].Pairs[j] = pair
		}
	}
	return out, nil
}

// unseen makes V-22 and V-29 for the αs of a ballot that would be cast.
func (s *State) unseen(ctx context.Context, list []message.Element, depth Depth) (*Fault, error) {
	challenged, err := s.occurs(ctx, s.opened, list, depth)
	if err != nil {
		return nil, err
	}
	if !s.weak.Widen(weakness.Castable, !challenged, func() bool { return true }) {
		return refused("V-29", message.ReasonChallenged, "a ciphertext of the ballot has been challenged"), nil
	}
	known, err := s.occurs(ctx, s.seen, list, depth)
	if err != nil {
		return nil, err
	}
	if !s.weak.Widen(weakness.NoWeeding, !known && !twice(list), func() bool { return true }) {
		return refused("V-22", message.ReasonDuplicate, "a ciphertext of the ballot is on the board already"), nil
	}
	return nil, nil
}

// errFound ends a search.
var errFound = errors.New("found")

// occurs reports that one of the elements is in a set. A hit of the set's
// fingerprints is compared exactly on the board, except by the board itself,
// for which 64 keyed bits must do.
func (s *State) occurs(ctx context.Context, set *alphas, list []message.Element, depth Depth) (bool, error) {
	hit := slices.ContainsFunc(list, set.has)
	if !hit || depth == Own {
		return hit, nil
	}
	err := s.source.Entries(ctx, 0, s.size, func(_ uint64, raw []byte) error {
		e, body, err := entry.Open(ctx, s.weak, raw, s.source)
		if err != nil {
			return nil // a malformed entry has no ciphertexts
		}
		var there []message.Element
		if e.Type == message.TypeDeviceBallot {
			cast, opened := s.ofDevice(body)
			if there = opened; set == s.seen {
				there = cast
			}
		} else if set == s.seen {
			if c, fault := decode[message.Cast](s.weak, body); fault == nil {
				there = s.alphasOf(&c.Ballot)
			}
		} else if c, fault := decode[message.Challenge](s.weak, body); fault == nil {
			there = openedElements(c.Contests)
		}
		for _, e := range there {
			if slices.Contains(list, e) {
				return errFound
			}
		}
		return nil
	})
	if errors.Is(err, errFound) {
		return true, nil
	}
	return false, err
}

// takeCast counts the ballot in its place.
func (s *State) takeCast(ctx context.Context, c *message.Cast, p place, answers []tally.Answer) error {
	v := &s.roll.voters[p.voter]
	if p.replaces {
		if err := s.uncount(ctx, p.entry); err != nil {
			return err
		}
	}
	if err := s.sums.Add(s.vote(&c.Ballot, answers)); err != nil {
		return err
	}
	for _, alpha := range s.alphasOf(&c.Ballot) {
		s.seen.add(alpha)
	}
	if p.first {
		s.counts.Voters++
	}
	s.counts.Casts++
	v.head = uint32(s.size)
	if s.chains != nil {
		s.chains.attach(p.voter, c.Decision, s.size)
	}
	return nil
}

// vote is what a ballot adds to the sums. Unit and weight are its credential's,
// unless boxIdUnbound or weightFromBallot is planted.
func (s *State) vote(b *message.Ballot, answers []tally.Answer) tally.Vote {
	unit, _ := s.election.Unit(b.Unit)
	return tally.Vote{Unit: unit, Weight: b.Weight, Answers: answers}
}

// uncount takes the replaced ballot out of the sums.
func (s *State) uncount(ctx context.Context, index uint64) error {
	old, err := s.castAt(ctx, index)
	if err != nil {
		return err
	}
	answers, fault := s.answers(&old.Ballot, Own)
	if fault != nil {
		return fault
	}
	return s.sums.Remove(s.vote(&old.Ballot, answers))
}

func (s *State) planChallenge(ctx context.Context, e message.Entry, body codec.Raw) (effect, *Fault, error) {
	if fault := s.unsigned(e); fault != nil {
		return nil, fault, nil
	}
	c, fault := decode[message.Challenge](s.weak, body)
	if fault != nil {
		return nil, fault, nil
	}
	_, take, fault, err := s.planOpened(ctx, &c)
	return take, fault, err
}

// planOpened makes the checks of an opened ballot, of a voter or a device.
func (s *State) planOpened(ctx context.Context, c *message.Challenge) (message.Digest, effect, *Fault, error) {
	tracker, fault := s.voting.Challenge(c)
	if fault != nil {
		return tracker, nil, fault, nil
	}
	take, fault, err := s.planOpenings(ctx, openedElements(c.Contests))
	return tracker, take, fault, err
}

func (s *State) planOpenings(ctx context.Context, list []message.Element) (effect, *Fault, error) {
	cast, err := s.occurs(ctx, s.seen, list, Full)
	if err != nil {
		return nil, nil, err
	}
	if !s.weak.Widen(weakness.Castable, !cast, func() bool { return true }) {
		return nil, refused("V-29", message.ReasonDuplicate, "a ciphertext of the challenge has been cast"), nil
	}
	known, err := s.occurs(ctx, s.opened, list, Full)
	if err != nil {
		return nil, nil, err
	}
	if known || twice(list) {
		return nil, refused("V-22", message.ReasonChallenged, "a ciphertext of the challenge is on the board already"), nil
	}
	return func() error {
		for _, alpha := range list {
			s.opened.add(alpha)
		}
		s.counts.Challenges++
		return nil
	}, nil, nil
}

// Entitled makes the part of V-25 that concerns a waiting ballot.
func (s *State) Entitled(voter int, b *message.Ballot) *Fault { return s.entitled(voter, b) }

// Unseen makes V-22 and V-29 for a waiting ballot, by the fingerprints of the
// board itself.
func (s *State) Unseen(ctx context.Context, b *message.Ballot) *Fault {
	fault, _ := s.unseen(ctx, s.alphasOf(b), Own)
	return fault
}
