package bench

import (
	"context"
	"crypto/sha256"
	"fmt"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/group/edwards25519"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/voter"
)

const options = 5

// definition is an election of one contest with five options.
func definition() message.Manifest {
	contest := message.Contest{
		ID: "council", Kind: message.KindHomomorphic, Title: "Council", Min: 0, Max: 1,
		Method: message.Method{Kind: message.MethodPlurality, Seats: 1},
	}
	for i := range options {
		contest.Options = append(contest.Options, message.Option{ID: optionID(i), Title: optionID(i)})
	}
	m := message.Manifest{
		Protocol: message.Protocol, Suite: message.Suite, Title: "Measurement", Test: true,
		Board:    message.Board{Origin: "scrutineer.bench/election"},
		Channels: []message.Channel{{ID: "online", Kind: message.ChannelOnline, Opens: 1_500_000_000, Closes: 4_000_000_000}},
		Contests: []message.Contest{contest},
		Styles:   []message.Style{{ID: "all", Contests: []string{contest.ID}}},
		Units:    []message.Unit{{ID: "town", Title: "Town"}},
		Weights:  []uint64{1}, MinimumCell: 1, PollInterval: 60, Revote: message.RevoteLastCounts,
		Stages: []string{"aggregate", "decrypt", "count"}, Threshold: 2, Quorum: 2,
		Devices: []message.Device{}, Officers: []message.Officer{},
	}
	for i := 1; i <= 3; i++ {
		m.Trustees = append(m.Trustees, message.TrusteeLine{ID: fmt.Sprintf("trustee-%d", i), Index: uint64(i)})
		m.Witnesses = append(m.Witnesses, message.WitnessLine{ID: fmt.Sprintf("witness-%d", i)})
	}
	seed.Fill(&m)
	return m
}

const seed = keys.Seed("bench")

func optionID(i int) string { return fmt.Sprintf("option-%d", i+1) }
func voterID(i int) string  { return fmt.Sprintf("voter-%06d", i) }

// ballots measures making and checking one ballot.
func ballots(context.Context, Options) ([]Figure, error) {
	election, err := manifest.Compile(definition(), 1)
	if err != nil {
		return nil, err
	}
	random := ristretto.Stream(nil)
	x := proof.Random(random)
	voting := &rules.Voting{Election: election, Fingerprint: message.Digest{1}, Key: proof.NewElectionKey(ristretto.NewPoint().Mul(x, nil).(*ristretto.Point))}
	secret := proof.Random(random)
	client := voter.New(voting, voter.Credential{
		Key: proof.Element(ristretto.NewPoint().Mul(secret, nil)), Secret: secret, Style: "all", Unit: "town", Weight: 1,
	}, random)
	var p *voter.Prepared
	encrypt := func() (err error) {
		p, err = client.Encrypt(voter.Choices{"council": {optionID(0)}})
		return err
	}
	if err := encrypt(); err != nil { // makes the tables
		return nil, err
	}
	made, err := each(200, encrypt)
	if err != nil {
		return nil, err
	}
	check := func() error {
		if _, fault := voting.Ballot(&p.Ballot); fault != nil {
			return fault
		}
		return nil
	}
	if err := check(); err != nil {
		return nil, err
	}
	kyberCheck := kyberBallot()
	// In turn, so that a change of the machine's speed meets both alike.
	checked, err := each(60, check)
	if err != nil {
		return nil, err
	}
	theirs, err := each(60, kyberCheck)
	if err != nil {
		return nil, err
	}
	again, err := each(60, check)
	if err != nil {
		return nil, err
	}
	ours := (checked + again) / 2
	return []Figure{
		{"ballot of one contest, 5 options: encrypt, prove, sign", micro(made), "≤ 2000 µs"},
		{"the same ballot checked", micro(ours), ""},
		{"the same equations with kyber's edwards25519", micro(theirs), ""},
		{"ratio", fmt.Sprintf("%.1f ×", float64(theirs)/float64(ours)), "≥ 4 ×"},
	}, nil
}

// kyberBallot computes the commitments of 6 disjunctions of two branches (5
// selections and their sum) with kyber's edwards25519: decoding two points and
// encoding four for the hash each, a_j = z_jG − c_jα, b_j = z_jY − c_j(β − jG).
func kyberBallot() func() error {
	suite := edwards25519.NewBlakeSHA256Ed25519()
	random := suite.RandomStream()
	scalar := func() kyber.Scalar { return suite.Scalar().Pick(random) }
	y := suite.Point().Pick(random)
	alpha, _ := suite.Point().Pick(random).MarshalBinary()
	beta, _ := suite.Point().Pick(random).MarshalBinary()
	c, z := []kyber.Scalar{scalar(), scalar()}, []kyber.Scalar{scalar(), scalar()}
	return func() error {
		for range options + 1 {
			a, b := suite.Point(), suite.Point()
			if err := a.UnmarshalBinary(alpha); err != nil {
				return err
			}
			if err := b.UnmarshalBinary(beta); err != nil {
				return err
			}
			h := sha256.New()
			for j := range 2 {
				first := suite.Point().Sub(suite.Point().Mul(z[j], nil), suite.Point().Mul(c[j], a))
				shifted := suite.Point().Set(b)
				if j == 1 {
					shifted.Sub(shifted, suite.Point().Base())
				}
				second := suite.Point().Sub(suite.Point().Mul(z[j], y), suite.Point().Mul(c[j], shifted))
				for _, p := range []kyber.Point{first, second} {
					if _, err := p.MarshalTo(h); err != nil {
						return err
					}
				}
			}
			h.Sum(nil)
		}
		return nil
	}
}
