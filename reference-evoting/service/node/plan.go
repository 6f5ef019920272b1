package node

import (
	"errors"
	"fmt"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
)

// plan is what a part is asked for, looked at.
type plan struct {
	asked    manage.Play
	manifest message.Manifest
	shown    message.Manifest // to voters
	seed     keys.Seed
	weak     weakness.Set
}

// read refuses what no role could work with.
func read(q manage.Play) (*plan, error) {
	p := &plan{asked: q, manifest: q.Draft.Manifest, seed: keys.Seed(q.Seed)}
	var err error
	if p.weak, err = weakness.Parse(q.Planted); err != nil {
		return nil, err
	}
	switch {
	case !p.manifest.Test:
		return nil, errors.New("a node plays in test elections only: the manifest does not say test")
	case q.Seed == "":
		return nil, errors.New("a node needs a seed: it keeps no keys")
	}
	p.fill(&p.manifest)
	if _, err := manifest.Compile(p.manifest, q.Draft.Ceremony); err != nil {
		return nil, err
	}
	if _, err := verify.Quorum(&p.manifest); err != nil {
		return nil, err
	}
	p.shown = p.manifest
	if q.Shown == nil {
		return p, nil
	}
	p.shown = q.Shown.Manifest
	p.fill(&p.shown)
	if _, err := manifest.Compile(p.shown, q.Draft.Ceremony); err != nil {
		return nil, fmt.Errorf("shown: %w", err)
	}
	return p, nil
}

// fill gives the target's roles their keys.
func (p *plan) fill(m *message.Manifest) {
	p.seed.Fill(m)
	if p.asked.Draft.Identity {
		p.seed.FillIdentity(m)
	}
}

// enrol makes the registrar's roll, the same wherever it is made.
func (p *plan) enrol() (*registrar.Roll, error) {
	var voters []registrar.Voter
	for _, v := range p.asked.Draft.Roll {
		voters = append(voters, registrar.Voter{ID: v.ID, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	return registrar.Enrol(voters, p.seed.Stream(message.RoleRegistrar, "", "roll"))
}

// cheap is what a look at a code costs here: a test election is not guessed at
// for long, and 19 MiB a voter would be most of its time.
func cheap() identity.Cost { return identity.Cost{KiB: 64, Passes: 1} }

// persons are whom the identity service knows, and the letters it sent.
func (p *plan) persons() (*identity.Persons, []identity.Sent, error) {
	var ids []string
	for _, v := range p.asked.Draft.Roll {
		ids = append(ids, v.ID)
	}
	return identity.Enrol(ids, p.seed.Stream(message.RoleIdentity, "codes", p.manifest.Board.Origin), cheap())
}

// credentials are what the voters were handed: by the registrar, and by the
// identity service where there is one.
func (p *plan) credentials(roll *registrar.Roll) (manage.Credentials, error) {
	out := roles.Credentials(roll)
	if !p.asked.Draft.Identity {
		return out, nil
	}
	_, sent, err := p.persons()
	codes := map[string]string{}
	for _, c := range sent {
		codes[c.Voter] = c.Code
	}
	for i := range out.Voters {
		out.Voters[i].Code = codes[out.Voters[i].Voter]
	}
	return out, err
}
