package rules

import (
	"context"
	"hash"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// planVoid makes V-52: the cast that it names stands, and its voter came to a
// polling place. All such casts are void before the participation is listed.
func (s *State) planVoid(ctx context.Context, e message.Entry, body codec.Raw) (effect, *Fault, error) {
	m, fault := counted[message.Void](s, e, body)
	if fault != nil {
		return nil, fault, nil
	}
	voter, listed := s.roll.find(m.CheckIn.Credential)
	if !listed {
		return nil, broken("V-52", "the credential of the check-in is not listed"), nil
	}
	came, checked := s.places.checkedIn[voter]
	if !checked || came.line != m.CheckIn || came.place != m.Signer {
		return nil, broken("V-52", "credential %s is not checked in as the void says", m.CheckIn.Credential), nil
	}
	head := s.roll.voters[voter].head
	if head == noHead || uint64(head) != m.Entry || s.places.voided[voter] {
		return nil, broken("V-52", "entry %d is not the standing ballot of credential %s, or void", m.Entry, m.CheckIn.Credential), nil
	}
	return func() error {
		s.places.voided[voter] = true
		s.places.owed--
		return s.uncount(ctx, m.Entry)
	}, nil, nil
}

// Voids lists the voids that are due (S-59): those of the standing ballots of
// credentials that came to a polling place, by ascending credential.
func (s *State) Voids() []message.Void {
	if s.places == nil {
		return nil
	}
	var voters []int
	for v := range s.places.checkedIn {
		if s.roll.voters[v].head != noHead && !s.places.voided[v] {
			voters = append(voters, v)
		}
	}
	slices.Sort(voters)
	out := make([]message.Void, len(voters))
	for i, v := range voters {
		came := s.places.checkedIn[v]
		out[i] = message.Void{CheckIn: came.line, Entry: uint64(s.roll.voters[v].head), Signer: came.place}
	}
	return out
}

// copyOf continues a hash without changing it.
func copyOf(h hash.Hash) hash.Hash {
	c, err := h.(hash.Cloner).Clone()
	if err != nil {
		panic("rules: SHA-256 cannot be cloned: " + err.Error()) // the standard library's can
	}
	return c
}
