package roles

import (
	"context"
	"crypto/cipher"
	"crypto/ed25519"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/device"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/pollbook"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
)

// placeCodes are the stable codes of what a polling place refuses.
var placeCodes = [...]struct {
	err    error
	status int
	code   string
}{
	{device.ErrBroken, http.StatusInternalServerError, "broken"},
	{pollbook.ErrBroken, http.StatusInternalServerError, "broken"},
	{device.ErrState, http.StatusConflict, "not-now"},
	{device.ErrDefinition, http.StatusUnprocessableEntity, "bad-definition"},
	{device.ErrActivation, http.StatusForbidden, "bad-activation"},
	{device.ErrCheckIns, http.StatusUnprocessableEntity, "bad-check-ins"},
	{pollbook.ErrVoter, http.StatusForbidden, "not-on-roll"},
	{pollbook.ErrDevice, http.StatusUnprocessableEntity, "bad-device"},
	{voter.ErrChoice, http.StatusUnprocessableEntity, "bad-choice"},
}

// PollBookConfig is what a poll book in the field is made of. It reads the
// board up to the opening; from then on it needs no network.
type PollBookConfig struct {
	Place    string
	Manifest message.Manifest
	Client   *client.Client
	Key      ed25519.PrivateKey
	Store    pollbook.Store
	Random   cipher.Stream
	Weak     weakness.Set
	Manage   net.Listener
	Logger   *slog.Logger
	Recall   *recall.Memory
}

// RunPollBook runs a poll book until ctx ends.
func RunPollBook(ctx context.Context, cfg PollBookConfig) error {
	if err := require(string(message.RolePollBook), map[string]bool{
		"place": cfg.Place != "", "client": cfg.Client != nil, "key": cfg.Key != nil, "store": cfg.Store != nil,
		"randomness": cfg.Random != nil, "management port": cfg.Manage != nil,
		"test election for its weaknesses": cfg.Manifest.Test || cfg.Weak.Empty(),
	}); err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, message.RolePollBook, cfg.Place)
	f, err := newFollower(message.RolePollBook, cfg.Place, &cfg.Manifest, cfg.Client, cfg.Logger, cfg.Recall)
	if err != nil {
		return err
	}
	p := &pollBookRole{cfg: cfg, follower: f}
	f.play = func(weak weakness.Set, source rules.Source) player {
		p.lists = &lists{source: source, onlooker: onlooker{state: rules.New(weak.For(weakness.Voter), source).Remember(cfg.Recall)}}
		return p.lists
	}
	f.begin(cfg.Weak)
	return withPort(ctx, cfg.Manage, cfg.Logger, p.routes, f.run)
}

// lists is an onlooker that keeps what a polling place needs of the board.
type lists struct {
	onlooker
	source rules.Source
	roll   []message.Credential
	listed message.Electorate
}

// Apply implements player.
func (l *lists) Apply(ctx context.Context, raw []byte) error {
	if l.state.Phase() != message.PhaseVoting {
		if err := l.keep(ctx, raw); err != nil {
			return err
		}
	}
	return l.onlooker.Apply(ctx, raw)
}

// keep reads the list of credentials; whether it holds the state says.
func (l *lists) keep(ctx context.Context, raw []byte) error {
	e, body, err := entry.Open(ctx, weakness.View{}, raw, l.source)
	if err != nil {
		return nil
	}
	switch e.Type {
	case message.TypeCredentials:
		if m, err := codec.Decode[message.Credentials](body, codec.Limits{Size: message.MaxBody}); err == nil {
			l.roll = append(l.roll, m.List...)
		}
	case message.TypeElectorate:
		if m, err := codec.Decode[message.Electorate](body, codec.Limits{}); err == nil {
			l.listed = m
		}
	}
	return nil
}

type pollBookRole struct {
	cfg      PollBookConfig
	follower *follower
	lists    *lists

	mu         sync.Mutex
	book       *pollbook.Book // nil before the election is open
	definition []byte
}

// opened waits for the opening and opens the book.
func (p *pollBookRole) opened(ctx context.Context) (*pollbook.Book, error) {
	var found []manage.Finding
	var open bool
	err := p.follower.await(ctx, func() bool {
		found = p.follower.findings()
		open = p.lists.state.Phase() == message.PhaseVoting
		return open || len(found) > 0
	})
	if err != nil {
		return nil, err
	}
	if !open {
		return nil, web.Errorf(http.StatusConflict, "not-open", "%s: %s", found[0].Check, found[0].Detail)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.book != nil {
		return p.book, nil
	}
	state := p.lists.state
	raw, err := Definition(state.Election().Manifest, state.Election().Ceremony, state.Ceremony().Commitments(), p.lists.listed)
	if err != nil {
		return nil, err
	}
	p.definition = raw
	p.book, err = pollbook.Open(pollbook.Config{
		Place: p.cfg.Place, Election: state.Election(), Fingerprint: state.Fingerprint(), Key: p.cfg.Key,
		Roll: p.lists.roll, Store: p.cfg.Store, Random: p.cfg.Random, Recall: p.cfg.Recall,
	})
	return p.book, err
}

// Definition is the archive that devices are installed with.
func Definition(m message.Manifest, ceremony uint64, commitments [][]message.Element, listed message.Electorate) ([]byte, error) {
	return device.Definition(message.Definition{
		Ceremony: ceremony, Commitments: commitments, CredentialCount: listed.Count, CredentialRoot: listed.Root, Manifest: m,
	})
}

func (p *pollBookRole) routes(stop context.CancelFunc) []web.Route {
	m := managed{test: p.cfg.Manifest.Test, status: p.follower.status, plant: p.follower.plant, stop: stop}
	return append(m.routes(),
		getRoute(manage.PathFindings, p.follower.tell),
		getRoute(manage.PathDefinition, func(w http.ResponseWriter, r *http.Request) error {
			if _, err := p.opened(r.Context()); err != nil {
				return err
			}
			return web.Reply(w, http.StatusOK, manage.Install{Archive: p.definition})
		}),
		postRoute(manage.PathCheckIn, asksBook(p, func(b *pollbook.Book, q manage.CheckIn) (message.Activation, error) {
			return b.CheckIn(q.Credential, q.Device)
		})),
		postRoute(manage.PathStrike, asksBook(p, func(b *pollbook.Book, q message.Cancelled) (manage.Present, error) {
			err := b.Cancel(q)
			return manage.Present{CheckIns: b.Present()}, err
		})),
		web.Route{Method: http.MethodPost, Path: manage.PathCheckIns, Takes: web.TypeJSON, Limit: manage.MaxImport,
			Handle: asksBook(p, func(b *pollbook.Book, q manage.Due) (message.CheckIns, error) {
				return b.CheckIns(q.Device, q.Sequence, q.Used)
			})},
		getRoute(manage.PathPresent, func(w http.ResponseWriter, r *http.Request) error {
			b, err := p.opened(r.Context())
			if err != nil {
				return err
			}
			return web.Reply(w, http.StatusOK, manage.Present{CheckIns: b.Present()})
		}),
	)
}

// asksBook is a handler that asks the book once the election is open.
func asksBook[Q, A any](p *pollBookRole, ask func(*pollbook.Book, Q) (A, error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := web.JSON[Q](r, codec.Limits{Size: manage.MaxImport, Items: 1 << 16})
		if err != nil {
			return err
		}
		b, err := p.opened(r.Context())
		if err != nil {
			return err
		}
		a, err := ask(b, q)
		return reply(w, a, err)
	}
}
