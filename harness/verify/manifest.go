package verify

import (
	"fmt"
	"slices"

	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// checkManifest makes V-08. It returns every fault.
func checkManifest(m *message.Manifest) []string {
	c := &manifestCheck{m: m}
	c.must(m.Protocol == message.Protocol, "protocol is %q", m.Protocol)
	c.must(m.Suite == message.Suite, "suite is %q", m.Suite)
	c.must(slices.Equal(m.Stages, []string{"aggregate", "decrypt", "count"}), "stages are %q", m.Stages)
	c.must(m.Revote == message.RevoteNone || m.Revote == message.RevoteLastCounts, "revote policy is %q", string(m.Revote))
	c.must(m.MinimumCell >= 1, "minimumCell is 0")
	c.must(m.PollInterval >= 1, "pollInterval is 0")
	c.must(len(m.Title) <= maxTitle, "the title has %d bytes", len(m.Title))
	c.contests()
	c.lists()
	c.thresholds()
	c.channels()
	c.places()
	c.publishing()
	c.keys()
	return c.faults
}

// maxTitle bounds the titles of election and contests, in bytes.
const maxTitle = 1024

type manifestCheck struct {
	m      *message.Manifest
	faults []string
}

func (c *manifestCheck) must(holds bool, format string, args ...any) {
	if !holds {
		c.faults = append(c.faults, clip(fmt.Sprintf(format, args...)))
	}
}

// between is must for a number of things.
func (c *manifestCheck) between(n, low, high int, what string) {
	c.must(low <= n && n <= high, "%d %s, not %d..%d", n, what, low, high)
}

// isID is [a-z0-9][a-z0-9-]{0,62}.
func isID(s string) bool {
	if len(s) == 0 || len(s) > 63 || s[0] == '-' {
		return false
	}
	for _, b := range []byte(s) {
		if (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '-' {
			return false
		}
	}
	return true
}

// ids checks form and uniqueness of the ids of one list.
func ids[T any](c *manifestCheck, what string, list []T, id func(*T) string) {
	seen := map[string]bool{}
	for i := range list {
		s := id(&list[i])
		c.must(isID(s), "%s id %q", what, s)
		c.must(!seen[s], "%s id %q occurs twice", what, s)
		seen[s] = true
	}
}

func (c *manifestCheck) contests() {
	c.between(len(c.m.Contests), 1, 256, "contests")
	ids(c, "contest", c.m.Contests, func(x *message.Contest) string { return x.ID })
	for i := range c.m.Contests {
		x := &c.m.Contests[i]
		n := uint64(len(x.Options))
		ids(c, "option", x.Options, func(o *message.Option) string { return o.ID })
		c.between(len(x.Options), 1, 256, "options of contest "+x.ID)
		for _, o := range x.Options {
			c.must(o.ID != message.BlankOption, "contest %s: an option is called blank", x.ID)
		}
		c.must(len(x.Title) <= maxTitle, "contest %s: the title has %d bytes", x.ID, len(x.Title))
		c.must(x.Kind == message.KindHomomorphic, "contest %s: kind %q", x.ID, x.Kind)
		c.must(x.Min <= x.Max && 1 <= x.Max && x.Max <= n, "contest %s: min %d, max %d of %d options", x.ID, x.Min, x.Max, n)
		c.must(x.Method.Kind == message.MethodPlurality, "contest %s: method %q", x.ID, x.Method.Kind)
		c.must(1 <= x.Method.Seats && x.Method.Seats <= n, "contest %s: %d seats for %d options", x.ID, x.Method.Seats, n)
	}
}

func (c *manifestCheck) lists() {
	m := c.m
	c.between(len(m.Styles), 1, 256, "styles")
	ids(c, "style", m.Styles, func(x *message.Style) string { return x.ID })
	known := map[string]bool{}
	for i := range m.Contests {
		known[m.Contests[i].ID] = true
	}
	for _, s := range m.Styles {
		c.must(len(s.Contests) > 0, "style %s has no contest", s.ID)
		seen := map[string]bool{}
		for _, id := range s.Contests {
			c.must(known[id], "style %s: no contest %q", s.ID, id)
			c.must(!seen[id], "style %s: contest %q occurs twice", s.ID, id)
			seen[id] = true
		}
	}
	c.between(len(m.Units), 1, 4096, "units")
	ids(c, "unit", m.Units, func(x *message.Unit) string { return x.ID })
	c.must(len(m.Weights) > 0, "no weights")
	for i, w := range m.Weights {
		c.must(1 <= w && w <= 1_000_000, "weight %d", w)
		c.must(i == 0 || m.Weights[i-1] < w, "weights are not ascending at %d", w)
	}
	ids(c, "officer", m.Officers, func(x *message.Officer) string { return x.ID })
	ids(c, "device", m.Devices, func(x *message.Device) string { return x.ID })
	for _, d := range m.Devices {
		c.must(d.Opens < d.Closes, "device %s closes at %d and opens at %d", d.ID, d.Closes, d.Opens)
	}
}

func (c *manifestCheck) thresholds() {
	m := c.m
	c.between(len(m.Trustees), 1, 64, "trustees")
	ids(c, "trustee", m.Trustees, func(x *message.TrusteeLine) string { return x.ID })
	for i, t := range m.Trustees {
		c.must(t.Index == uint64(i+1), "trustee %s has index %d at place %d", t.ID, t.Index, i+1)
	}
	c.must(majority(m.Threshold, len(m.Trustees)), "threshold %d of %d trustees", m.Threshold, len(m.Trustees))
	c.between(len(m.Witnesses), 1, 64, "witnesses")
	ids(c, "witness", m.Witnesses, func(x *message.WitnessLine) string { return x.ID })
	c.must(majority(m.Quorum, len(m.Witnesses)), "quorum %d of %d witnesses", m.Quorum, len(m.Witnesses))
	c.must(isOrigin(m.Board.Origin), "board origin %q", m.Board.Origin)
}

// majority is 1 ≤ t ≤ n < 2t.
func majority(t uint64, n int) bool {
	return 1 <= t && t <= uint64(n) && 2*t > uint64(n)
}

func isOrigin(s string) bool {
	for _, b := range []byte(s) {
		if b < '!' || b > '~' || b == '+' {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 128
}

func (c *manifestCheck) channels() {
	ids(c, "channel", c.m.Channels, func(x *message.Channel) string { return x.ID })
	online := false
	for _, x := range c.m.Channels {
		c.must(x.Kind == message.ChannelOnline || x.Kind == message.ChannelOffline, "channel %s: kind %q", x.ID, x.Kind)
		c.must(x.Opens < x.Closes, "channel %s closes at %d and opens at %d", x.ID, x.Closes, x.Opens)
		c.must(!online || x.Kind == message.ChannelOnline, "offline channel %s comes after an online one", x.ID)
		online = online || x.Kind == message.ChannelOnline
	}
	c.must(online, "no online channel")
}

// places, their devices, three officers, an offline channel and a count centre
// are there together or not at all.
func (c *manifestCheck) places() {
	m := c.m
	if len(m.Places) == 0 {
		c.must(m.CountCentre == message.Key{}, "a count centre without a polling place")
		c.must(len(m.Devices) == 0, "%d devices without a polling place", len(m.Devices))
		return
	}
	c.must(len(m.Officers) == 3, "%d officers and polling places, not 3", len(m.Officers))
	c.must(slices.ContainsFunc(m.Channels, func(x message.Channel) bool { return x.Kind == message.ChannelOffline }),
		"polling places and no offline channel")
	ids(c, "place", m.Places, func(x *message.Place) string { return x.ID })
	placeOf, known := map[string]string{}, map[string]bool{}
	for _, u := range m.Units {
		known[u.ID] = true
	}
	var officers []message.Officer
	for _, p := range m.Places {
		c.must(len(p.Title) <= maxTitle, "place %s: the title has %d bytes", p.ID, len(p.Title))
		c.between(len(p.Officers), 2, 8, "officers of place "+p.ID)
		officers = append(officers, p.Officers...)
		c.must(len(p.Units) > 0, "place %s has no unit", p.ID)
		for _, u := range p.Units {
			before, taken := placeOf[u]
			c.must(known[u], "place %s: no unit %q", p.ID, u)
			c.must(!taken, "unit %s has the places %s and %s", u, before, p.ID)
			placeOf[u] = p.ID
		}
	}
	ids(c, "place officer", officers, func(x *message.Officer) string { return x.ID })
	for _, d := range m.Devices {
		c.must(slices.ContainsFunc(m.Places, func(p message.Place) bool { return p.ID == d.Place }), "device %s: no place %q", d.ID, d.Place)
	}
}

// publishing is the section of that name, where there is one.
func (c *manifestCheck) publishing() {
	p := c.m.Publishing
	if p == nil {
		return
	}
	c.must(len(c.m.Officers) == 3, "%d officers, of whom two sign, not three", len(c.m.Officers))
	c.publisher("official", p.Official)
	c.publisher("back-up", p.Backup)
	c.must(p.Official.URL != p.Backup.URL, "both channels are at one address")
}

func (c *manifestCheck) publisher(which string, p message.Publisher) {
	c.must(1 <= len(p.Name) && len(p.Name) <= 256, "the name of the %s publisher has %d bytes", which, len(p.Name))
	plain := 1 <= len(p.URL) && len(p.URL) <= 1024
	for _, b := range []byte(p.URL) {
		plain = plain && '!' <= b && b <= '~'
	}
	c.must(plain, "the address of the %s publisher", which)
}

// keys are all distinct and none is zero, which as an element is the identity;
// encryption keys are elements, and all others signing keys (SPEC.md §1).
func (c *manifestCheck) keys() {
	m := c.m
	seen := map[message.Key]string{}
	one := func(who string, key message.Key) {
		c.must(key != message.Key{}, "%s has no key", who)
		before, taken := seen[key]
		c.must(!taken, "%s and %s have the same key", before, who)
		seen[key] = who
	}
	signing := func(who string, key message.Key) {
		one(who, key)
		c.must(point.IsSigningKey(key), "the key of %s is no signing key: not canonical, not on the curve, or of small order", who)
	}
	signing("authority", m.Authority)
	signing("board", m.Board.Key)
	signing("registrar", m.Registrar)
	if m.Identity != (message.Key{}) {
		signing("identity", m.Identity)
		_, ok := point.Decode(m.Authorisation)
		c.must(ok, "the key of authorisations is no element")
		one("authorisations", m.Authorisation)
	} else {
		c.must(m.Authorisation == message.Element{}, "a key of authorisations without an identity service")
	}
	for _, t := range m.Trustees {
		signing("trustee "+t.ID, t.Signing)
	}
	for _, w := range m.Witnesses {
		signing("witness "+w.ID, w.Key)
	}
	for _, o := range m.Officers {
		signing("officer "+o.ID, o.Key)
	}
	for _, d := range m.Devices {
		signing("device "+d.ID, d.Key)
	}
	if len(m.Places) > 0 {
		signing("the count centre", m.CountCentre)
	}
	for _, p := range m.Places {
		signing("poll book of "+p.ID, p.PollBook)
		for _, o := range p.Officers {
			signing("place officer "+o.ID, o.Key)
		}
	}
	if p := m.Publishing; p != nil {
		signing("the official publisher", p.Official.Key)
		signing("the back-up publisher", p.Backup.Key)
	}
	for _, t := range m.Trustees {
		_, ok := point.Decode(t.Encryption)
		c.must(ok, "encryption key of trustee %s is no element", t.ID)
		one("encryption of trustee "+t.ID, t.Encryption)
	}
}
