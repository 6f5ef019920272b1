package scrutineer

import (
	"errors"
	"fmt"
	"slices"

	"scrutineer/protocols/message"
)

// ErrManifest is wrapped by every fault of a manifest (V-08).
var ErrManifest = errors.New("V-08: manifest not sound")

func manifestFault(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrManifest, fmt.Sprintf(format, args...))
}

// CheckManifest is V-08.
func CheckManifest(m *message.Manifest) error {
	if m.Protocol != message.Protocol || m.Suite != message.Suite {
		return manifestFault("protocol %q, suite %q", m.Protocol, m.Suite)
	}
	if !slices.Equal(m.Stages, []string{"aggregate", "decrypt", "count"}) {
		return manifestFault("stages %q", m.Stages)
	}
	if m.Revote != message.RevoteNone && m.Revote != message.RevoteLastCounts {
		return manifestFault("revote policy %q", m.Revote)
	}
	for _, check := range []func(*message.Manifest) error{
		checkContests, checkStyles, checkCells, checkChannels, checkQuorums, checkPlaces, checkPublishing, checkIDs, checkKeys,
	} {
		if err := check(m); err != nil {
			return err
		}
	}
	return nil
}

func checkContests(m *message.Manifest) error {
	if len(m.Contests) < 1 || len(m.Contests) > 256 {
		return manifestFault("%d contests", len(m.Contests))
	}
	for _, c := range m.Contests {
		options := uint64(len(c.Options))
		switch {
		case c.Kind != message.KindHomomorphic || c.Method.Kind != message.MethodPlurality:
			return manifestFault("contest %q: kind %q, method %q", c.ID, c.Kind, c.Method.Kind)
		case options < 1 || options > 256:
			return manifestFault("contest %q: %d options", c.ID, options)
		case c.Min > c.Max || c.Max > options || c.Max < 1:
			return manifestFault("contest %q: min %d, max %d of %d", c.ID, c.Min, c.Max, options)
		case c.Method.Seats < 1 || c.Method.Seats > options:
			return manifestFault("contest %q: %d seats", c.ID, c.Method.Seats)
		}
		for _, o := range c.Options {
			if o.ID == message.BlankOption {
				return manifestFault("contest %q: an option called blank", c.ID)
			}
		}
	}
	return nil
}

func checkStyles(m *message.Manifest) error {
	if len(m.Styles) < 1 || len(m.Styles) > 256 {
		return manifestFault("%d styles", len(m.Styles))
	}
	for _, s := range m.Styles {
		if len(s.Contests) == 0 {
			return manifestFault("style %q has no contest", s.ID)
		}
		for i, id := range s.Contests {
			if Contest(m, id) == nil || slices.Contains(s.Contests[:i], id) {
				return manifestFault("style %q: contest %q unknown or repeated", s.ID, id)
			}
		}
	}
	return nil
}

func checkCells(m *message.Manifest) error {
	if len(m.Units) < 1 || len(m.Units) > 4096 || m.MinimumCell < 1 || len(m.Weights) == 0 {
		return manifestFault("%d units, minimum cell %d, %d weights", len(m.Units), m.MinimumCell, len(m.Weights))
	}
	last := uint64(0)
	for _, w := range m.Weights {
		if w <= last || w > 1_000_000 {
			return manifestFault("weights not ascending within 1..1000000")
		}
		last = w
	}
	return nil
}

func checkChannels(m *message.Manifest) error {
	online := false
	for _, c := range m.Channels {
		switch {
		case c.Closes <= c.Opens:
			return manifestFault("channel %q closes before it opens", c.ID)
		case c.Kind == message.ChannelOnline:
			online = true
		case c.Kind != message.ChannelOffline:
			return manifestFault("channel %q: kind %q", c.ID, c.Kind)
		case online:
			return manifestFault("channel %q: offline after online", c.ID)
		}
	}
	if !online {
		return manifestFault("no online channel")
	}
	return nil
}

func checkQuorums(m *message.Manifest) error {
	n, w := uint64(len(m.Trustees)), uint64(len(m.Witnesses))
	switch {
	case m.Threshold < 1 || m.Threshold > n || 2*m.Threshold <= n || n > 64:
		return manifestFault("threshold %d of %d", m.Threshold, n)
	case m.Quorum < 1 || m.Quorum > w || 2*m.Quorum <= w || w > 64:
		return manifestFault("quorum %d of %d", m.Quorum, w)
	}
	for i, t := range m.Trustees {
		if t.Index != uint64(i)+1 {
			return manifestFault("trustee %q has index %d", t.ID, t.Index)
		}
	}
	return nil
}

// checkPlaces looks at polling places and what belongs to them.
func checkPlaces(m *message.Manifest) error {
	if len(m.Places) == 0 {
		if m.CountCentre != (message.Key{}) || len(m.Devices) > 0 {
			return manifestFault("devices or a count centre without a place")
		}
		return nil
	}
	offline := slices.ContainsFunc(m.Channels, func(c message.Channel) bool { return c.Kind == message.ChannelOffline })
	if len(m.Officers) != 3 || !offline {
		return manifestFault("places with %d officers, or without an offline channel", len(m.Officers))
	}
	places, units := map[string]bool{}, map[string]bool{}
	for _, u := range m.Units {
		units[u.ID] = true
	}
	for _, p := range m.Places {
		places[p.ID] = true
		if len(p.Officers) < 2 || len(p.Officers) > 8 || len(p.Units) == 0 {
			return manifestFault("place %q with %d officers and %d units", p.ID, len(p.Officers), len(p.Units))
		}
		for _, u := range p.Units {
			if !units[u] {
				return manifestFault("place %q: unit %q is unknown or has a place", p.ID, u)
			}
			units[u] = false
		}
	}
	for _, d := range m.Devices {
		if !places[d.Place] {
			return manifestFault("device %q in place %q", d.ID, d.Place)
		}
	}
	return nil
}

