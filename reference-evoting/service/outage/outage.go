// Package outage stops an authority at a point of its work, where the machine
// that it runs on is to lose its power. Who takes the power away, and starts it
// again, is another's business: targets/embedded does it within our process,
// targets/container kills the container.
package outage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
)

// ErrPower is what the authority is told where it stands.
var ErrPower = errors.New("the power is gone")

// entries are what can end a batch once the election is open, in order. A seal
// ends with the aggregates that follow it, the last share with the result.
func entries() []message.Type {
	return []message.Type{
		message.TypeCast, message.TypeChallenge, message.TypeCloseChannel, message.TypeAggregate,
		message.TypeDecryptionShare, message.TypeResult,
	}
}

// Points names where an authority can be stopped, as targets.Faulty has it.
func Points() []string {
	var out []string
	for _, e := range entries() {
		for _, s := range []authority.Stage{authority.Appending, authority.Appended, authority.Settled} {
			out = append(out, string(e)+"/"+string(s))
		}
	}
	return out
}

// Switch is where an authority asks whether there is power. The zero value is
// of no use.
type Switch struct {
	gone chan struct{} // closed when the election ends

	mu    sync.Mutex
	armed *outage // nil: no point is armed
	ended bool
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

// New is a switch of which no point is armed.
func New() *Switch { return &Switch{gone: make(chan struct{})} }

// Arm has the authority stop the next time it comes to a point; where torn is
// true in the middle of what it writes there.
func (s *Switch) Arm(point string, torn bool) error {
	if !slices.Contains(Points(), point) {
		return fmt.Errorf("the server has no point %q", point)
	}
	if torn && !strings.HasSuffix(point, "/"+string(authority.Appending)) {
		return fmt.Errorf("nothing is being written at %q", point)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.armed != nil {
		return errors.New("a point is armed already")
	}
	s.armed = &outage{
		point: point, torn: torn,
		reached: make(chan struct{}), write: make(chan struct{}), written: make(chan struct{}), over: make(chan struct{}),
	}
	return nil
}

func (s *Switch) outage() *outage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.armed
}

// Armed says whether a point is.
func (s *Switch) Armed() bool { return s.outage() != nil }

// At is for roles.AuthorityConfig.
func (s *Switch) At(p authority.Point) error {
	o := s.outage()
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
		case <-s.gone:
		}
		return ErrPower
	case o.torn && p.Stage == authority.Appended && closed(o.write):
		close(o.written)
		select {
		case <-o.over:
		case <-s.gone:
		}
		return ErrPower
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

// Reached waits until the authority stands still.
func (s *Switch) Reached(ctx context.Context) error {
	o := s.outage()
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

// Leave makes the disk with which the next authority will start: what would be
// on the folder from where the authority stands. Nobody may be connected to it
// any more: where the write is torn it goes on to write what nobody will hear
// of, and a part of that is added.
func (s *Switch) Leave(ctx context.Context, from, to string) error {
	o := s.outage()
	if o == nil {
		return errors.New("no point is armed")
	}
	if err := copyDisk(from, to, nil); err != nil || !o.torn {
		return err
	}
	close(o.write)
	select {
	case <-o.written:
		return copyDisk(from, to, func(path string) bool { return !strings.Contains(path, "/log/tile/") })
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Disarm forgets the point, and returns what lets the authority that stands
// there end.
func (s *Switch) Disarm() (over func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.armed
	s.armed = nil
	return func() {
		if o != nil {
			close(o.over)
		}
	}
}

// End lets whoever stands still end, for good.
func (s *Switch) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ended = true
		close(s.gone)
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
