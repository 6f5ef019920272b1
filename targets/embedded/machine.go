package embedded

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"

	"scrutineer/reference-evoting/service/outage"
	"scrutineer/reference-evoting/service/roles"
)

// machine is what the authority runs on: it can lose its power at a point of
// the authority's work, and starts it again from what its disk holds then.
//
// The authority of a lost machine cannot be ended by force within our own
// process. It is stopped where it stands, its connections are cut, its disk is
// copied, and what it does on the way out goes to the disk that was left behind.
type machine struct {
	public, manage *door
	points         *outage.Switch
	disk           string // the folder of all disks

	mu      sync.Mutex
	number  int           // of the disk in use
	power   func()        // takes it away
	serving chan struct{} // closed when the authority of this disk serves
	lost    map[int]bool  // disks that were left behind
	network *network      // nil: there is only the pipe
}

func newMachine(disk string) *machine {
	return &machine{public: newDoor(), manage: newDoor(), points: outage.New(), disk: disk, number: 1, serving: make(chan struct{}), lost: map[int]bool{}}
}

func (m *machine) path(number int) string { return filepath.Join(m.disk, strconv.Itoa(number)) }

// Points implements targets.Faulty.
func (m *machine) Points() []string { return outage.Points() }

// Arm implements targets.Faulty.
func (m *machine) Arm(_ context.Context, point string, torn bool) error {
	return m.points.Arm(point, torn)
}

// Reached implements targets.Faulty.
func (m *machine) Reached(ctx context.Context) error { return m.points.Reached(ctx) }

// Crash implements targets.Faulty.
func (m *machine) Crash(ctx context.Context) error {
	if !m.points.Armed() {
		return errors.New("no point is armed")
	}
	m.public.cut()
	m.manage.cut()
	err := m.points.Leave(ctx, m.path(m.number), m.path(m.number+1))
	m.mu.Lock()
	serving := make(chan struct{})
	m.serving = serving
	over := m.points.Disarm()
	m.lost[m.number] = true
	m.number++
	power := m.power
	m.mu.Unlock()
	power()
	over()
	if err != nil {
		return fmt.Errorf("what is left on the disk: %w", err)
	}
	select {
	case <-serving:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the server does not start again: %w", ctx.Err())
	}
}

// run runs the authority, again after each loss of power.
func (m *machine) run(ctx context.Context, cfg roles.AuthorityConfig) error {
	defer m.public.shut()
	defer m.manage.shut()
	stop := context.AfterFunc(ctx, m.points.End)
	defer stop()
	cfg.At = m.points.At
	for number := 1; ; number++ {
		life, end := context.WithCancel(ctx)
		m.mu.Lock()
		m.power = end
		serving := m.serving
		m.mu.Unlock()
		cfg.Dir, cfg.Listener, cfg.Manage = m.path(number), m.network.beside(m.public.open()), m.manage.open()
		close(serving)
		err := roles.RunAuthority(life, cfg)
		end()
		m.mu.Lock()
		lost := m.lost[number]
		m.mu.Unlock()
		if !lost || ctx.Err() != nil {
			return err
		}
	}
}
