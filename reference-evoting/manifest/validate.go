package manifest

import (
	"fmt"
	"regexp"
	"slices"

	"filippo.io/edwards25519"

	"scrutineer/protocols/message"
)

// Bounds of V-08.
const (
	maxOptions   = 256
	maxContests  = 256
	maxStyles    = 256
	maxUnits     = 4096
	maxTrustees  = 64
	maxWitnesses = 64
	maxWeight    = 1_000_000
	maxTitle     = 1024
)

var (
	idForm     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	originForm = regexp.MustCompile(`^[!-*,-~]{1,128}$`)
)

// Error is a fault of a manifest: where it is, what is wrong, and the mend.
type Error struct {
	Pointer string
	Detail  string
}

func (e *Error) Error() string { return fmt.Sprintf("manifest %s: %s", e.Pointer, e.Detail) }

func fault(pointer, format string, args ...any) error {
	return &Error{Pointer: pointer, Detail: fmt.Sprintf(format, args...)}
}

// Validate makes check V-08 of SPEC.md §2, except that trustee encryption
// keys are elements, which Compile checks. The first fault is returned.
func Validate(m *message.Manifest) error {
	steps := []func(*message.Manifest) error{
		checkHeader, checkContests, checkStyles, checkUnits, checkWeights,
		checkChannels, checkTrustees, checkWitnesses, checkPlaces, checkPublishing, checkKeys,
	}
	for _, step := range steps {
		if err := step(m); err != nil {
			return err
		}
	}
	return nil
}

func checkHeader(m *message.Manifest) error {
	switch {
	case m.Protocol != message.Protocol:
		return fault("/protocol", "is %q, want %q", m.Protocol, message.Protocol)
	case m.Suite != message.Suite:
		return fault("/suite", "is %q, want %q", m.Suite, message.Suite)
	case len(m.Title) > maxTitle:
		return fault("/title", "is longer than %d bytes", maxTitle)
	case m.MinimumCell < 1:
		return fault("/minimumCell", "is 0, want at least 1")
	case m.PollInterval < 1:
		return fault("/pollInterval", "is 0, want at least 1 second")
	case m.Revote != message.RevoteNone && m.Revote != message.RevoteLastCounts:
		return fault("/revote", "is %q, want %q or %q", m.Revote, message.RevoteNone, message.RevoteLastCounts)
	case !slices.Equal(m.Stages, []string{"aggregate", "decrypt", "count"}):
		return fault("/stages", "want aggregate, decrypt, count")
	case !originForm.MatchString(m.Board.Origin):
		return fault("/board/origin", "is not a well-formed origin")
	}
	return nil
}

// ids checks form and uniqueness of a list of ids.
func ids(pointer string, list []string) error {
	seen := make(map[string]bool, len(list))
	for i, id := range list {
		if !idForm.MatchString(id) {
			return fault(fmt.Sprintf("%s/%d/id", pointer, i), "%q is not a well-formed id", id)
		}
		if seen[id] {
			return fault(fmt.Sprintf("%s/%d/id", pointer, i), "%q occurs twice", id)
		}
		seen[id] = true
	}
	return nil
}

func names[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = id(x)
	}
	return out
}

func checkContests(m *message.Manifest) error {
	if len(m.Contests) < 1 || len(m.Contests) > maxContests {
		return fault("/contests", "has %d contests, want 1 to %d", len(m.Contests), maxContests)
	}
	if err := ids("/contests", names(m.Contests, func(c message.Contest) string { return c.ID })); err != nil {
		return err
	}
	for i, c := range m.Contests {
		if err := checkContest(fmt.Sprintf("/contests/%d", i), c); err != nil {
			return err
		}
	}
	return nil
}

