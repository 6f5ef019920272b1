package roles

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/results"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/weakness"
)

// PublisherConfig is what a channel of results in the field is made of. The
// official one reads the board of the authority; the back-up reads a mirror's,
// and consists of files.
type PublisherConfig struct {
	Channel  string // message.ChannelOfficial or ChannelBackup
	Manifest message.Manifest
	Client   *client.Client
	Key      ed25519.PrivateKey
	Dir      string // of the back-up's files; the official channel has none
	Officers map[string]ed25519.PrivateKey
	Weak     weakness.Set
	Clock    func() time.Time
	Insider  bool
	Listener net.Listener // public
	Manage   net.Listener
	Logger   *slog.Logger
	Recall   *recall.Memory // shared with other roles of the process; nil: none
}

// RunPublisher runs a channel until ctx ends.
func RunPublisher(ctx context.Context, cfg PublisherConfig) error {
	if err := require(name(message.RolePublisher, cfg.Channel), map[string]bool{
		"client": cfg.Client != nil, "key": cfg.Key != nil, "listener": cfg.Listener != nil, "clock": cfg.Clock != nil,
		"section publishing in the manifest": cfg.Manifest.Publishing != nil,
		"folder":                             cfg.Dir != "" || cfg.Channel == message.ChannelOfficial,
		"test election for its weaknesses":   cfg.Manifest.Test || cfg.Weak.Empty(),
	}); err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, message.RolePublisher, cfg.Channel)
	p := &publisherRole{cfg: cfg}
	var err error
	if p.follower, err = newFollower(message.RolePublisher, cfg.Channel, &cfg.Manifest, cfg.Client, cfg.Logger, cfg.Recall); err != nil {
		return err
	}
	p.follower.play = func(weak weakness.Set, source rules.Source) player {
		made := results.New(results.Config{Channel: cfg.Channel, Key: cfg.Key, Weak: weak, Source: source, Clock: cfg.Clock, Recall: cfg.Recall})
		p.mu.Lock()
		defer p.mu.Unlock()
		p.publisher = made
		return made
	}
	p.follower.begin(cfg.Weak)
	public := []web.Route{
		{Method: http.MethodPost, Path: "/v1/unit-results", Takes: web.TypeJSON, Limit: manage.MaxRequest, Handle: p.take},
		{Method: http.MethodGet, Path: "/{path...}", Handle: p.object},
	}
	server := web.NewServer(web.NewRouter(public, nil, cfg.Logger, portTimeout), web.Limits{}, cfg.Logger).Within(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(cfg.Listener) }()
	if cfg.Dir != "" {
		go p.keepFiles(ctx)
	}
	err = withPort(ctx, cfg.Manage, cfg.Logger, p.routes, p.follower.run)
	end, release := context.WithTimeout(context.WithoutCancel(ctx), portTimeout)
	defer release()
	return errors.Join(err, server.Shutdown(end), <-served)
}

type publisherRole struct {
	cfg      PublisherConfig
	follower *follower

	mu        sync.Mutex
	publisher *results.Publisher
}

func (p *publisherRole) current() *results.Publisher {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.publisher
}

// object serves what is out. Of everything else there is the same answer, byte
// for byte, as from a router that has no such route (S-72).
func (p *publisherRole) object(w http.ResponseWriter, r *http.Request) error {
	path := "/" + r.PathValue("path")
	if p.cfg.Dir != "" {
		if err := p.files(); err != nil {
			return err
		}
		return p.file(w, path)
	}
	o, ok, err := p.current().Object(path)
	switch {
	case err != nil:
		return err
	case !ok:
		return web.Errorf(http.StatusNotFound, web.CodeNotFound, "there is nothing here")
	}
	return web.ReplyBytes(w, http.StatusOK, o.MediaType, o.Body)
}

// file serves a file of the back-up's folder.
func (p *publisherRole) file(w http.ResponseWriter, path string) error {
	name, media := fileOf(path)
	body, err := os.ReadFile(filepath.Join(p.cfg.Dir, name))
	if name == "" || errors.Is(err, fs.ErrNotExist) {
		return web.Errorf(http.StatusNotFound, web.CodeNotFound, "there is nothing here")
	}
	if err != nil {
		return err
	}
	return web.ReplyBytes(w, http.StatusOK, media, body)
}

// fileOf is the file's name for a path, empty where no file is ever made for it.
func fileOf(path string) (name, media string) {
	switch path {
	case results.PathPage:
		return "index.html", "text/html; charset=utf-8"
	case results.PathResult:
		return strings.TrimPrefix(path, "/"), web.TypeJSON
	}
	return "", ""
}

// files writes the back-up's files once results are out, and again where a
// version replaces them. Before there is none.
func (p *publisherRole) files() error {
	all, err := p.current().Files()
	if err != nil || all == nil {
		return err
	}
	if err := os.MkdirAll(p.cfg.Dir, 0o755); err != nil {
		return err
	}
	for path, o := range all {
		name, _ := fileOf(path)
		if name == "" {
			continue
		}
		full := filepath.Join(p.cfg.Dir, name)
		if there, err := os.ReadFile(full); err == nil && string(there) == string(o.Body) {
			continue
		}
		if err := writeDurable(full, o.Body); err != nil {
			return err
		}
	}
	return nil
}

// filesEvery is how often the back-up looks whether results are out.
const filesEvery = 5 * time.Second

func (p *publisherRole) keepFiles(ctx context.Context) {
	for pause(ctx, filesEvery) == nil {
		if err := p.files(); err != nil && ctx.Err() == nil {
			p.cfg.Logger.Error("writing the files of the result", "err", err)
		}
	}
}

// take takes a unit result.
func (p *publisherRole) take(w http.ResponseWriter, r *http.Request) error {
	body, err := web.Body(r)
	if err != nil {
		return err
	}
	if err := p.current().Take(body); err != nil {
		return web.Errorf(http.StatusUnprocessableEntity, "refused", "%v", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (p *publisherRole) routes(stop context.CancelFunc) []web.Route {
	m := managed{test: p.cfg.Manifest.Test, status: p.follower.status, plant: p.follower.plant, stop: stop}
	if p.cfg.Insider {
		m.insider = []manage.Key{{Role: message.RolePublisher, ID: p.cfg.Channel, Signing: message.Digest(p.cfg.Key.Seed())}}
	}
	return append(m.routes(), getRoute(manage.PathFindings, p.follower.tell), postRoute(manage.PathPostNotice, p.postNotice))
}

// postNotice has the officers whose keys this process was given sign the next
// notice, in a test election.
func (p *publisherRole) postNotice(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.PostNotice](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	if !p.cfg.Manifest.Test {
		return notTest()
	}
	if err := p.follower.caughtUp(r.Context()); err != nil {
		return err
	}
	n, err := p.current().NextNotice(message.NoticeInformation, q.Text, uint64(p.cfg.Clock().Unix())+day)
	if err != nil {
		return err
	}
	for _, o := range p.cfg.Manifest.Officers {
		key, ok := p.cfg.Officers[o.ID]
		if !ok || len(n.Signatures) == 2 {
			continue
		}
		s, err := statement.SignJointly(n, o.ID, n.Fingerprint, key)
		if err != nil {
			return err
		}
		n.Signatures = append(n.Signatures, s)
	}
	if err := p.current().Post(n); err != nil {
		return web.Errorf(http.StatusUnprocessableEntity, "refused", "%v", err)
	}
	raw, err := codec.Encode(n)
	if err != nil {
		return err
	}
	return web.Reply(w, http.StatusOK, manage.Notice{Notice: raw})
}

// day is in seconds.
const day = 24 * 60 * 60
