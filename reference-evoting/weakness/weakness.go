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

// The weaknesses that the reference has.
const (
	CommitmentsOnly     Name = "weak.fs.commitmentsOnly"
	SkipSumProof        Name = "weak.ballot.skipSumProof"
	NoVoterBinding      Name = "weak.ballot.noVoterBinding"
	NoElectionBinding   Name = "weak.ctx.noElectionBinding"
	NoContestBinding    Name = "weak.ctx.noContestBinding"
	KeyReuse            Name = "weak.trustee.keyReuse"
	NoWeeding           Name = "weak.bb.noWeeding"
	Aliases             Name = "weak.bb.aliases"
	CheckThenInsert     Name = "weak.cast.checkThenInsert"
	NoPromise           Name = "weak.receipt.noPromise"
	NoPoK               Name = "weak.setup.noPoK"
	NoCommitRound       Name = "weak.dkg.noCommitRound"
	NoProof             Name = "weak.decrypt.noProof"
	UnboundToCiphertext Name = "weak.decrypt.proofUnboundToCiphertext"
)

// Doc tells what a weakness is.
type Doc struct {
	Name   Name
	Roles  string // who acts on it
	Widens string // what is accepted beyond the sound rule
	Where  string // where it occurred in real systems
}

// Docs lists all weaknesses in the order of their names.
func Docs() []Doc {
	docs := []Doc{
		{CommitmentsOnly, "box, trustee, verify, voter",
			"selection and sum proofs whose challenge hashes the commitments alone",
			"Helios before the fix of the flaw in Bernhard, Pereira, Warinschi, ASIACRYPT 2012; Belenios before 2013"},
		{SkipSumProof, "box, trustee, verify, voter",
			"a ballot whose sum proof is missing or wrong",
			"Helios treats an absent maximum as approval and then asks for no overall proof"},
		{NoVoterBinding, "box, trustee, verify, voter",
			"a ballot whose named caster is not the credential that casts it",
			"Helios and others before Cortier, Smyth 2011; clash attacks of Küsters, Truderung, Vogt 2012"},
		{NoElectionBinding, "box, trustee, verify, voter",
			"messages that name another election, checked under the fingerprint that they name",
			"Belenios before the fingerprint entered its proofs (2021)"},
		{NoContestBinding, "box, trustee, verify, voter",
			"an answer or share that names another contest, checked under the name that it carries",
			"Swiss Post's context confusion reports YWH-PGM2323"},
		{KeyReuse, "trustee, box, verify, voter",
			"the ceremony of another election, replayed",
			"rehearsal keys kept for production"},
		{NoWeeding, "box, trustee, verify, voter",
			"a ciphertext or a tracker that is on the board already",
			"Helios before weeding; Belenios' command-line verifier before December 2022"},
		{Aliases, "voter",
			"an entry with my tracker that another credential cast",
			"Helios with voter aliases"},
		{CheckThenInsert, "box, trustee, verify",
			"a decision whose predecessor stood when it was checked but not when it was stored; every leaf of a chain counts",
			"check-then-act races in stores without a unique constraint"},
		{NoPromise, "voter",
			"an acknowledgement that promises no place on the board",
			"systems that answer a cast with a bare success"},
		{NoPoK, "trustee, box, verify",
			"a coefficient without a valid proof of knowledge",
			"threshold schemes that sum unproven keys"},
		{NoCommitRound, "trustee, box, verify",
			"coefficients that were not committed to before the others were revealed",
			"ceremonies of one round, Gennaro and others 1999"},
		{NoProof, "box, trustee, verify",
			"a decryption factor whose proof is wrong",
			"a verification stub in Helios"},
		{UnboundToCiphertext, "box, trustee, verify",
			"a factor proven for the ciphertext that the message names, whatever the aggregate is",
			"Belenios before partial decryptions were bound (2021)"},
	}
	slices.SortFunc(docs, func(a, b Doc) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return docs
}

// Role is one of those who make checks.
type Role string

// The roles.
const (
	Box      Role = "box"
	Trustee  Role = "trustee"
	Voter    Role = "voter"
	Verifier Role = "verify"
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
		case "", Box, Trustee, Voter, Verifier:
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
