// Package core is the reference system as a target without HTTP: all its
// roles in one process, the board in memory, every step taken when somebody
// asks for it. It is for fuzzing and for tests; what concerns servers,
// sockets and disks is met by the embedded target instead.
package core

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/targets"
)

// Target opens elections in memory.
type Target struct {
	clock func() time.Time
}

var _ targets.Target = (*Target)(nil)

// New is a target whose witnesses date their cosignatures by clock.
func New(clock func() time.Time) *Target { return &Target{clock: clock} }

// Describe implements targets.Target.
func (t *Target) Describe(context.Context) (targets.Description, error) {
	return targets.Description{
		Name: "core", Version: "1", Dialect: "scrutineer", Test: true,
		Abilities: []targets.Ability{
			targets.Ceremony, targets.Open, targets.Submit, targets.Board, targets.Close, targets.Tally,
			targets.Publish, targets.Client, targets.Trustee, targets.Witness, targets.Verify,
			targets.Identity, targets.Place, targets.Insider, targets.Outage, targets.Results, targets.Notices, targets.Dialect,
		},
	}, nil
}

// Close implements targets.Target.
func (t *Target) Close() error { return nil }

// maxDraft bounds a definition in bytes.
const maxDraft = 64 << 20

// Open implements targets.Target.
func (t *Target) Open(ctx context.Context, d targets.Definition) (targets.Election, error) {
	draft, err := codec.Decode[manage.Draft](d.Draft, codec.Limits{Size: maxDraft})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", targets.ErrSetup, err)
	}
	weak, err := weakness.Parse(d.Plant)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", targets.ErrSetup, err)
	}
	seed := keys.Seed(d.Seed)
	seed.Fill(&draft.Manifest)
	if draft.Identity {
		seed.FillIdentity(&draft.Manifest)
	}
	e, err := newElection(ctx, t.clock, d, draft, weak)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", targets.ErrSetup, err)
	}
	if err := e.begin(ctx, d); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func plays(harness []string, role string) bool { return slices.Contains(harness, role) }
