// Package node is a machine that plays one role of the reference in as many
// test elections as it is told to: each part apart from the others, with
// listeners, state and randomness of its own, and none the wiser of the rest.
// It is what runs in a container (`reference node`): starting a role costs
// milliseconds where starting a container costs a third of a second.
//
// What a role does is in service/roles; here is who plays what. Who may tell a
// node anything is for its listeners to say: they come from outside.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/reference-evoting/service/web"
)

// Config is what a node is made of.
type Config struct {
	Name string
	Dir  string // a folder for each election is made here
	// Control is where the node is told what to play.
	Control net.Listener
	// Listen opens a listener for a part, at any port where that is zero:
	// Public for strangers, Manage for who runs the election.
	Public, Manage func(port uint64) (net.Listener, error)
	// Transport is the way to the servers that others play. A node makes one
	// for each part and closes its connections at the end of it.
	Transport func() *http.Transport
	Clock     func() time.Time
	Logger    *slog.Logger
}

// Node plays parts.
type Node struct {
	cfg    Config
	ctx    context.Context
	mu     sync.Mutex
	parts  map[key]*part
	ending bool
}

type key struct{ election, role string }

// endTime is how long what is under way may take at the end.
const endTime = 15 * time.Second

// requestTime bounds a request: an election may have a long roll.
const requestTime = 2 * time.Minute

// Run plays until ctx ends, and then ends every part.
func Run(ctx context.Context, cfg Config) error {
	n := &Node{cfg: cfg, ctx: ctx, parts: map[key]*part{}}
	router := web.NewRouter([]web.Route{
		{Method: http.MethodGet, Path: manage.PathNode, Handle: n.about},
		{Method: http.MethodPost, Path: manage.PathPlay, Takes: web.TypeJSON, Limit: manage.MaxImport, Handle: n.play},
		{Method: http.MethodPost, Path: manage.PathVia, Takes: web.TypeJSON, Limit: manage.MaxRequest, Handle: n.via},
		{Method: http.MethodPost, Path: manage.PathReach, Takes: web.TypeJSON, Limit: manage.MaxRequest, Handle: n.reach},
		{Method: http.MethodPost, Path: manage.PathLeave, Takes: web.TypeJSON, Limit: manage.MaxRequest, Handle: n.leave},
		{Method: http.MethodPost, Path: manage.PathArm, Takes: web.TypeJSON, Limit: manage.MaxRequest, Handle: n.arm},
		{Method: http.MethodPost, Path: manage.PathReached, Takes: web.TypeJSON, Limit: manage.MaxRequest, Handle: n.reached},
		{Method: http.MethodPost, Path: manage.PathOutage, Takes: web.TypeJSON, Limit: manage.MaxRequest, Handle: n.outage},
	}, nil, cfg.Logger, requestTime)
	server := web.NewServer(router, web.Limits{Read: requestTime, Write: requestTime}, cfg.Logger).Within(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(cfg.Control) }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
		return errors.Join(err, n.end())
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	return errors.Join(server.Shutdown(late), <-served, n.end())
}

// end ends every part. What they keep stays on the disk.
func (n *Node) end() error {
	n.mu.Lock()
	n.ending = true
	var all []*part
	for _, p := range n.parts {
		all = append(all, p)
	}
	n.mu.Unlock()
	var wg sync.WaitGroup
	for _, p := range all {
		wg.Go(p.stop)
	}
	wg.Wait()
	return nil
}

func (n *Node) about(w http.ResponseWriter, _ *http.Request) error {
	out := manage.Node{Name: n.cfg.Name, Parts: []manage.Part{}}
	n.mu.Lock()
	for k, p := range n.parts {
		out.Parts = append(out.Parts, manage.Part{Election: k.election, Fault: p.fault(), Role: k.role})
	}
	n.mu.Unlock()
	slices.SortFunc(out.Parts, func(a, b manage.Part) int {
		return strings.Compare(a.Election+" "+a.Role, b.Election+" "+b.Role)
	})
	return web.Reply(w, http.StatusOK, out)
}

// folderName is what an election may be called: it is a folder here.
var folderName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

func (n *Node) play(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Play](r, codec.Limits{Size: manage.MaxImport})
	if err != nil {
		return err
	}
	if !folderName.MatchString(q.Election) {
		return refused(fmt.Errorf("%.80q is no name of an election here", q.Election))
	}
	p, err := n.cast(q)
	if err != nil {
		return refused(err)
	}
	k := key{q.Election, q.Role}
	n.mu.Lock()
	there := n.parts[k] != nil || n.ending
	if !there {
		n.parts[k] = p
	}
	n.mu.Unlock()
	if there {
		return web.Errorf(http.StatusConflict, "already-played", "%s is played in %s already", q.Role, q.Election)
	}
	if err := p.start(n.ctx); err != nil {
		n.forget(k)
		return err
	}
	return web.Reply(w, http.StatusOK, p.ports())
}

func refused(err error) error {
	return web.Errorf(http.StatusUnprocessableEntity, manage.CodeNotSetUp, "%v", err)
}

func (n *Node) forget(k key) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.parts, k)
}

func (n *Node) find(election, role string) (*part, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.parts[key{election, role}]
	if p == nil {
		return nil, web.Errorf(http.StatusNotFound, "no-part", "%s is not played here in %s", role, election)
	}
	return p, nil
}

func (n *Node) via(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Via](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	p, err := n.find(q.Election, q.Role)
	if err != nil {
		return err
	}
	if err := p.way.through(q.URL); err != nil {
		return web.Errorf(http.StatusBadRequest, "bad-url", "%v", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// reachTime is how long a node waits for who should be there.
const reachTime = 3 * time.Second

// reach knocks at a URL: whatever answers in HTTP is somebody.
func (n *Node) reach(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Reach](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), reachTime)
	defer cancel()
	knock, err := http.NewRequestWithContext(ctx, http.MethodGet, q.URL, nil)
	if err != nil {
		return web.Errorf(http.StatusBadRequest, "bad-url", "%v", err)
	}
	transport := n.cfg.Transport()
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(knock)
	if err != nil {
		return web.Errorf(http.StatusBadGateway, "out-of-reach", "%v", err)
	}
	resp.Body.Close()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// leave ends the parts of an election, if there are any, and removes what they
// kept.
func (n *Node) leave(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.End](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	n.mu.Lock()
	var all []*part
	for k, p := range n.parts {
		if k.election == q.Election {
			all = append(all, p)
		}
	}
	n.mu.Unlock()
	if !folderName.MatchString(q.Election) {
		return refused(fmt.Errorf("%.80q is no name of an election here", q.Election))
	}
	for _, p := range all {
		p.stop()
		n.forget(key{q.Election, p.asked.Role})
	}
	if err := remove(r.Context(), filepath.Join(n.cfg.Dir, q.Election)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// remove removes a folder. The log's own goroutines end a little later than
// the log and cannot be waited for: one may write a last file meanwhile.
func remove(ctx context.Context, dir string) error {
	for pause := time.Millisecond; ; pause *= 2 {
		err := os.RemoveAll(dir)
		if err == nil || pause > time.Second {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}
