package rules

import (
	"context"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/weakness"
)

// Authorised makes V-46: in an election with an identity service the decision
// carries its signature over (credential, fingerprint, predecessor, tracker),
// in any other it carries none.
func (v *Voting) Authorised(d message.Decision) *Fault {
	if !v.Election.HasIdentity() {
		if d.Authorisation != nil {
			return broken("V-46", "the decision is authorised, and the election has no identity service")
		}
		return nil
	}
	ok := v.Weak.Widen(weakness.NoParticipationList, v.authorised(d), func() bool { return true })
	if v.Weak.Widen(weakness.FailOpen, ok, func() bool { return d.Authorisation == nil }) {
		return nil
	}
	return broken("V-46", "the identity service has not authorised this decision of credential %s", d.Credential)
}

func (v *Voting) authorised(d message.Decision) bool {
	if d.Authorisation == nil {
		return false
	}
	content, err := codec.Encode(d.Content())
	if err != nil {
		return false
	}
	ok, err := proof.Signed(v.Memory, v.Election.Manifest.Authorisation, transcript.PurposeAuthorisation, d.Fingerprint,
		transcript.BodyDigest(content), *d.Authorisation)
	return err == nil && ok
}

// listing is how far the identity service's list has come.
type listing struct {
	chunks uint64 // taken so far
	total  uint64 // as the first of them says
	next   int    // the first credential that no line can be about any more
}

// IdentityChunks is how many entries of the identity service's list stand.
func (s *State) IdentityChunks() uint64 { return s.listing.chunks }

// planIdentityList makes V-47: the lines are the credentials with a standing
// ballot, ascending, each with its tracker.
func (s *State) planIdentityList(ctx context.Context, e message.Entry, body codec.Raw) (effect, *Fault, error) {
	if fault := s.signed(e, body, message.RoleIdentity, s.print); fault != nil {
		return nil, fault, nil
	}
	m, fault := decode[message.IdentityList](s.weak, body)
	if fault != nil {
		return nil, fault, nil
	}
	last := m.Chunk+1 == m.Chunks
	switch {
	case m.Chunk != s.listing.chunks || m.Chunk > 0 && m.Chunks != s.listing.total || m.Chunk >= m.Chunks:
		return nil, broken("V-47", "is part %d of %d, want part %d", m.Chunk, m.Chunks, s.listing.chunks), nil
	case !last && len(m.List) != message.IdentityListChunk:
		return nil, broken("V-47", "part %d of %d has %d lines, want %d", m.Chunk, m.Chunks, len(m.List), message.IdentityListChunk), nil
	}
	next, fault, err := s.compareHeads(ctx, m.List, last)
	if err != nil {
		return nil, nil, err
	}
	same := s.weak.Widen(weakness.NoParticipationList, fault == nil, func() bool { return true })
	if !s.weak.Widen(weakness.FailOpen, same, func() bool { return true }) { // those who were not asked for are not on it
		return nil, fault, nil
	}
	return func() error {
		s.listing = listing{chunks: m.Chunk + 1, total: m.Chunks, next: next}
		if last {
			s.phase = message.PhaseListed
		}
		return nil
	}, nil, nil
}

// compareHeads goes through list and credentials side by side; both ascend.
func (s *State) compareHeads(ctx context.Context, list []message.LastBallot, last bool) (int, *Fault, error) {
	i := s.listing.next
	for _, line := range list {
		i = s.nextCounted(i)
		if i == len(s.roll.voters) || s.roll.key(i) != line.Credential {
			return i, broken("V-47", "the list names credential %s, which is not the next with a counted ballot", line.Credential), nil
		}
		head, err := s.Head(ctx, i)
		if err != nil {
			return i, nil, err
		}
		if head != line.Tracker.String() {
			return i, broken("V-47", "the last ballot authorised for credential %s is %s, on the board stands %s", line.Credential, line.Tracker, head), nil
		}
		i++
	}
	if i = s.nextCounted(i); last && i < len(s.roll.voters) {
		return i, broken("V-47", "credential %s has a counted ballot and is not on the list", s.roll.key(i)), nil
	}
	return i, nil, nil
}

// nextCounted is the first credential from i on with a counted ballot.
func (s *State) nextCounted(i int) int {
	for i < len(s.roll.voters) && s.roll.voters[i].head == noHead {
		i++
	}
	return i
}
