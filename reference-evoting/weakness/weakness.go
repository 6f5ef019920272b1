// Package weakness names the planted weaknesses of the reference system and
// holds the set of one election.
//
// A weakness widens: the weak party accepts what the sound rule accepts or
// what the weak rule accepts, so honest messages stay byte for byte the same.
// A set belongs to an election, travels beside the manifest and never in it,
// and is refused unless the manifest says test. Nothing outside the reference
// system imports this package.
package weakness

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Name of a weakness, as the attack catalogue gives it.
type Name string

// Role is one of those who make checks.
type Role string

// The roles.
const (
	Box      Role = "box"
	Trustee  Role = "trustee"
	Voter    Role = "voter"
	Verifier Role = "verify"
	Identity Role = "identity"
	Device   Role = "device"
	// Publisher is a channel of results.
	Publisher Role = "publisher"
)

// ErrUnknown is wrapped by Parse for a name that is not in Docs.
var ErrUnknown = errors.New("unknown weakness")

// Set is what is planted in one election. The zero value is sound.
type Set struct {
	planted []planted
}

type planted struct {
	name Name
	role Role // empty: every role
}

// Parse reads names, each alone or as name@role.
func Parse(names []string) (Set, error) {
	var s Set
	for _, text := range names {
		base, role, _ := strings.Cut(text, "@")
		known := slices.ContainsFunc(Docs(), func(d Doc) bool { return string(d.Name) == base })
		if !known {
			return Set{}, fmt.Errorf("%w %q", ErrUnknown, text)
		}
		switch Role(role) {
		case "", Box, Trustee, Voter, Verifier, Identity, Device, Publisher:
		default:
			return Set{}, fmt.Errorf("%w: %q names no role that checks", ErrUnknown, text)
		}
		s.planted = append(s.planted, planted{Name(base), Role(role)})
	}
	return s, nil
}

// Strings gives the set back in the form that Parse reads.
func (s Set) Strings() []string {
	out := make([]string, 0, len(s.planted))
	for _, p := range s.planted {
		text := string(p.name)
		if p.role != "" {
			text += "@" + string(p.role)
		}
		out = append(out, text)
	}
	return out
}

// Empty reports that nothing is planted.
func (s Set) Empty() bool { return len(s.planted) == 0 }

// For is the set as one role sees it.
func (s Set) For(r Role) View { return View{set: s, role: r} }

// View is what one role consults, on the line beside each check.
type View struct {
	set  Set
	role Role
}

// Has reports that the weakness acts in this role.
func (v View) Has(n Name) bool {
	for _, p := range v.set.planted {
		if p.name == n && (p.role == "" || p.role == v.role) {
			return true
		}
	}
	return false
}

// Widen is a check with its weak rule: what is sound is accepted, and where
// the weakness is planted also what weak accepts. weak is called only then.
func (v View) Widen(n Name, sound bool, weak func() bool) bool {
	return sound || (v.Has(n) && weak())
}
