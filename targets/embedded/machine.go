package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
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
	disk           string // the folder of all disks

	mu      sync.Mutex
	number  int           // of the disk in use
	armed   *outage       // nil: no point is armed
	power   func()        // takes it away
	serving chan struct{} // closed when the authority of this disk serves
	lost    map[int]bool  // disks that were left behind
	gone    chan struct{} // closed when the election ends
}

// outage is a loss of power that is to come.
type outage struct {
	point   string
	torn    bool
	reached chan struct{} // closed when the authority stands still
	write   chan struct{} // closed when it may go on to write what is to be torn
	written chan struct{} // closed when it has
	over    chan struct{} // closed when it may end
}

// errPower is what the authority is told where it stands.
var errPower = errors.New("the power is gone")

func newMachine(disk string) *machine {
	return &machine{public: newDoor(), manage: newDoor(), disk: disk, number: 1, serving: make(chan struct{}), lost: map[int]bool{}, gone: make(chan struct{})}
}

func (m *machine) path(number int) string { return filepath.Join(m.disk, strconv.Itoa(number)) }

// entries are what can end a batch once the election is open, in order. A seal
// ends with the aggregates that follow it, the last share with the result.
var entries = []message.Type{
	message.TypeCast, message.TypeChallenge, message.TypeCloseChannel, message.TypeAggregate,
	message.TypeDecryptionShare, message.TypeResult,
}

// Points implements targets.Faulty.
func (m *machine) Points() []string {
	var out []string
	for _, e := range entries {
		for _, s := range []authority.Stage{authority.Appending, authority.Appended, authority.Settled} {
			out = append(out, string(e)+"/"+string(s))
		}
	}
	return out
}

// Arm implements targets.Faulty.
func (m *machine) Arm(_ context.Context, point string, torn bool) error {
	if !slices.Contains(m.Points(), point) {
		return fmt.Errorf("the server has no point %q", point)
	}
	if torn && !strings.HasSuffix(point, "/"+string(authority.Appending)) {
		return fmt.Errorf("nothing is being written at %q", point)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.armed != nil {
		return errors.New("a point is armed already")
	}
	m.armed = &outage{
		point: point, torn: torn,
		reached: make(chan struct{}), write: make(chan struct{}), written: make(chan struct{}), over: make(chan struct{}),
	}
	return nil
}

func (m *machine) outage() *outage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.armed
}

// at is where the authority asks whether there is power.
func (m *machine) at(p authority.Point) error {
	o := m.outage()
	if o == nil {
		return nil
	}
	here := string(p.Entry) + "/" + string(p.Stage)
	switch {
	case here == o.point:
		close(o.reached)
		select {
		case <-o.write:
			return nil
		case <-o.over:
		case <-m.gone:
		}
		return errPower
	case o.torn && p.Stage == authority.Appended && closed(o.write):
		close(o.written)
		select {
		case <-o.over:
		case <-m.gone:
		}
		return errPower
	}
	return nil
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Reached implements targets.Faulty.
func (m *machine) Reached(ctx context.Context) error {
	o := m.outage()
	if o == nil {
		return errors.New("no point is armed")
	}
	select {
	case <-o.reached:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the server does not come to %s: %w", o.point, ctx.Err())
	}
}

// Crash implements targets.Faulty.
func (m *machine) Crash(ctx context.Context) error {
	o := m.outage()
	if o == nil {
		return errors.New("no point is armed")
	}
	m.public.cut()
	m.manage.cut()
	err := m.leave(ctx, o)
	m.mu.Lock()
	serving := make(chan struct{})
	m.serving, m.armed = serving, nil
	m.lost[m.number] = true
	m.number++
	power := m.power
	m.mu.Unlock()
	power()
	close(o.over)
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

// leave makes the disk with which the next authority will start.
func (m *machine) leave(ctx context.Context, o *outage) error {
	from, to := m.path(m.number), m.path(m.number+1)
	if err := copyDisk(from, to, nil); err != nil || !o.torn {
		return err
	}
	// Nobody is connected any more: it may write what nobody will hear of, and a
	// part of that is added to what was there before.
	close(o.write)
	select {
	case <-o.written:
		return copyDisk(from, to, func(path string) bool { return !strings.Contains(path, "/log/tile/") })
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run runs the authority, again after each loss of power.
func (m *machine) run(ctx context.Context, cfg roles.AuthorityConfig) error {
	defer m.public.shut()
	defer m.manage.shut()
	stop := context.AfterFunc(ctx, func() { close(m.gone) })
	defer stop()
	cfg.At = m.at
	for number := 1; ; number++ {
		life, end := context.WithCancel(ctx)
		m.mu.Lock()
		m.power = end
		serving := m.serving
		m.mu.Unlock()
		cfg.Dir, cfg.Listener, cfg.Manage = m.path(number), m.public.open(), m.manage.open()
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

// copyDisk copies the files of a folder into another that may be there already,
// but those that are left out. What is there is kept where from has the same.
func copyDisk(from, to string, leave func(path string) bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a temporary file that has gone
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case leave != nil && leave(path), strings.HasSuffix(path, "-shm"):
			return nil
		}
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return os.WriteFile(target, raw, 0o600)
	})
}