func checkContest(at string, c message.Contest) error {
	options := uint64(len(c.Options))
	switch {
	case c.Kind != message.KindHomomorphic:
		return fault(at+"/kind", "is %q, want %q", c.Kind, message.KindHomomorphic)
	case options < 1 || options > maxOptions:
		return fault(at+"/options", "has %d options, want 1 to %d", options, maxOptions)
	case c.Max < 1 || c.Max > options:
		return fault(at+"/max", "is %d, want 1 to %d", c.Max, options)
	case c.Min > c.Max:
		return fault(at+"/min", "is %d, above max %d", c.Min, c.Max)
	case c.Method.Kind != message.MethodPlurality:
		return fault(at+"/method/kind", "is %q, want %q", c.Method.Kind, message.MethodPlurality)
	case c.Method.Seats < 1 || c.Method.Seats > options:
		return fault(at+"/method/seats", "is %d, want 1 to %d", c.Method.Seats, options)
	case len(c.Title) > maxTitle:
		return fault(at+"/title", "is longer than %d bytes", maxTitle)
	}
	for i, o := range c.Options {
		if o.ID == message.BlankOption {
			return fault(fmt.Sprintf("%s/options/%d/id", at, i), "%q is reserved", o.ID)
		}
	}
	return ids(at+"/options", names(c.Options, func(o message.Option) string { return o.ID }))
}

func checkStyles(m *message.Manifest) error {
	if len(m.Styles) < 1 || len(m.Styles) > maxStyles {
		return fault("/styles", "has %d styles, want 1 to %d", len(m.Styles), maxStyles)
	}
	if err := ids("/styles", names(m.Styles, func(s message.Style) string { return s.ID })); err != nil {
		return err
	}
	for i, s := range m.Styles {
		at := fmt.Sprintf("/styles/%d/contests", i)
		if len(s.Contests) == 0 {
			return fault(at, "is empty")
		}
		if err := ids(at, s.Contests); err != nil {
			return err
		}
		for j, id := range s.Contests {
			if !slices.ContainsFunc(m.Contests, func(c message.Contest) bool { return c.ID == id }) {
				return fault(fmt.Sprintf("%s/%d", at, j), "%q is no contest of this manifest", id)
			}
		}
	}
	return nil
}

func checkUnits(m *message.Manifest) error {
	if len(m.Units) < 1 || len(m.Units) > maxUnits {
		return fault("/units", "has %d units, want 1 to %d", len(m.Units), maxUnits)
	}
	return ids("/units", names(m.Units, func(u message.Unit) string { return u.ID }))
}

func checkWeights(m *message.Manifest) error {
	if len(m.Weights) == 0 {
		return fault("/weights", "is empty")
	}
	last := uint64(0)
	for i, w := range m.Weights {
		if w <= last || w > maxWeight {
			return fault(fmt.Sprintf("/weights/%d", i), "is %d, want ascending weights of 1 to %d", w, maxWeight)
		}
		last = w
	}
	return nil
}

func checkChannels(m *message.Manifest) error {
	if err := ids("/channels", names(m.Channels, func(c message.Channel) string { return c.ID })); err != nil {
		return err
	}
	online := false
	for i, c := range m.Channels {
		at := fmt.Sprintf("/channels/%d", i)
		switch {
		case c.Kind == message.ChannelOnline:
			online = true
		case c.Kind != message.ChannelOffline:
			return fault(at+"/kind", "is %q, want %q or %q", c.Kind, message.ChannelOnline, message.ChannelOffline)
		case online:
			return fault(at+"/kind", "offline channels come before online ones")
		}
		if c.Closes <= c.Opens {
			return fault(at+"/closes", "is not after opens")
		}
	}
	if !online {
		return fault("/channels", "has no online channel")
	}
	return nil
}

