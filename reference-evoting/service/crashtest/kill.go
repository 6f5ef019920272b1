package crashtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/client"
)

// How long the authority lives at most, by what is being tested.
const (
	castingLife  = 350 * time.Millisecond // after it listens
	startingLife = 250 * time.Millisecond // after the process was started
	closeTakes   = 30 * time.Millisecond
	tallyTakes   = 80 * time.Millisecond
	closingLife  = 900 * time.Millisecond // the other roles try again after half a second
)

// startKills: one kill in so many falls upon an authority that is starting.
const startKills = 6

// within is a random part of d.
func (e *election) within(d time.Duration) time.Duration {
	return time.Duration(e.random.Int64N(int64(d)))
}

// strike kills the authority after a while and starts it again, killing it
// while it starts now and then.
func (e *election) strike(ctx context.Context, r *Report, after time.Duration, doing func() string) error {
	if err := pause(ctx, after); err != nil {
		return err
	}
	what := doing()
	if err := e.server.kill(); err != nil {
		return err
	}
	r.Kills[what]++
	for r.AllKills() < e.cfg.Kills && e.random.IntN(startKills) == 0 {
		if err := e.server.launch(); err != nil {
			return err
		}
		if err := pause(ctx, e.within(startingLife)); err != nil {
			return err
		}
		if err := e.server.kill(); err != nil {
			return err
		}
		r.Kills[doingStart]++
	}
	return e.up(ctx)
}

// killWhileCasting lets the voters cast and kills.
func (e *election) killWhileCasting(ctx context.Context, r *Report) error {
	stop, done := make(chan struct{}), make(chan error, 1)
	loading, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { done <- e.load(loading, stop) }()
	for enough := min(r.AllKills()+e.cfg.Casting, e.cfg.Kills); r.AllKills() < enough; {
		if err := e.strike(ctx, r, e.within(castingLife), func() string { return doingCast }); err != nil {
			cancel()
			return errors.Join(err, <-done)
		}
	}
	close(stop)
	return <-done
}

// killWhileClosing asks for the close and kills from then on, whatever the
// authority is at; then it lets the result be published.
func (e *election) killWhileClosing(ctx context.Context, r *Report) error {
	doing := doingCast
	for enough := r.AllKills() + e.cfg.Closing; r.AllKills() < enough; {
		asking := make(chan struct{})
		go func() {
			defer close(asking)
			_ = e.close(ctx) // it is asked again
		}()
		life := e.within(closingLife)
		switch {
		case doing == doingCast:
			life = e.within(closeTakes)
		case doing == doingClose && e.random.IntN(2) == 0:
			life = e.within(tallyTakes)
			e.sealed(ctx)
		}
		err := e.strike(ctx, r, life, func() string {
			now, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			if st, err := e.client.Status(now); err == nil {
				doing = phaseName(st.Phase)
			}
			if doing == doingCast {
				return doingClose // it has been asked to
			}
			return doing
		})
		<-asking
		if err != nil {
			return err
		}
	}
	if err := e.close(ctx); err != nil {
		return err
	}
	_, err := e.phase(ctx, func(p message.Phase) bool { return p == message.PhasePublished })
	return err
}

// sealed waits for the seal, so that a kill meets the short time of the tally,
// as long as an authority may live at all.
func (e *election) sealed(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closingLife)
	defer cancel()
	for {
		st, err := e.client.Status(ctx)
		if phase := phaseName(st.Phase); err == nil && (phase == doingTally || phase == doingPublish) {
			return
		}
		if pause(ctx, 2*time.Millisecond) != nil {
			return
		}
	}
}

// close asks for the close; that it is closed already is what was asked for.
func (e *election) close(ctx context.Context) error {
	_, err := client.Call[message.Appended](ctx, e.admin, http.MethodPost, manage.PathClose, message.CloseChannel{Channel: "online"})
	var p *client.Problem
	if errors.As(err, &p) && p.Status < http.StatusInternalServerError {
		st, err := e.client.Status(ctx)
		if err != nil || st.Phase != message.PhaseVoting {
			return err
		}
		return fmt.Errorf("close: %w", p)
	}
	return err
}
