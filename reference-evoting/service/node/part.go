package node

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/keystore"
	"scrutineer/reference-evoting/service/outage"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/tiles"
)

// part is one role in one election.
type part struct {
	*plan
	node   *Node
	id     string // of the role: "2", "w1"
	play   actor
	dir    string
	way    *way
	memory *recall.Memory
	logger *slog.Logger

	power          *outage.Switch  // of the authority
	roll           *registrar.Roll // of roles that need it
	public, manage net.Listener
	line           *cuttable // what public is
	client         *client.Client

	end  context.CancelFunc
	done chan struct{}

	mu     sync.Mutex
	failed error
}

// actor is a kind of role.
type actor struct {
	serves bool // it has a public interface
	enrols bool // it knows the roll
	// run plays until ctx ends.
	run func(p *part, ctx context.Context) error
}

// actors are all the roles that a node can play. A new role is a line here and
// one in the table of machines (targets/container).
func actors() map[string]actor {
	return map[string]actor{
		"authority": {serves: true, run: (*part).authority},
		"identity":  {serves: true, enrols: true, run: (*part).identity},
		"mirror":    {serves: true, run: (*part).mirror},
		"registrar": {enrols: true, run: (*part).registrar},
		"trustee":   {run: (*part).trustee},
		"witness":   {run: (*part).witness},
		"voter":     {enrols: true, run: (*part).voter},
		"auditor":   {run: (*part).auditor},
	}
}

// cast looks at what is asked for.
func (n *Node) cast(q manage.Play) (*part, error) {
	plan, err := read(q)
	if err != nil {
		return nil, err
	}
	kind, id, _ := strings.Cut(q.Role, "/")
	play, known := actors()[kind]
	if !known {
		return nil, fmt.Errorf("nobody here plays %.80q", q.Role)
	}
	var roll *registrar.Roll
	if play.enrols {
		if roll, err = plan.enrol(); err != nil {
			return nil, err
		}
	}
	return &part{
		plan: plan, roll: roll, power: outage.New(), node: n, id: id, play: play, dir: filepath.Join(n.cfg.Dir, q.Election, strings.ReplaceAll(q.Role, "/", "-")),
		way: &way{direct: n.cfg.Transport()}, memory: recall.New(), logger: n.cfg.Logger.With("election", q.Election),
		end: func() {}, done: make(chan struct{}),
	}, nil
}

// start opens the listeners and begins.
func (p *part) start(ctx context.Context) error {
	if err := p.open(); err != nil {
		p.shut()
		close(p.done)
		return err
	}
	// It outlives the request, and ends before the node does.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	p.end = end
	go func() {
		defer close(p.done)
		err := p.play.run(p, life)
		if err == nil && life.Err() == nil {
			err = errors.New("it left")
		}
		if err != nil {
			p.logger.Error("the part ended", "role", p.asked.Role, "err", err)
		}
		p.mu.Lock()
		p.failed = err
		p.mu.Unlock()
		p.shut()
	}()
	return nil
}

func (p *part) open() (err error) {
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return err
	}
	if p.manage, err = p.node.cfg.Manage(p.asked.Manage); err != nil {
		return err
	}
	if p.play.serves {
		l, err := p.node.cfg.Public(p.asked.Public)
		if err != nil {
			return err
		}
		p.line = newCuttable(l)
		p.public = p.line
	}
	if p.asked.Authority != "" {
		p.client, err = p.to(p.asked.Authority)
	}
	return err
}

// to makes a client of a server.
func (p *part) to(at string) (*client.Client, error) {
	return client.New(client.Config{URL: at, Transport: p.way, Timeout: time.Minute})
}

// shut closes what start opened; roles have closed most of it.
func (p *part) shut() {
	for _, l := range []net.Listener{p.public, p.manage} {
		if l != nil {
			_ = l.Close()
		}
	}
	p.way.CloseIdleConnections()
}

// stop ends the part and waits for it.
func (p *part) stop() {
	p.end()
	<-p.done
}

// fault is why the part ended by itself.
func (p *part) fault() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed == nil {
		return ""
	}
	text := p.failed.Error()
	return text[:min(len(text), 4096)]
}

func (p *part) ports() manage.Played {
	port := func(l net.Listener) uint64 {
		if l == nil {
			return 0
		}
		a, _ := l.Addr().(*net.TCPAddr)
		if a == nil {
			return 0
		}
		return uint64(a.Port)
	}
	out := manage.Played{Manage: port(p.manage), Public: port(p.public)}
	if p.asked.Role == string(message.RoleAuthority) {
		out.Points = outage.Points()
	}
	return out
}

func (p *part) authority(ctx context.Context) error {
	_, dir, err := p.disk()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, p.power.End)()
	return roles.RunAuthority(ctx, roles.AuthorityConfig{
		Manifest: p.manifest, Ceremony: p.asked.Draft.Ceremony,
		Key: p.seed.Signing(message.RoleAuthority, ""), BoardKey: p.seed.Signing(message.RoleBoard, ""),
		Dir: dir, Entries: entries(p.asked.Entries), At: p.power.At, Weak: p.weak, Insider: true, Listener: p.public, Manage: p.manage,
		Clock: p.node.cfg.Clock, Logger: p.logger, Recall: p.memory,
		Limits: api.Limits{}.Open(), // all voters come by one machine; management says so
	})
}

