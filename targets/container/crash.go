package container

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/moby/moby/client"

	"scrutineer/protocols/manage"
	"scrutineer/targets"
)

var _ targets.Faulty = (*election)(nil)

// crashes is how many elections have machines of their own at a time.
const crashes = 6

// alone gives the election an authority of its own, on a disk that outlives a
// crash. The other parties are those of everybody: only whom a scenario breaks
// is on a machine apart.
func (e *election) alone(ctx context.Context) error {
	select {
	case e.top.crashing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	shared, err := e.top.machine("authority")
	if err == nil {
		r := shared.row
		r.name, r.durable = r.name+"-"+e.name, true
		e.own, err = e.top.start(ctx, r)
	}
	if err != nil && e.own == nil {
		<-e.top.crashing
	}
	return err
}

// errShared is why a server cannot be crashed.
var errShared = fmt.Errorf("%w: this election shares its server with others", targets.ErrUnable)

// Points implements targets.Faulty.
func (e *election) Points() []string {
	if e.own == nil {
		return nil
	}
	return e.played.Points
}

// Arm implements targets.Faulty.
func (e *election) Arm(ctx context.Context, point string, torn bool) error {
	if e.own == nil {
		return errShared
	}
	return e.own.node.Arm(ctx, manage.Arm{Election: e.name, Point: point, Torn: torn})
}

// Reached implements targets.Faulty.
func (e *election) Reached(ctx context.Context) error {
	if e.own == nil {
		return errShared
	}
	return e.own.node.Reached(ctx, e.name)
}

// Crash implements targets.Faulty: the container is killed and started again,
// and the authority goes on with what is on its volume, at the same ports.
func (e *election) Crash(ctx context.Context) error {
	if e.own == nil {
		return errShared
	}
	if err := e.own.node.Outage(ctx, e.name); err != nil {
		return err
	}
	if err := e.own.kill(ctx); err != nil {
		return err
	}
	if err := e.own.again(ctx); err != nil {
		return err
	}
	if _, _, err := e.part(ctx, "authority", manage.Play{Manage: e.played.Manage, Public: e.played.Public}); err != nil {
		return err
	}
	return e.found(ctx)
}

// found waits until every client finds the server where it is now: a machine
// that starts again may have another address.
func (e *election) found(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, upTime)
	defer cancel()
	return each(e.clients(), func(role string) error {
		for {
			err := e.parts[role].node.Reach(ctx, e.own.url(e.played.Public))
			if err == nil {
				return nil
			}
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				return fmt.Errorf("%s does not find the server again: %w", role, err)
			}
		}
	})
}

// kill sends SIGKILL, and makes sure that it took effect.
func (m *machine) kill(ctx context.Context) error {
	if _, err := m.top.engine.docker.ContainerKill(ctx, m.ctr.GetContainerID(), client.ContainerKillOptions{Signal: "SIGKILL"}); err != nil {
		return fmt.Errorf("kill %s: %w", m.name, err)
	}
	m.forget()
	state, err := m.ctr.State(ctx)
	if err == nil && state.Running {
		err = errors.New("it runs all the same")
	}
	if err != nil {
		return fmt.Errorf("kill %s: %w", m.name, err)
	}
	return nil
}

// again starts a machine that was killed.
func (m *machine) again(ctx context.Context) error {
	m.node.Close() // of connections to its last life
	if _, err := m.top.engine.docker.ContainerStart(ctx, m.ctr.GetContainerID(), client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("start %s: %w", m.name, err)
	}
	m.forget()
	return m.ready(ctx)
}

// remove removes a machine with its disk.
func (t *topology) remove(ctx context.Context, m *machine) error {
	m.node.Close()
	return t.engine.remove(ctx, []object{
		{id: m.ctr.GetContainerID(), kind: "container"}, {id: t.engine.name(m.name + "-data"), kind: "volume"},
	})
}
