// Package manifest checks an election definition (SPEC.md §2, V-08) and
// compiles it into the lookups that every role needs.
package manifest

import (
	"fmt"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
)

// Election is a valid manifest with its lookups. It is read-only.
type Election struct {
	Manifest   message.Manifest
	Ceremony   uint64
	SetupID    message.Digest
	Encryption []kyber.Point // the trustees' encryption keys, by index − 1

	contests map[string]int
	styles   map[string]int
	units    map[string]int
	weights  map[uint64]bool
}

// Compile validates m for the ceremony's number.
func Compile(m message.Manifest, ceremony uint64) (*Election, error) {
	if ceremony < 1 {
		return nil, fault("", "ceremony is 0, want 1 or more")
	}
	if err := Validate(&m); err != nil {
		return nil, err
	}
	e := &Election{
		Manifest: m, Ceremony: ceremony,
		contests: map[string]int{}, styles: map[string]int{}, units: map[string]int{}, weights: map[uint64]bool{},
	}
	for i, t := range m.Trustees {
		p := ristretto.NewPoint()
		if err := p.UnmarshalBinary(t.Encryption[:]); err != nil || t.Encryption == (message.Element{}) {
			return nil, fault(fmt.Sprintf("/trustees/%d/encryption", i), "is not an element, or the identity")
		}
		e.Encryption = append(e.Encryption, p)
	}
	if err := ristretto.NewPoint().UnmarshalBinary(m.Authorisation[:]); err != nil {
		return nil, fault("/authorisation", "is not an element")
	}
	for i, c := range m.Contests {
		e.contests[c.ID] = i
	}
	for i, s := range m.Styles {
		e.styles[s.ID] = i
	}
	for i, u := range m.Units {
		e.units[u.ID] = i
	}
	for _, w := range m.Weights {
		e.weights[w] = true
	}
	id, err := transcript.SetupID(&m, ceremony)
	if err != nil {
		return nil, fmt.Errorf("setup id: %w", err)
	}
	e.SetupID = id
	return e, nil
}

// Contest finds a contest and its place in the manifest.
func (e *Election) Contest(id string) (message.Contest, int, bool) {
	i, ok := e.contests[id]
	if !ok {
		return message.Contest{}, 0, false
	}
	return e.Manifest.Contests[i], i, true
}

// Style finds a ballot style and its place in the manifest.
func (e *Election) Style(id string) (message.Style, int, bool) {
	i, ok := e.styles[id]
	if !ok {
		return message.Style{}, 0, false
	}
	return e.Manifest.Styles[i], i, true
}

// Unit finds the place of a unit in the manifest.
func (e *Election) Unit(id string) (int, bool) { i, ok := e.units[id]; return i, ok }

// Weight reports that a weight occurs in the manifest.
func (e *Election) Weight(w uint64) bool { return e.weights[w] }

// Holds reports that ballots of a style have the contest.
func (e *Election) Holds(style int, contest string) bool {
	for _, id := range e.Manifest.Styles[style].Contests {
		if id == contest {
			return true
		}
	}
	return false
}

// Selections lists the option ids of a contest's ciphertexts: its options,
// then blank where it is allowed.
func Selections(c message.Contest) []string {
	out := make([]string, 0, len(c.Options)+1)
	for _, o := range c.Options {
		out = append(out, o.ID)
	}
	if c.Blank {
		out = append(out, message.BlankOption)
	}
	return out
}

// NeedsSum reports that a ballot carries a sum proof for the contest (S-13).
func NeedsSum(c message.Contest) bool {
	return c.Min != 0 || c.Max != uint64(len(c.Options)) || c.Blank
}

// KeyOf gives the Ed25519 key of a role in the manifest. The id of a role
// that has none is empty.
func (e *Election) KeyOf(role message.Role, id string) (message.Key, bool) {
	m := &e.Manifest
	switch role {
	case message.RoleAuthority:
		return m.Authority, id == ""
	case message.RoleRegistrar:
		return m.Registrar, id == ""
	case message.RoleIdentity:
		return m.Identity, id == "" && e.HasIdentity()
	case message.RoleTrustee:
		for _, t := range m.Trustees {
			if t.ID == id {
				return t.Signing, true
			}
		}
	case message.RolePublisher:
		p, ok := m.Publishing.Publisher(id)
		return p.Key, ok
	case message.RoleWitness:
		for _, w := range m.Witnesses {
			if w.ID == id {
				return w.Key, true
			}
		}
	}
	return e.keyAtPlace(role, id)
}

// Keys lists the Ed25519 keys of those who sign entries and heads.
func (e *Election) Keys() []message.Key {
	m := &e.Manifest
	out := []message.Key{m.Authority, m.Board.Key, m.Registrar}
	if e.HasIdentity() {
		out = append(out, m.Identity)
	}
	for _, t := range m.Trustees {
		out = append(out, t.Signing)
	}
	for _, w := range m.Witnesses {
		out = append(out, w.Key)
	}
	return out
}

// HasIdentity reports that the election has an identity service.
func (e *Election) HasIdentity() bool { return e.Manifest.Identity != message.Key{} }

// Trustee finds a trustee by id.
func (e *Election) Trustee(id string) (message.TrusteeLine, bool) {
	for _, t := range e.Manifest.Trustees {
		if t.ID == id {
			return t, true
		}
	}
	return message.TrusteeLine{}, false
}