func checkTrustees(m *message.Manifest) error {
	n := uint64(len(m.Trustees))
	if n < 1 || n > maxTrustees {
		return fault("/trustees", "has %d trustees, want 1 to %d", n, maxTrustees)
	}
	if m.Threshold < 1 || m.Threshold > n || 2*m.Threshold <= n {
		return fault("/threshold", "is %d, want more than half of %d and at most all", m.Threshold, n)
	}
	for i, t := range m.Trustees {
		if t.Index != uint64(i)+1 {
			return fault(fmt.Sprintf("/trustees/%d/index", i), "is %d, want %d", t.Index, i+1)
		}
	}
	return ids("/trustees", names(m.Trustees, func(t message.TrusteeLine) string { return t.ID }))
}

func checkWitnesses(m *message.Manifest) error {
	n := uint64(len(m.Witnesses))
	if n < 1 || n > maxWitnesses {
		return fault("/witnesses", "has %d witnesses, want 1 to %d", n, maxWitnesses)
	}
	if m.Quorum < 1 || m.Quorum > n || 2*m.Quorum <= n {
		return fault("/quorum", "is %d, want more than half of %d and at most all", m.Quorum, n)
	}
	return ids("/witnesses", names(m.Witnesses, func(w message.WitnessLine) string { return w.ID }))
}

// checkKeys holds that no key serves two roles, and that officers and devices
// are well-formed.
func checkKeys(m *message.Manifest) error {
	if err := ids("/officers", names(m.Officers, func(o message.Officer) string { return o.ID })); err != nil {
		return err
	}
	if err := ids("/devices", names(m.Devices, func(d message.Device) string { return d.ID })); err != nil {
		return err
	}
	seen := map[message.Key]string{}
	var first error
	add := func(pointer string, k message.Key, signing bool) {
		other, twice := seen[k]
		switch {
		case first != nil:
		case k == (message.Key{}):
			first = fault(pointer, "is the zero key")
		case twice:
			first = fault(pointer, "is the key of %s too", other)
		case signing && !signingKey(k):
			first = fault(pointer, "is no signing key: not canonical, not on the curve, or of small order")
		}
		seen[k] = pointer
	}
	add("/authority", m.Authority, true)
	add("/board/key", m.Board.Key, true)
	add("/registrar", m.Registrar, true)
	if m.Identity != (message.Key{}) {
		add("/identity", m.Identity, true)
		add("/authorisation", m.Authorisation, false)
	} else if m.Authorisation != (message.Element{}) && first == nil {
		first = fault("/authorisation", "is there without an identity service")
	}
	for i, t := range m.Trustees {
		add(fmt.Sprintf("/trustees/%d/signing", i), t.Signing, true)
		add(fmt.Sprintf("/trustees/%d/encryption", i), t.Encryption, false)
	}
	for i, w := range m.Witnesses {
		add(fmt.Sprintf("/witnesses/%d/key", i), w.Key, true)
	}
	for i, o := range m.Officers {
		add(fmt.Sprintf("/officers/%d/key", i), o.Key, true)
	}
	for i, d := range m.Devices {
		add(fmt.Sprintf("/devices/%d/key", i), d.Key, true)
		if d.Closes <= d.Opens && first == nil {
			first = fault(fmt.Sprintf("/devices/%d/closes", i), "is not after opens")
		}
	}
	if len(m.Places) > 0 {
		add("/countCentre", m.CountCentre, true)
	}
	for i, p := range m.Places {
		add(fmt.Sprintf("/places/%d/pollBook", i), p.PollBook, true)
		for j, o := range p.Officers {
			add(fmt.Sprintf("/places/%d/officers/%d/key", i, j), o.Key, true)
		}
	}
	if p := m.Publishing; p != nil {
		add("/publishing/official/key", p.Official.Key, true)
		add("/publishing/backup/key", p.Backup.Key, true)
	}
	return first
}

// signingKey reports that k is the canonical encoding of a point whose order
// does not divide 8 (SPEC.md §1).
func signingKey(k message.Key) bool {
	p, err := new(edwards25519.Point).SetBytes(k[:])
	if err != nil || [32]byte(p.Bytes()) != k {
		return false
	}
	return p.MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 0
}
