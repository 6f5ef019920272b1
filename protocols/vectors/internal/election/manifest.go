package election

import (
	"crypto/ed25519"
	"strconv"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors/internal/prover"
)

// Signing is the Ed25519 key of a role. The id of a role that has none is
// empty, the board's is its origin.
func Signing(role message.Role, id string) ed25519.PrivateKey {
	return Seed.Signing(string(role) + " " + id)
}

// Decryption is the secret of a trustee's encryption key.
func Decryption(id string) kyber.Scalar { return Seed.Scalar("decryption", []byte(id)) }

// Origin names the board.
const Origin = "vectors.example/board"

// Opens and Closes are the times of the only channel, in Unix seconds.
const (
	Opens  = 1_800_000_000
	Closes = Opens + 3600
)

// Ward is a manifest that uses what there is: a contest with a minimum and a
// blank vote, one with a maximum, one in which every option may be marked; two
// styles, two units, two weights.
func Ward() message.Manifest {
	m := frame("Ward")
	m.Contests = []message.Contest{
		contest("council", 1, 2, true, 2, "ada", "ben", "cyd"),
		contest("motion", 0, 1, false, 1, "yes", "no"),
		contest("panel", 0, 2, false, 1, "dana", "eli"),
	}
	m.Styles = []message.Style{
		{ID: "full", Contests: []string{"council", "motion", "panel"}},
		{ID: "short", Contests: []string{"motion"}},
	}
	m.Units = units("north", "south")
	m.MinimumCell = 1
	return m
}

// Village is the manifest of small records: two contests, three units, cells
// of two ballots at least.
func Village() message.Manifest {
	m := frame("Village")
	m.Contests = []message.Contest{
		contest("council", 1, 1, true, 1, "ada", "ben"),
		contest("motion", 0, 1, false, 1, "approve"),
	}
	m.Styles = []message.Style{
		{ID: "full", Contests: []string{"council", "motion"}},
		{ID: "short", Contests: []string{"motion"}},
	}
	m.Units = units("north", "south", "east")
	m.MinimumCell = 2
	return m
}

func frame(title string) message.Manifest {
	m := message.Manifest{
		Authority: prover.Public(Signing(message.RoleAuthority, "")),
		Board:     message.Board{Key: prover.Public(Signing(message.RoleBoard, Origin)), Origin: Origin},
		Channels: []message.Channel{{
			ID: "web", Kind: message.ChannelOnline, Opens: Opens, Closes: Closes, MaxExtension: 600,
		}},
		Devices: []message.Device{}, Officers: []message.Officer{},
		PollInterval: 60, Protocol: message.Protocol, Suite: message.Suite, Test: true, Title: title,
		Quorum: 2, Threshold: 2,
		Registrar: prover.Public(Signing(message.RoleRegistrar, "")),
		Revote:    message.RevoteLastCounts,
		Stages:    []string{"aggregate", "decrypt", "count"},
		Weights:   []uint64{1, 3},
	}
	for i := uint64(1); i <= 3; i++ {
		id := "trustee-" + strconv.FormatUint(i, 10)
		m.Trustees = append(m.Trustees, message.TrusteeLine{
			ID: id, Index: i, Signing: prover.Public(Signing(message.RoleTrustee, id)),
			Encryption: prover.Element(prover.Base(Decryption(id))),
		})
		witness := "witness-" + strconv.FormatUint(i, 10)
		m.Witnesses = append(m.Witnesses, message.WitnessLine{
			ID: witness, Key: prover.Public(Signing(message.RoleWitness, witness)),
		})
	}
	return m
}

func contest(id string, least, most uint64, blank bool, seats uint64, options ...string) message.Contest {
	c := message.Contest{
		ID: id, Kind: message.KindHomomorphic, Title: id, Min: least, Max: most, Blank: blank,
		Method: message.Method{Kind: message.MethodPlurality, Seats: seats},
	}
	for _, o := range options {
		c.Options = append(c.Options, message.Option{ID: o, Title: o})
	}
	return c
}

func units(ids ...string) []message.Unit {
	var out []message.Unit
	for _, id := range ids {
		out = append(out, message.Unit{ID: id, Title: id})
	}
	return out
}

// Contest finds a contest of the manifest.
func (e *Election) Contest(id string) message.Contest {
	for _, c := range e.Manifest.Contests {
		if c.ID == id {
			return c
		}
	}
	panic("election: no contest " + id)
}

// Style finds a ballot style.
func (e *Election) Style(id string) message.Style {
	for _, s := range e.Manifest.Styles {
		if s.ID == id {
			return s
		}
	}
	panic("election: no style " + id)
}

// Selections lists the option ids of a contest's ciphertexts.
func Selections(c message.Contest) []string {
	var out []string
	for _, o := range c.Options {
		out = append(out, o.ID)
	}
	if c.Blank {
		out = append(out, message.BlankOption)
	}
	return out
}

// NeedsSum says whether a ballot has a sum proof for the contest (S-13).
func NeedsSum(c message.Contest) bool {
	return c.Min != 0 || c.Max != uint64(len(c.Options)) || c.Blank
}