// checkPublishing looks at the section of that name, where there is one.
func checkPublishing(m *message.Manifest) error {
	p := m.Publishing
	switch {
	case p == nil:
		return nil
	case len(m.Officers) != 3:
		return manifestFault("%d officers", len(m.Officers))
	case p.Official.Name == "" || p.Backup.Name == "" || p.Official.URL == "" || p.Backup.URL == "" || p.Official.URL == p.Backup.URL:
		return manifestFault("publishers without names or addresses of their own")
	}
	return nil
}

// checkIDs looks at the ids of each list.
func checkIDs(m *message.Manifest) error {
	lists := map[string][]string{"style": nil, "contest": nil, "unit": nil, "channel": nil,
		"trustee": nil, "witness": nil, "officer": nil, "device": nil, "place": nil, "place officer": nil}
	put := func(list, id string) { lists[list] = append(lists[list], id) }
	for _, c := range m.Contests {
		put("contest", c.ID)
		for _, o := range c.Options {
			put("option of "+c.ID, o.ID)
		}
	}
	for _, s := range m.Styles {
		put("style", s.ID)
	}
	for _, u := range m.Units {
		put("unit", u.ID)
	}
	for _, c := range m.Channels {
		put("channel", c.ID)
	}
	for _, t := range m.Trustees {
		put("trustee", t.ID)
	}
	for _, w := range m.Witnesses {
		put("witness", w.ID)
	}
	for _, o := range m.Officers {
		put("officer", o.ID)
	}
	for _, d := range m.Devices {
		put("device", d.ID)
	}
	for _, p := range m.Places {
		put("place", p.ID)
		for _, o := range p.Officers {
			put("place officer", o.ID)
		}
	}
	for name, ids := range lists {
		seen := make(map[string]bool, len(ids))
		for _, id := range ids {
			if !validID(id) || seen[id] {
				return manifestFault("%s %q: malformed or repeated id", name, id)
			}
			seen[id] = true
		}
	}
	return nil
}

// validID matches [a-z0-9][a-z0-9-]{0,62}.
func validID(id string) bool {
	if len(id) < 1 || len(id) > 63 || id[0] == '-' {
		return false
	}
	for _, c := range []byte(id) {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// checkKeys wants all public keys distinct and the encryption keys usable.
func checkKeys(m *message.Manifest) error {
	keys := []message.Key{m.Authority, m.Board.Key, m.Registrar}
	if m.Identity != (message.Key{}) {
		keys = append(keys, m.Identity, m.Authorisation)
		if _, err := decodeElement(m.Authorisation); err != nil {
			return manifestFault("authorisation: %v", err)
		}
	} else if m.Authorisation != (message.Element{}) {
		return manifestFault("authorisation without an identity service")
	}
	for _, w := range m.Witnesses {
		keys = append(keys, w.Key)
	}
	for _, o := range m.Officers {
		keys = append(keys, o.Key)
	}
	for _, d := range m.Devices {
		keys = append(keys, d.Key)
	}
	if len(m.Places) > 0 {
		keys = append(keys, m.CountCentre)
	}
	for _, p := range m.Places {
		keys = append(keys, p.PollBook)
		for _, o := range p.Officers {
			keys = append(keys, o.Key)
		}
	}
	if p := m.Publishing; p != nil {
		keys = append(keys, p.Official.Key, p.Backup.Key)
	}
	for _, t := range m.Trustees {
		keys = append(keys, t.Signing, t.Encryption)
		if _, err := decodeElement(t.Encryption); err != nil {
			return manifestFault("encryption key of trustee %q: %v", t.ID, err)
		}
	}
	seen := make(map[message.Key]bool, len(keys))
	for _, k := range keys {
		if k == (message.Key{}) || seen[k] {
			return manifestFault("key %s is zero or used twice", k)
		}
		seen[k] = true
	}
	return nil
}

// Contest is the contest with this id, or nil.
func Contest(m *message.Manifest, id string) *message.Contest {
	for i := range m.Contests {
		if m.Contests[i].ID == id {
			return &m.Contests[i]
		}
	}
	return nil
}

// Style is the ballot style with this id, or nil.
func Style(m *message.Manifest, id string) *message.Style {
	for i := range m.Styles {
		if m.Styles[i].ID == id {
			return &m.Styles[i]
		}
	}
	return nil
}

// Selections are the ids of a contest's selections in ballot order: its
// options, then blank where it is allowed.
func Selections(c *message.Contest) []string {
	ids := make([]string, 0, len(c.Options)+1)
	for _, o := range c.Options {
		ids = append(ids, o.ID)
	}
	if c.Blank {
		ids = append(ids, message.BlankOption)
	}
	return ids
}

// NeedsSum reports whether answers to the contest carry a sum proof (S-13).
func NeedsSum(c *message.Contest) bool {
	return c.Min != 0 || c.Max != uint64(len(c.Options)) || c.Blank
}
