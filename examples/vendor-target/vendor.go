// Package vendor shows how a vendor has his own system attacked: a target in a
// module of his own, held to its words by Scrutineer's conformance suite.
//
// The vendor's system is played here by the reference without HTTP, which
// stands where the vendor's own client library would. What is shown is the
// adapter: it says what the system can, opens elections on it, and hands on as
// many abilities as there are, and no more.
package vendor

import (
	"context"
	"errors"
	"time"

	"scrutineer/targets"
	"scrutineer/targets/core"
)

// Target is the vendor's system.
type Target struct{ system targets.Target }

var _ targets.Target = (*Target)(nil)

// New connects to the system.
func New() *Target { return &Target{system: core.New(time.Now)} }

// Describe says what the system is and can. It takes no weaknesses and gives
// no keys away: it is not a reference.
func (t *Target) Describe(context.Context) (targets.Description, error) {
	return targets.Description{
		Name: "vendor's system", Version: "4.2", Dialect: "scrutineer",
		Abilities: []targets.Ability{
			targets.Ceremony, targets.Open, targets.Submit, targets.Board, targets.Close, targets.Tally,
			targets.Publish, targets.Client, targets.Trustee, targets.Verify, targets.Dialect,
		},
		Lacks: map[targets.Ability]string{targets.Witness: "our witnesses have no management port"},
	}, nil
}

// Open sets up an election. What the system does not do is refused before it
// hears of it.
func (t *Target) Open(ctx context.Context, d targets.Definition) (targets.Election, error) {
	if len(d.Plant) > 0 {
		return nil, &targets.Refusal{Role: "authority", Detail: "nothing is planted in this system"}
	}
	e, err := t.system.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	able, ok := e.(abilities)
	if !ok {
		return nil, errors.Join(errors.New("the system has another version"), e.Close())
	}
	return election{able}, nil
}

// Close lets go of the system.
func (t *Target) Close() error { return t.system.Close() }

// abilities are those that an election of the system has.
type abilities interface {
	targets.Election
	targets.Submitter
	targets.BoardReader
	targets.Closer
	targets.Trustees
	targets.Voters
	targets.Credentials
	targets.Verifier
}

// election is one election, with these abilities alone.
type election struct{ abilities }
