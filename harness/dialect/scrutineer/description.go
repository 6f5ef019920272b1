package scrutineer

import (
	"crypto/ed25519"
	"fmt"

	"scrutineer/protocols/message"
)

// Description is an election in a few words. A zero field means the default
// that its comment names.
type Description struct {
	Title        string               // default "Test election"
	Origin       string               // of the board; default "scrutineer.test/board"
	Contests     []message.Contest    // see Choose
	Styles       []message.Style      // default: one called "all" with every contest
	Units        []string             // ids, in merging order; default "main"
	Weights      []uint64             // ascending; default 1
	MinimumCell  uint64               // default 1
	Revote       message.RevotePolicy // default last-counts
	Trustees     uint64               // default 3
	Threshold    uint64               // default the smallest t with 2t > n
	Witnesses    uint64               // default 3
	Quorum       uint64               // default the smallest w with 2w > number of witnesses
	Identity     bool                 // whether there is an identity service
	Release      uint64               // when results are published on channels, in Unix seconds; 0: on the board alone
	Opens        uint64               // of the one channel, "online", in Unix seconds
	Closes       uint64               // default a day after Opens
	PollInterval uint64               // in seconds; default 5
	Voters       []Eligible
}

// Eligible is one line of the roll. A zero field means the first style, the
// first unit, weight 1.
type Eligible struct {
	ID     string
	Style  string
	Unit   string
	Weight uint64
}

// Choose is a contest of the only kind and method there are, with one seat.
// Options are their own titles.
func Choose(id string, min, max uint64, blank bool, options ...string) message.Contest {
	c := message.Contest{
		ID: id, Title: id, Kind: message.KindHomomorphic,
		Min: min, Max: max, Blank: blank,
		Method: message.Method{Kind: message.MethodPlurality, Seats: 1},
	}
	for _, o := range options {
		c.Options = append(c.Options, message.Option{ID: o, Title: o})
	}
	return c
}