func (p *part) trustee(ctx context.Context) error {
	index, err := strconv.ParseUint(p.id, 10, 64)
	if err != nil || index < 1 || index > uint64(len(p.manifest.Trustees)) {
		return fmt.Errorf("there is no trustee %.20q", p.id)
	}
	id := p.manifest.Trustees[index-1].ID
	return roles.RunTrustee(ctx, roles.TrusteeConfig{
		ID: id, Manifest: p.manifest, Client: p.client,
		Signing: p.seed.Signing(message.RoleTrustee, id), Decryption: p.seed.Decryption(id),
		Keys:   keystore.Ceremonies{Store: keystore.New(p.dir, "")},
		Random: p.seed.Stream(message.RoleTrustee, id, p.manifest.Board.Origin), Weak: p.weak, Definition: p.asked.Announced,
		OnCommand: true, Insider: true, Manage: p.manage, Logger: p.logger, Recall: p.memory,
	})
}

func (p *part) registrar(ctx context.Context) error {
	return roles.RunRegistrar(ctx, roles.RegistrarConfig{
		Manifest: p.manifest, Client: p.client, Key: p.seed.Signing(message.RoleRegistrar, ""), Roll: p.roll,
		Weak: p.weak, Definition: p.asked.Announced, Insider: true, Manage: p.manage, Logger: p.logger, Recall: p.memory,
	})
}

func (p *part) witness(ctx context.Context) error {
	return roles.RunWitness(ctx, roles.WitnessConfig{
		ID: p.id, Manifest: p.manifest, Client: p.client, Key: p.seed.Signing(message.RoleWitness, p.id),
		Store: roles.HeadFile(filepath.Join(p.dir, "head")), Clock: p.node.cfg.Clock, Insider: true, Manage: p.manage,
		Logger: p.logger, Recall: p.memory,
	})
}

func (p *part) voter(ctx context.Context) error {
	voters, err := p.credentials(p.roll)
	if err != nil {
		return err
	}
	var identified *client.Client
	if p.asked.Identity != "" {
		// Not by the way to the authority: who lies there does not stand here.
		direct := p.node.cfg.Transport()
		defer direct.CloseIdleConnections()
		if identified, err = client.New(client.Config{URL: p.asked.Identity, Transport: direct, Timeout: time.Minute}); err != nil {
			return err
		}
	}
	origin := p.manifest.Board.Origin
	return roles.RunVoter(ctx, roles.VoterConfig{
		Manifest: p.shown, Definition: p.asked.Announced, Client: p.client, Identity: identified, Clock: p.node.cfg.Clock, Voters: voters,
		Random: func(id string) cipher.Stream { return p.seed.Stream(message.RoleAuthority, "voter/"+id, origin) },
		Weak:   p.weak, Manage: p.manage, Logger: p.logger, Recall: p.memory,
	})
}

func (p *part) identity(ctx context.Context) error {
	persons, sent, err := p.persons()
	if err != nil {
		return err
	}
	return roles.RunIdentity(ctx, roles.IdentityConfig{
		Manifest: p.manifest, Client: p.client, Key: p.seed.Signing(message.RoleIdentity, ""),
		Authorisation: p.seed.Authorisation(), Persons: persons, Sent: sent, Dir: p.dir,
		Random: p.seed.Stream(message.RoleIdentity, "", p.manifest.Board.Origin), Weak: p.weak,
		Clock: p.node.cfg.Clock, Listener: p.public, Manage: p.manage, Logger: p.logger, Recall: p.memory,
		// All voters come from one machine: a rate of its own would be that of all.
		Limited: api.IdentityLimits{Server: api.Limits{}.Open().Server}.Times(0),
	})
}

func (p *part) mirror(ctx context.Context) error {
	// A copy is opened with a key of its own, which never signs: what it shows
	// is the board's.
	signer, err := board.NewSigner(p.manifest.Board.Origin, keys.Seed("mirror").Signing(manage.RoleMirror, ""))
	if err != nil {
		return err
	}
	store, err := tiles.Open(ctx, tiles.Config{Dir: p.dir, Signer: signer, Copy: true})
	if err != nil {
		return err
	}
	err = roles.RunMirror(ctx, roles.MirrorConfig{
		Manifest: p.manifest, Client: p.client, Store: store, Listener: p.public, Manage: p.manage, Logger: p.logger,
	})
	return errors.Join(err, store.Close(context.WithoutCancel(ctx)))
}

func (p *part) auditor(ctx context.Context) error {
	return roles.RunAuditor(ctx, roles.AuditorConfig{
		Weak: p.weak, Definition: p.asked.Announced, Manage: p.manage, Logger: p.logger,
	})
}
