package roles

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/reference-evoting/witness"
)

// WitnessConfig is what a witness in the field is made of.
type WitnessConfig struct {
	ID       string
	Manifest message.Manifest
	Client   *client.Client
	Key      ed25519.PrivateKey
	Store    witness.Store
	Clock    func() time.Time
	Insider  bool
	Manage   net.Listener
	Logger   *slog.Logger
	Recall   *recall.Memory // shared with other roles of the process; nil: none
}

// RunWitness polls the board and cosigns its heads until ctx ends. It goes on
// after a refusal: the board may come back to its senses, and the evidence is
// in its store.
func RunWitness(ctx context.Context, cfg WitnessConfig) error {
	if err := require(name(message.RoleWitness, cfg.ID), map[string]bool{
		"id": cfg.ID != "", "client": cfg.Client != nil, "key": cfg.Key != nil, "store": cfg.Store != nil, "clock": cfg.Clock != nil,
	}); err != nil {
		return err
	}
	signer, err := cosign.NewSigner(cfg.ID, cfg.Key)
	if err != nil {
		return err
	}
	m := cfg.Manifest
	verifier, err := board.NewVerifier(m.Board.Origin, ed25519.PublicKey(m.Board.Key[:]))
	if err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, message.RoleWitness, cfg.ID)
	w := &witnessRole{cfg: cfg, desk: newDesk()}
	w.witness = witness.New(witness.Config{Signer: signer, Board: board.Remembering(verifier, cfg.Recall), Store: cfg.Store, Clock: cfg.Clock})
	return withPort(ctx, cfg.Manage, cfg.Logger, w.routes, w.run)
}

type witnessRole struct {
	cfg     WitnessConfig
	witness *witness.Witness
	desk    desk
	want    uint64 // size of the head to wait for; of the goroutine of run

	mu      sync.Mutex
	size    uint64 // of the head cosigned last
	refusal *witness.Refusal
}

func (w *witnessRole) run(ctx context.Context) error {
	b := client.Witnessed{Client: w.cfg.Client}
	for ctx.Err() == nil {
		var head []byte
		err := w.desk.during(ctx, func(ctx context.Context) (err error) {
			head, err = w.await(ctx, b)
			return err
		})
		if err == nil {
			w.want, err = w.round(ctx, offered{b, head})
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
			w.cfg.Logger.Warn("cosigning", "err", err)
			_ = w.desk.during(ctx, func(ctx context.Context) error { return pause(ctx, retryAfter) })
		}
	}
	return nil
}

// lookAfter is how long a witness waits for the next head before it looks what
// became of the last one.
const lookAfter = time.Second

// offered is the board with the head on offer, if it has been waited for: it is
// not asked for a second time.
type offered struct {
	client.Witnessed
	head []byte
}

// Pending implements witness.Board.
func (o offered) Pending(ctx context.Context) ([]byte, error) {
	if o.head != nil {
		return o.head, nil
	}
	return o.Witnessed.Pending(ctx)
}

// await waits for the next head, or, with none, until the board has to be given the last one
// again: it keeps cosignatures in memory until there are enough, and a board that
// starts again has lost them. A broken connection does not show that, since HTTP
// may ask a second time by itself.
func (w *witnessRole) await(ctx context.Context, b client.Witnessed) ([]byte, error) {
	for {
		short, cancel := context.WithTimeout(ctx, lookAfter)
		head, err := b.AwaitPending(short, w.want)
		cancel()
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return head, err
		}
		w.mu.Lock()
		size := w.size
		w.mu.Unlock()
		var published uint64
		if raw, err := b.Reader().Checkpoint(ctx); err == nil {
			if c, err := board.PeekCheckpoint(raw); err == nil {
				published = c.Size
			}
		}
		if published < size && w.want == size+1 {
			w.want = 0
			w.witness.Anew()
			return nil, nil
		}
	}
}

// round considers the head on offer and returns the size to wait for next.
func (w *witnessRole) round(ctx context.Context, b witness.Board) (uint64, error) {
	size, err := w.witness.Round(ctx, b)
	var refusal *witness.Refusal
	if errors.As(err, &refusal) {
		w.mu.Lock()
		w.refusal = refusal
		w.mu.Unlock()
		// Asking for more tells the board that this one is not cosigned.
		c, peek := board.PeekCheckpoint(refusal.Head)
		if peek != nil {
			return 0, err
		}
		return c.Size + 1, err
	}
	if err != nil {
		return size, err
	}
	w.mu.Lock()
	w.size = size
	w.mu.Unlock()
	return size + 1, nil
}

func (w *witnessRole) routes(stop context.CancelFunc) []web.Route {
	m := managed{test: w.cfg.Manifest.Test, status: w.status, plant: noWeaknesses, stop: stop}
	if w.cfg.Insider {
		m.insider = []manage.Key{{Role: message.RoleWitness, ID: w.cfg.ID, Signing: message.Digest(w.cfg.Key.Seed())}}
	}
	return append(m.routes(),
		getRoute(manage.PathHead, w.head),
		commandRoute(manage.PathForget, func(rw http.ResponseWriter, r *http.Request) error {
			if err := m.forInsiders(); err != nil {
				return err
			}
			return w.forget(rw, r)
		}))
}

// noWeaknesses is plant for a role in which none acts.
func noWeaknesses(_ context.Context, _ weakness.Set) error { return nil }

func (w *witnessRole) status(context.Context) (manage.Status, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := manage.Status{
		Board: w.size, Size: w.size, ID: w.cfg.ID, Role: message.RoleWitness, Test: w.cfg.Manifest.Test,
		Phase: message.PhaseEmpty, Planted: []string{},
	}
	if w.refusal != nil {
		s.Fault = w.refusal.Error()
	}
	return s, nil
}

func (w *witnessRole) head(rw http.ResponseWriter, r *http.Request) error {
	last, err := w.witness.Last(r.Context())
	if err != nil {
		return err
	}
	return web.Reply(rw, http.StatusOK, manage.Head{Note: string(last)})
}

// forget makes the witness begin anew, with a board that an insider has built.
func (w *witnessRole) forget(rw http.ResponseWriter, r *http.Request) error {
	var saved error
	err := w.desk.do(r.Context(), func() {
		saved = w.cfg.Store.Save(r.Context(), nil)
		w.want = 0
		w.mu.Lock()
		w.size, w.refusal = 0, nil
		w.mu.Unlock()
	})
	if err := errors.Join(err, saved); err != nil {
		return err
	}
	rw.WriteHeader(http.StatusNoContent)
	return nil
}
