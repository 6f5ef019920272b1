// Package container is the reference system as a target in containers: every
// role on a machine of its own, on networks of their own, from an image that is
// nothing but this program (reference node). The harness drives it as it drives
// the embedded one, with targets/wire.
//
// One topology is shared by all elections of a run: starting an election is a
// request to each machine. Everything that is made on the engine bears the
// run's labels, and is removed when the target is closed; what a dead run left
// is removed before the next begins.
package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"scrutineer/targets"
	"scrutineer/targets/wire"
)

// Config is what the topology is made with. Program is needed.
type Config struct {
	// Program is the executable that becomes the image: scrutineer itself. One
	// that does not fit is built, where the source is there.
	Program string
	Version string
	Client  wire.Limits // of our side
}

// Target opens elections, any number at a time, once its machines are up.
type Target struct {
	cfg  Config
	next atomic.Int64 // number of the last election

	mu      sync.Mutex
	engine  *engine
	program string // that the image was made of
	top     *topology
	failed  error
	closed  bool
}

var _ targets.Target = (*Target)(nil)

// New starts nothing yet.
func New(cfg Config) *Target {
	if cfg.Version == "" {
		cfg.Version = "1"
	}
	return &Target{cfg: cfg}
}

// topology starts the machines the first time.
func (t *Target) topology(ctx context.Context) (*topology, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closed:
		return nil, errors.New("the target is closed")
	case t.top != nil || t.failed != nil:
		return t.top, t.failed
	}
	err := t.up(ctx)
	if err != nil && ctx.Err() == nil {
		t.failed = fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	return t.top, err
}

func (t *Target) up(ctx context.Context) (err error) {
	if t.engine, err = connect(ctx, false); err != nil {
		return err
	}
	return t.make(ctx)
}

// make makes the image and starts the machines.
func (t *Target) make(ctx context.Context) error {
	if err := t.engine.sweep(ctx); err != nil {
		return fmt.Errorf("removing what a dead run left: %w", err)
	}
	dir, err := os.MkdirTemp("", "scrutineer-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if t.program, err = t.engine.program(ctx, t.cfg.Program, dir); err != nil {
		return err
	}
	image, err := t.engine.image(ctx, t.program)
	if err != nil {
		return err
	}
	t.top, err = t.engine.up(ctx, image, t.cfg.Client)
	return err
}

// Describe implements targets.Target. It starts the machines, because what
// they reach is found out by trying.
func (t *Target) Describe(ctx context.Context) (targets.Description, error) {
	top, err := t.topology(ctx)
	if err != nil {
		return targets.Description{}, err
	}
	d := targets.Description{
		Name: "container", Version: t.cfg.Version, Dialect: "scrutineer", Test: true, Lacks: map[targets.Ability]string{},
		Abilities: []targets.Ability{
			targets.Ceremony, targets.Open, targets.Submit, targets.Board, targets.Close, targets.Tally,
			targets.Publish, targets.Client, targets.Trustee, targets.Witness, targets.Verify,
			targets.Identity, targets.Fault, targets.Headers, targets.Inspect, targets.Announce, targets.Dialect,
		},
	}
	if top.near == nil {
		d.Abilities = append(d.Abilities, targets.Insider, targets.Front)
	} else {
		d.Lacks[targets.Insider], d.Lacks[targets.Front] = top.near.Error(), top.near.Error()
	}
	return d, nil
}

// closeTime bounds how long everything may take to go.
const closeTime = time.Minute

// Close implements targets.Target: nothing is left on the engine.
func (t *Target) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.engine == nil {
		t.closed = true
		return nil
	}
	t.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	var err error
	if t.top != nil {
		err = t.top.down(ctx)
	} else {
		err = t.engine.removeRun(ctx)
	}
	return errors.Join(err, t.engine.docker.Close())
}

// number names the next election on the machines.
func (t *Target) number() string { return "e" + strconv.FormatInt(t.next.Add(1), 10) }
