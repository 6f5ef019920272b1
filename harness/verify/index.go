package verify

import (
	"slices"

	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// index is a manifest with what is looked up in it.
type index struct {
	m          *message.Manifest
	contests   map[string]int
	styles     map[string]int
	units      map[string]int
	weights    map[uint64]int
	trustees   map[string]int // position in m.Trustees by id
	shapes     []shape        // by contest
	ballots    [][]int        // contests of each style, by position
	authoriser point.Point    // the identity service's key; not set where there is none
}

// shape is the form of one contest on a ballot.
type shape struct {
	contest    *message.Contest
	selections []string // option ids in order, then blank
	branches   int      // of the sum proof; 0 where there is none (S-13)
}

// newIndex indexes a manifest that V-08 may have found fault with; the first
// of two equal ids counts.
func newIndex(m *message.Manifest) *index {
	x := &index{m: m, contests: map[string]int{}, styles: map[string]int{}, units: map[string]int{},
		weights: map[uint64]int{}, trustees: map[string]int{}}
	if x.identified() {
		x.authoriser, _ = point.Decode(m.Authorisation) // V-08 says whether it is one
	}
	for i := range m.Contests {
		c := &m.Contests[i]
		put(x.contests, c.ID, i)
		s := shape{contest: c}
		for _, o := range c.Options {
			s.selections = append(s.selections, o.ID)
		}
		if c.Blank {
			s.selections = append(s.selections, message.BlankOption)
		}
		if c.Blank || c.Min != 0 || c.Max != uint64(len(c.Options)) {
			s.branches = int(c.Max - c.Min + 1)
		}
		x.shapes = append(x.shapes, s)
	}
	for i, s := range m.Styles {
		put(x.styles, s.ID, i)
		var list []int
		for _, id := range s.Contests {
			if c, ok := x.contests[id]; ok {
				list = append(list, c)
			}
		}
		x.ballots = append(x.ballots, list)
	}
	for i, u := range m.Units {
		put(x.units, u.ID, i)
	}
	for i, w := range m.Weights {
		put(x.weights, w, i)
	}
	for i, j := range m.Trustees {
		put(x.trustees, j.ID, i)
	}
	return x
}

func put[K comparable](m map[K]int, key K, i int) {
	if _, taken := m[key]; !taken {
		m[key] = i
	}
}

// selectionsOf is the number of selections, and of sum proofs, on a ballot of
// a style.
func (x *index) selectionsOf(style int) (selections, sums int) {
	for _, c := range x.ballots[style] {
		selections += len(x.shapes[c].selections)
		if x.shapes[c].branches > 0 {
			sums++
		}
	}
	return selections, sums
}

// holds reports whether ballots of a style have a contest.
func (x *index) holds(style, contest int) bool { return slices.Contains(x.ballots[style], contest) }

// key is the Ed25519 key of a role and id.
func (x *index) key(role message.Role, id string) (message.Key, bool) {
	switch {
	case role == message.RoleAuthority && id == "":
		return x.m.Authority, true
	case role == message.RoleRegistrar && id == "":
		return x.m.Registrar, true
	case role == message.RoleIdentity && id == "" && x.identified():
		return x.m.Identity, true
	case role == message.RoleTrustee:
		if i, ok := x.trustees[id]; ok {
			return x.m.Trustees[i].Signing, true
		}
	}
	return x.placeKey(role, id)
}

// placeKey is key for the roles of polling places.
func (x *index) placeKey(role message.Role, id string) (message.Key, bool) {
	officer := func(list []message.Officer) (message.Key, bool) {
		for _, o := range list {
			if o.ID == id {
				return o.Key, true
			}
		}
		return message.Key{}, false
	}
	switch role {
	case message.RoleCountCentre:
		return x.m.CountCentre, id == "" && len(x.m.Places) > 0
	case message.RoleOfficer:
		return officer(x.m.Officers)
	case message.RoleDevice:
		for _, d := range x.m.Devices {
			if d.ID == id {
				return d.Key, true
			}
		}
	case message.RolePollBook:
		for _, p := range x.m.Places {
			if p.ID == id {
				return p.PollBook, true
			}
		}
	case message.RolePlaceOfficer:
		for _, p := range x.m.Places {
			if key, ok := officer(p.Officers); ok {
				return key, true
			}
		}
	}
	return message.Key{}, false
}
