package roles

import (
	"context"
	"crypto/cipher"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/trustee"
	"scrutineer/reference-evoting/weakness"
)

// TrusteeConfig is what a trustee in the field is made of. Manifest is the one
// that it was handed, from which it takes the keys of board and witnesses.
type TrusteeConfig struct {
	ID         string
	Manifest   message.Manifest
	Client     *client.Client
	Signing    ed25519.PrivateKey
	Decryption kyber.Scalar
	Keys       trustee.KeyStore
	Random     cipher.Stream
	Weak       weakness.Set
	Definition message.Digest // under which the election was announced; zero: it was not
	OnCommand  bool           // decrypts when it is told to; otherwise once the board is sealed
	Insider    bool           // hands out its keys, in test elections
	Manage     net.Listener   // nil: no management port
	Logger     *slog.Logger
	Recall     *recall.Memory // shared with other roles of the process; nil: none
}

// RunTrustee runs a trustee until ctx ends. One that finds a fault posts
// nothing any more and stays to say why.
func RunTrustee(ctx context.Context, cfg TrusteeConfig) error {
	if err := require(name(message.RoleTrustee, cfg.ID), map[string]bool{
		"id": cfg.ID != "", "client": cfg.Client != nil, "signing key": cfg.Signing != nil,
		"decryption key": cfg.Decryption != nil, "key store": cfg.Keys != nil, "randomness": cfg.Random != nil,
		"test election for its weaknesses": cfg.Manifest.Test || cfg.Weak.Empty(),
	}); err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, message.RoleTrustee, cfg.ID)
	f, err := newFollower(message.RoleTrustee, cfg.ID, &cfg.Manifest, cfg.Client, cfg.Logger, cfg.Recall)
	if err != nil {
		return err
	}
	t := &trusteeRole{cfg: cfg, follower: f, told: !cfg.OnCommand}
	f.play = t.play
	f.begin(cfg.Weak)
	return withPort(ctx, cfg.Manage, cfg.Logger, t.routes, f.run)
}

func logged(l *slog.Logger, role message.Role, id string) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l.With("role", name(role, id))
}

type trusteeRole struct {
	cfg      TrusteeConfig
	follower *follower
	told     bool // to decrypt; of the follower's goroutine
}

func (t *trusteeRole) play(weak weakness.Set, source rules.Source) player {
	return &waiting{Trustee: trustee.New(trustee.Config{
		ID: t.cfg.ID, Signing: t.cfg.Signing, Decryption: t.cfg.Decryption, Keys: t.cfg.Keys,
		Random: t.cfg.Random, Weak: weak, Source: source,
		Definition: t.cfg.Definition, Recall: t.cfg.Recall,
	}), told: &t.told}
}

// waiting is a trustee that does not decrypt before it is told to.
type waiting struct {
	*trustee.Trustee
	told *bool
}

// Next implements player.
func (w *waiting) Next() ([]entry.Packed, error) {
	if w.State().Phase() == message.PhaseDecrypting && !*w.told {
		return nil, nil
	}
	return w.Trustee.Next()
}

func (t *trusteeRole) routes(stop context.CancelFunc) []web.Route {
	m := managed{test: t.cfg.Manifest.Test, status: t.follower.status, plant: t.follower.plant, stop: stop}
	if t.cfg.Insider {
		m.insider = []manage.Key{{
			Role: message.RoleTrustee, ID: t.cfg.ID,
			Signing: message.Digest(t.cfg.Signing.Seed()), Decryption: encodeScalar(t.cfg.Decryption),
		}}
	}
	return append(m.routes(),
		commandRoute(manage.PathHold, t.hold(true)),
		commandRoute(manage.PathRelease, t.hold(false)),
		getRoute(manage.PathFindings, t.follower.tell),
		commandRoute(manage.PathDecrypt, t.decrypt),
	)
}

func (t *trusteeRole) hold(held bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := t.follower.desk.do(r.Context(), func() { t.follower.held = held }); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// tell answers with what the role has found, once it has read what is
// published.
func (f *follower) tell(w http.ResponseWriter, r *http.Request) error {
	if err := f.caughtUp(r.Context()); err != nil {
		return asked(err)
	}
	var out manage.Findings
	if err := f.desk.look(r.Context(), func() { out = manage.Findings{Findings: f.findings(), Size: f.size} }); err != nil {
		return err
	}
	return web.Reply(w, http.StatusOK, out)
}

// decrypt tells the trustee to answer for every aggregate and waits until its
// answers stand on the cosigned board.
func (t *trusteeRole) decrypt(w http.ResponseWriter, r *http.Request) error {
	f := t.follower
	if err := f.desk.do(r.Context(), func() { t.told = true }); err != nil {
		return err
	}
	var out manage.Decrypted
	err := f.await(r.Context(), func() bool {
		out.Findings = f.findings()
		return f.broken != nil || len(out.Findings) > 0 || t.answered()
	})
	if err != nil {
		return err
	}
	out.Answer.Outcome = manage.OutcomeOK
	if len(out.Findings) > 0 {
		out.Answer.Outcome, out.Answer.Detail = manage.OutcomeRefused, out.Findings[0].Detail
	}
	return web.Reply(w, http.StatusOK, out)
}

// answered reports that nothing of this trustee's is missing on the board; in
// the follower's goroutine.
func (t *trusteeRole) answered() bool {
	state := t.follower.player.State()
	switch state.Phase() {
	case message.PhasePublished:
		return true
	case message.PhaseVoting:
		return answeredEarly(state, t.cfg.ID)
	case message.PhaseDecrypting:
	default:
		return false
	}
	line, ok := state.Election().Trustee(t.cfg.ID)
	if !ok {
		return false
	}
	for _, a := range state.Aggregates() {
		if !state.HasShare(a.Contest, a.Unit, line.Index) {
			return false
		}
	}
	return true
}

// answeredEarly reports that a weak tally was asked before the seal, and that
// this trustee has answered.
func answeredEarly(state *rules.State, id string) bool {
	for _, a := range state.Asked() {
		if !state.Answered(a.Contest, a.Unit, id) {
			return false
		}
	}
	return len(state.Asked()) > 0
}

// asked gives an error of the authority, met on behalf of somebody, a status.
func asked(err error) error { return askedOf("the authority", err) }

func askedOf(who string, err error) error {
	var p *client.Problem
	if errors.As(err, &p) {
		return web.Errorf(http.StatusBadGateway, p.Code, "%s answered %d: %s", who, p.Status, p.Detail)
	}
	return err
}
