package rolecmd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/service/folder"
	"scrutineer/reference-evoting/weakness"
)

// hosted is an election of a host.
type hosted struct {
	host     *host
	name     string
	dir      string
	draft    manage.Draft
	public   string
	server   *process
	entries  string // the file of the board's first ones; "" for none
	mu       sync.Mutex
	clients  map[string]*process // by role, as "trustee/2"
	ended    sync.Once
	endedErr error
}

// hosted makes the folder of an election. Its errors are about the request.
func (h *host) hosted(q manage.Hosting) (*hosted, error) {
	if _, err := weakness.Parse(q.Planted); err != nil {
		return nil, err
	}
	if !q.Draft.Manifest.Test {
		return nil, errors.New("a host sets up test elections only: the manifest does not say test")
	}
	if q.Draft.Identity {
		return nil, errors.New("there is no identity service here")
	}
	if q.Seed == "" {
		return nil, errors.New("a host needs a seed: it keeps no keys")
	}
	h.mu.Lock()
	h.began++
	e := &hosted{host: h, name: strconv.Itoa(h.began), draft: q.Draft, clients: map[string]*process{}}
	h.mu.Unlock()
	e.dir = filepath.Join(h.dir, e.name)
	if err := folder.Create(e.election(), q.Draft, folder.Secrets{Seed: keys.Seed(q.Seed)}, h.a.Random); err != nil {
		return nil, errors.Join(err, os.RemoveAll(e.dir))
	}
	if len(q.Entries) > 0 {
		e.entries = filepath.Join(e.dir, "first-entries")
		if err := writeEntries(e.entries, q.Entries); err != nil {
			return nil, errors.Join(err, os.RemoveAll(e.dir))
		}
	}
	return e, nil
}

func (e *hosted) election() string { return filepath.Join(e.dir, "election") }

// play starts the authority, and then all the others at once.
func (e *hosted) play(ctx context.Context, q manage.Hosting) error {
	common := []string{"--election", e.election(), "--seed-word", q.Seed, "--manage", "127.0.0.1:0", "--insider"}
	if len(q.Planted) > 0 {
		common = append(common, "--weak", strings.Join(q.Planted, ","))
	}
	serve := []string{"serve", "--listen", "127.0.0.1:0", "--state", stateOf(e.dir, "authority"),
		"--rate-factor", "0"} // everybody comes from one place, as fast as he can
	if e.host.tls.cert != "" {
		serve = append(serve, "--tls-cert", e.host.tls.cert, "--tls-key", e.host.tls.key)
	}
	if e.entries != "" {
		serve = append(serve, "--first-entries", e.entries)
	}
	var err error
	if e.server, err = e.start(ctx, "authority", []string{"public", "manage"}, serve, common); err != nil {
		return err
	}
	e.public = e.server.at["public"]
	var wg sync.WaitGroup
	errs := make(chan error, 1024)
	for role, args := range e.roles(q.Harness) {
		wg.Go(func() {
			p, err := e.start(ctx, role, []string{"manage"}, append(args, e.to(role, q.Via)...), common)
			if err != nil {
				errs <- err
				return
			}
			e.mu.Lock()
			e.clients[role] = p
			e.mu.Unlock()
		})
	}
	wg.Wait()
	close(errs)
	for one := range errs {
		err = errors.Join(err, one)
	}
	return err
}

// start runs a role of this program.
func (e *hosted) start(ctx context.Context, role string, words, args, common []string) (*process, error) {
	return startProcess(ctx, role, words, slices.Concat(e.host.prefix, args, common)...)
}

// roles are the commands of everybody but the authority, without those whom
// the harness plays.
func (e *hosted) roles(harness []string) map[string][]string {
	out := map[string][]string{
		"registrar": {"registrar"},
		"voter":     {"voter", "--credentials", folder.CredentialsFile(e.election())},
		"auditor":   {"auditor"},
	}
	for _, w := range e.draft.Manifest.Witnesses {
		out["witness/"+w.ID] = []string{"witness", w.ID, "--state", stateOf(e.dir, "w-"+w.ID)}
	}
	for _, t := range e.draft.Manifest.Trustees {
		role := string(message.RoleTrustee) + "/" + strconv.FormatUint(t.Index, 10)
		out[role] = []string{"trustee", t.ID, "--state", stateOf(e.dir, "t-"+t.ID), "--on-command"}
	}
	for _, role := range harness {
		delete(out, role)
	}
	return out
}

// to says where a client of the authority finds it.
func (e *hosted) to(role string, via map[string]string) []string {
	if role == "auditor" {
		return nil // he is brought what he checks
	}
	at := e.public
	if v := via[role]; v != "" {
		at = v
	}
	out := []string{"--authority", at}
	if e.host.ca != "" {
		out = append(out, "--ca", e.host.ca)
	}
	return out
}

func (e *hosted) ports() []manage.RolePort {
	out := []manage.RolePort{{Role: "authority", URL: e.server.at["manage"]}}
	for role, p := range e.clients {
		out = append(out, manage.RolePort{Role: role, URL: p.at["manage"]})
	}
	slices.SortFunc(out, func(a, b manage.RolePort) int { return strings.Compare(a.Role, b.Role) })
	return out
}

// stop ends the election: its clients at once, then the authority. A role that
// went wrong has said so to whom it concerns; here it is over.
func (e *hosted) stop() error {
	e.ended.Do(func() {
		var wg sync.WaitGroup
		for _, p := range e.clients {
			wg.Go(func() { _ = p.stop() })
		}
		wg.Wait()
		if e.server != nil {
			_ = e.server.stop()
		}
		e.endedErr = os.RemoveAll(e.dir)
	})
	return e.endedErr
}