// Filled replaces zero fields by their defaults.
func (d Description) Filled() Description {
	fill(&d.Title, "Test election")
	fill(&d.Origin, "scrutineer.test/board")
	fill(&d.MinimumCell, 1)
	fill(&d.Revote, message.RevoteLastCounts)
	fill(&d.Trustees, 3)
	fill(&d.Threshold, d.Trustees/2+1)
	fill(&d.Witnesses, 3)
	fill(&d.Quorum, d.Witnesses/2+1)
	fill(&d.Closes, d.Opens+24*60*60)
	fill(&d.PollInterval, 5)
	if d.Styles == nil {
		all := message.Style{ID: "all"}
		for _, c := range d.Contests {
			all.Contests = append(all.Contests, c.ID)
		}
		d.Styles = []message.Style{all}
	}
	if d.Units == nil {
		d.Units = []string{"main"}
	}
	if d.Weights == nil {
		d.Weights = []uint64{1}
	}
	voters := make([]Eligible, len(d.Voters))
	for i, v := range d.Voters {
		fill(&v.Style, d.Styles[0].ID)
		fill(&v.Unit, d.Units[0])
		fill(&v.Weight, 1)
		voters[i] = v
	}
	d.Voters = voters
	return d
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Keys are the secrets of every role of an election. A run holds those of the
// roles that the harness plays; the others are zero.
type Keys struct {
	Authority ed25519.PrivateKey
	Board     ed25519.PrivateKey
	Registrar ed25519.PrivateKey
	Identity  IdentityKeys
	Trustees  []TrusteeKeys
	Witnesses []WitnessKeys
}

// WitnessKeys is a witness's id and secret.
type WitnessKeys struct {
	ID      string
	Signing ed25519.PrivateKey
}

// Keys are the secrets of all roles of the described election from a seed:
// trustees t1, t2, … and witnesses w1, w2, ….
func (d Description) Keys(seed Seed) Keys {
	d = d.Filled()
	k := Keys{
		Authority: seed.SigningKey("authority"),
		Board:     seed.SigningKey("board"),
		Registrar: seed.SigningKey("registrar"),
	}
	if d.Identity {
		k.Identity = IdentityKeys{seed.SigningKey("identity"), seed.Credential("identity/authorisation")}
	}
	for i := range d.Trustees {
		k.Trustees = append(k.Trustees, seed.Trustee(fmt.Sprintf("t%d", i+1), i+1))
	}
	for i := range d.Witnesses {
		id := fmt.Sprintf("w%d", i+1)
		k.Witnesses = append(k.Witnesses, WitnessKeys{ID: id, Signing: seed.SigningKey("witness/" + id)})
	}
	return k
}

// Public are the public halves, as a manifest lists them.
type Public struct {
	Authority     message.Key
	Board         message.Key
	Registrar     message.Key
	Identity      message.Key
	Authorisation message.Element
	Trustees      []message.TrusteeLine
	Witnesses     []message.WitnessLine
}

// Public are the public halves of the keys. Roles of the target's own, whose
// secrets are not known, are put in afterwards.
func (k Keys) Public() Public {
	p := Public{
		Authority: publicOr(k.Authority), Board: publicOr(k.Board),
		Registrar: publicOr(k.Registrar), Identity: publicOr(k.Identity.Signing),
		Authorisation: k.Identity.Authorisation.Key,
	}
	for _, t := range k.Trustees {
		p.Trustees = append(p.Trustees, t.Line())
	}
	for _, w := range k.Witnesses {
		p.Witnesses = append(p.Witnesses, message.WitnessLine{ID: w.ID, Key: publicOr(w.Signing)})
	}
	return p
}

func publicOr(k ed25519.PrivateKey) message.Key {
	if k == nil {
		return message.Key{}
	}
	return PublicKey(k)
}

// Manifest is the election definition, which passes V-08. It is marked as a
// test: nothing else may have keys from a seed.
func (d Description) Manifest(keys Public) (message.Manifest, error) {
	m := d.Draft(keys)
	if err := CheckManifest(&m); err != nil {
		return message.Manifest{}, err
	}
	return m, nil
}

// Draft is Manifest without the check, where some keys are still to come.
func (d Description) Draft(keys Public) message.Manifest {
	d = d.Filled()
	m := message.Manifest{
		Authorisation: keys.Authorisation,
		Authority:     keys.Authority,
		Board:         message.Board{Key: keys.Board, Origin: d.Origin},
		Channels: []message.Channel{{ID: "online", Kind: message.ChannelOnline,
			Opens: d.Opens, Closes: d.Closes}},
		Contests:     d.Contests,
		Devices:      []message.Device{},
		Identity:     keys.Identity,
		MinimumCell:  d.MinimumCell,
		Officers:     []message.Officer{},
		PollInterval: d.PollInterval,
		Protocol:     message.Protocol,
		Quorum:       d.Quorum,
		Registrar:    keys.Registrar,
		Revote:       d.Revote,
		Stages:       []string{"aggregate", "decrypt", "count"},
		Styles:       d.Styles,
		Suite:        message.Suite,
		Test:         true,
		Threshold:    d.Threshold,
		Title:        d.Title,
		Trustees:     keys.Trustees,
		Weights:      d.Weights,
		Witnesses:    keys.Witnesses,
	}
	for _, id := range d.Units {
		m.Units = append(m.Units, message.Unit{ID: id, Title: id})
	}
	if d.Release > 0 {
		m.Publishing = &message.Publishing{ReleaseAt: d.Release,
			Official: message.Publisher{Name: "Electoral body", URL: "https://results." + d.Origin},
			Backup:   message.Publisher{Name: "Archive", URL: "https://archive." + d.Origin}}
		m.Officers = nil
		for _, id := range []string{"o1", "o2", "o3"} {
			m.Officers = append(m.Officers, message.Officer{ID: id})
		}
	}
	return m
}
