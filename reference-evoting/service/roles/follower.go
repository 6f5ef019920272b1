package roles

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/follow"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
)

// retryAfter is how long a role waits after an error before it tries again.
const retryAfter = 500 * time.Millisecond

// player is a role's core: it takes the entries of a cosigned board and tells
// what it owes.
type player interface {
	Apply(ctx context.Context, raw []byte) error
	Next() ([]entry.Packed, error)
	State() *rules.State
	Faults() []*rules.Fault
}

// follower runs a player against the board.
type follower struct {
	role   message.Role
	id     string
	test   bool
	client *client.Client
	quorum *cosign.Quorum
	logger *slog.Logger
	play   func(weak weakness.Set, source rules.Source) player
	desk   desk

	// What follows belongs to the goroutine of run.
	weak   weakness.Set
	player player
	follow *follow.Follower
	window *window
	memory *memory
	size   uint64 // entries that the player has been given
	board  uint64 // entries under the newest head it has seen
	held   bool
	posted map[[32]byte]bool
	again  bool  // something owed could not be posted
	broken error // it will not go on
	barred *barred

	mu      sync.Mutex
	changed chan struct{} // closed when any of it changes
}

// newFollower follows the board of a manifest.
func newFollower(role message.Role, id string, m *message.Manifest, c *client.Client, logger *slog.Logger, shared *recall.Memory) (*follower, error) {
	quorum, err := verify.Quorum(m)
	if err != nil {
		return nil, err
	}
	return &follower{
		role: role, id: id, test: m.Test, client: c, quorum: quorum.Remembering(shared), logger: logger, desk: newDesk(),
		posted: map[[32]byte]bool{}, changed: make(chan struct{}),
	}, nil
}

// begin starts from the first entry, with these weaknesses.
func (f *follower) begin(weak weakness.Set) {
	reader := f.client.Reader()
	f.weak = weak
	f.memory = &memory{board: reader}
	f.window = &window{Reader: reader}
	view := weak.For(f.checks())
	f.follow = follow.New(f.window, f.quorum.Widened(view.Has(weakness.NoGossip), view.Has(weakness.UnsignedHead)))
	f.player = f.play(weak, f.memory)
	f.size, f.board, f.barred = 0, 0, nil
}

// checks is the role under which weaknesses act here.
func (f *follower) checks() weakness.Role {
	if f.role == manage.RoleVoter {
		return weakness.Voter
	}
	return weakness.Trustee
}

// run follows the board until ctx ends. A role that cannot go on stays, to
// say why.
func (f *follower) run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := f.step(ctx)
		f.notify()
		var fork *follow.Fork
		switch {
		case err == nil || ctx.Err() != nil:
		case errors.Is(err, context.Canceled): // somebody came to the desk
			f.act(ctx)
			f.notify()
		case errors.As(err, &fork):
			f.logger.Error("the board shows two histories", "err", err)
			f.broken = err
		default:
			f.logger.Warn("following the board", "err", err)
			_ = f.desk.during(ctx, func(ctx context.Context) error { return pause(ctx, retryAfter) })
		}
	}
	return nil
}

// step waits for a new head, gives the player what is new, and posts what it
// owes.
func (f *follower) step(ctx context.Context) error {
	if f.broken != nil {
		return f.desk.during(ctx, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	}
	want := f.size + 1
	err := f.desk.during(ctx, func(ctx context.Context) (err error) {
		if f.again {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, retryAfter)
			defer cancel()
		}
		f.window.raw, err = f.client.Reader().Await(ctx, want)
		return err
	})
	if f.again && errors.Is(err, context.DeadlineExceeded) {
		f.act(ctx)
		return nil
	}
	if err != nil || f.size+1 != want {
		return err // the desk may have begun anew
	}
	head, err := f.follow.Next(ctx, want, func(i uint64, raw []byte) error {
		f.memory.see(i, raw)
		if err := f.player.Apply(ctx, raw); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
		f.size = i + 1
		return nil
	})
	f.barred = refusedHead(f.window.raw, err)
	if err != nil {
		return err
	}
	f.board = head.Size
	f.act(ctx)
	return nil
}

// act posts what is owed and was not posted yet.
func (f *follower) act(ctx context.Context) {
	f.again = false
	if f.held || f.broken != nil || ctx.Err() != nil {
		return
	}
	owed, err := f.player.Next()
	if err != nil {
		f.logger.Error("working out what is owed", "err", err)
		f.again = true
		return
	}
	for _, p := range owed {
		digest := sha256.Sum256(p.Raw)
		if f.posted[digest] {
			continue
		}
		index, err := f.client.Post(ctx, p)
		var problem *client.Problem
		switch {
		case err == nil:
			f.logger.Info("posted", "type", p.Type, "index", index)
			f.posted[digest] = true
		case errors.As(err, &problem) && problem.Status < 500 && problem.Status != http.StatusTooManyRequests:
			f.logger.Warn("the board would not have it", "type", p.Type, "code", problem.Code, "detail", problem.Detail)
			f.posted[digest] = true
		default:
			if ctx.Err() == nil {
				f.logger.Warn("posting", "type", p.Type, "err", err)
			}
			f.again = true
			return
		}
	}
}

func (f *follower) notify() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.changed)
	f.changed = make(chan struct{})
}

// await returns when what asks holds, asked in the role's goroutine after each
// change.
func (f *follower) await(ctx context.Context, holds func() bool) error {
	for {
		f.mu.Lock()
		changed := f.changed
		f.mu.Unlock()
		ok := false
		if err := f.desk.look(ctx, func() { ok = holds() }); err != nil || ok {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// caughtUp returns when the role has read up to the newest published head, or
// will not go on.
func (f *follower) caughtUp(ctx context.Context) error {
	raw, err := f.client.Reader().Checkpoint(ctx)
	if errors.Is(err, board.ErrNoCheckpoint) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := board.PeekCheckpoint(raw)
	if err != nil {
		return err
	}
	return f.await(ctx, func() bool { return f.size >= c.Size || f.stuck() })
}

// findings are the role's so far; in its goroutine.
func (f *follower) findings() []manage.Finding {
	role := name(f.role, f.id)
	out := faults(role, f.player.Faults())
	var fork *follow.Fork
	if errors.As(f.broken, &fork) {
		out = append(out, split(role, fork))
	}
	if f.barred != nil {
		out = append(out, f.barred.finding(role))
	}
	return out
}

// stuck reports that the role takes nothing more of what the board shows.
func (f *follower) stuck() bool { return f.broken != nil || f.barred != nil }

// status implements what managed asks.
func (f *follower) status(ctx context.Context) (manage.Status, error) {
	var s manage.Status
	err := f.desk.look(ctx, func() {
		state := f.player.State()
		s = manage.Status{
			Board: f.board, Held: f.held, ID: f.id, Phase: state.Phase(), Planted: f.weak.Strings(), Role: f.role,
			Size: f.size, Fingerprint: state.Fingerprint(), Test: f.test,
		}
		if e := state.Election(); e != nil {
			s.SetupID = e.SetupID
		}
		if found := f.findings(); len(found) > 0 {
			s.Fault = found[0].Check + ": " + found[0].Detail
		}
	})
	return s, err
}

// plant begins anew with other weaknesses, before the opening.
func (f *follower) plant(ctx context.Context, weak weakness.Set) error {
	var refused error
	err := f.desk.do(ctx, func() {
		if !phaseIsBeforeOpening(f.player.State().Phase()) {
			refused = web.Errorf(http.StatusConflict, "already-open", "weaknesses are planted before the opening")
			return
		}
		f.begin(weak)
	})
	return errors.Join(err, refused)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
