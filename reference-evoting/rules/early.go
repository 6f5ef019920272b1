package rules

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// early reports what a weak tally takes before the seal.
func early(t message.Type) bool {
	return t == message.TypeAggregate || t == message.TypeDecryptionShare
}

// planEarly is the weak rule of weak.tally.partialAllowed: the authority may ask
// for any aggregate while casts are taken, and trustees answer. What is asked
// and answered has no effect on what comes later.
func (s *State) planEarly(e message.Entry, body codec.Raw) (effect, *Fault) {
	if e.Type == message.TypeDecryptionShare {
		if e.Role != message.RoleTrustee {
			return nil, broken("V-07", "is by %q, want a trustee", e.Role)
		}
		m, fault := decode[message.DecryptionShare](s.weak, body)
		if fault == nil {
			fault = Signed(s.memory, s.election, e, body)
		}
		name := cellName(m.Contest, m.Unit)
		if fault == nil && s.Answered(m.Contest, m.Unit, e.ID) {
			fault = broken("V-36", "%s has answered for contest %s, unit %s", e.ID, m.Contest, m.Unit)
		}
		return func() error {
			s.early[name+"/"+e.ID] = true
			return nil
		}, fault
	}
	if fault := s.signed(e, body, message.RoleAuthority, s.print); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Aggregate](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	return func() error {
		s.asked = append(s.asked, m)
		return nil
	}, nil
}

// Answered reports that a trustee has answered a weak tally before the seal.
func (s *State) Answered(contest, unit, trustee string) bool {
	return s.early[cellName(contest, unit)+"/"+trustee]
}

// Asked lists the aggregates that a weak tally is asked for before the seal.
func (s *State) Asked() []message.Aggregate {
	if s.phase != message.PhaseVoting {
		return nil
	}
	return s.asked
}
