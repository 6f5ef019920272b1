package api_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
)

// port is an identity service that has seen an election open, behind its port,
// with the clock in the tests' hands.
type port struct {
	*rolestest.Stage
	service *identity.Service
	http    *http.Client
	client  *client.Client
	print   message.Digest

	mu   sync.Mutex
	now  time.Time
	hold chan struct{} // while it is there, a code is not looked at
}

func newPort(t *testing.T, limits identity.Limits, at api.IdentityLimits) *port {
	t.Helper()
	p := &port{Stage: rolestest.New(t, rolestest.Identified), now: time.Unix(1_800_000_000, 0)}
	p.Stage.All()
	st := p.Phase(message.PhaseVoting)
	p.print = st.Fingerprint
	p.service = identity.New(identity.Config{
		Key: rolestest.Seed.Signing(message.RoleIdentity, ""), Authorisation: rolestest.Seed.Authorisation(), Persons: p.Persons(),
		Store: identity.NewMemoryStore(), Random: rolestest.Seed.Stream(message.RoleIdentity, "", "port"), Clock: p.looked, Limits: limits,
	})
	reader := p.Client().Reader()
	if _, err := reader.Await(p.Ctx, st.Size); err != nil {
		t.Fatal(err)
	}
	p.service.Begin(weakness.Set{}, rules.Source(reader))
	if err := reader.Entries(p.Ctx, 0, st.Size, func(_ uint64, raw []byte) error { return p.service.Apply(p.Ctx, raw) }); err != nil {
		t.Fatal(err)
	}
	pipe := web.NewPipe()
	server := api.NewIdentity(api.IdentityConfig{
		Limits: at, Clock: p.clock, Random: rolestest.Seed.Stream(message.RoleIdentity, "", "puzzles"), Logger: slog.New(slog.DiscardHandler),
	}, p.service).Server()
	done := make(chan error, 1)
	go func() { done <- server.Serve(pipe) }()
	transport := &http.Transport{DialContext: pipe.DialContext, MaxIdleConnsPerHost: 64}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := errors.Join(server.Shutdown(context.Background()), <-done); err != nil {
			t.Error(err)
		}
	})
	p.http = &http.Client{Transport: transport}
	var err error
	if p.client, err = client.New(client.Config{URL: "http://pipe", Transport: transport}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *port) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// looked is the service's clock, which it reads when it is a login's turn.
func (p *port) looked() time.Time {
	p.mu.Lock()
	hold := p.hold
	p.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return p.clock()
}

func (p *port) pass(d time.Duration) {
	p.mu.Lock()
	p.now = p.now.Add(d)
	p.mu.Unlock()
}

// answer is what somebody gets who logs in.
type answer struct {
	status int
	header http.Header
	body   string
	code   string
}

func (p *port) post(t *testing.T, path string, body []byte, header ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(p.Ctx, http.MethodPost, "http://pipe"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := p.http.Do(r)
	if err != nil {
		t.Error(err)
		return answer{}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	problem, _ := codec.Decode[message.Problem](b, codec.Limits{})
	return answer{resp.StatusCode, resp.Header, string(b), problem.Code}
}

func (p *port) login(t *testing.T, voter, code string, header ...string) answer {
	t.Helper()
	return p.post(t, "/v1/sessions", p.Login(p.print, p.credential(0), voter, code), header...)
}

func (p *port) credential(i int) manage.Credential { return p.Credentials().Voters[i] }

// counted is what /metrics says of a rule.
func (p *port) counted(t *testing.T, rule string) int {
	t.Helper()
	resp, err := p.http.Get("http://pipe/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(b), `scrutineer_anomalies_total{rule="`+rule+`"} `)
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(line)
	if err != nil || !found {
		t.Fatalf("no counter %s: %v", rule, err)
	}
	return n
}

// Two logins are worked on and 32 wait. Whoever comes above half of the queue
// solves a puzzle first; whoever comes above all of it is told when to come
// again. Nobody is forgotten.
func TestLoginsWaitInAQueue(t *testing.T) {
	p := newPort(t, identity.Limits{}, api.IdentityLimits{}.Times(0))
	w := witnessed{t: t, doc: described(t, api.IdentityDescription), mu: &sync.Mutex{}, seen: map[string]bool{}, RoundTripper: p.http.Transport}
	p.http.Transport = w
	hold := make(chan struct{})
	p.mu.Lock()
	p.hold = hold
	p.mu.Unlock()
	var wg sync.WaitGroup
	in := func(header ...string) {
		before := p.service.Waiting()
		wg.Go(func() {
			if a := p.login(t, "voter-0", p.Codes["voter-0"], header...); a.status != 200 {
				t.Errorf("who waited got %d %s", a.status, a.body)
			}
		})
		for p.service.Waiting() == before && p.Ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
	}
	for range 2 + 16 {
		in()
	}
	if p.service.Crowded() {
		t.Error("crowded at half")
	}
	in()
	a := p.login(t, "voter-1", "whatever")
	question := a.header.Get(web.HeaderPuzzle)
	if a.status != 428 || a.code != web.CodePuzzle || question == "" {
		t.Fatalf("above half: %d %s", a.status, a.body)
	}
	solved := question + ":" + web.SolvePuzzle(question)
	for _, bad := range []string{question, question + ":", strings.Repeat("0", 32) + ":" + web.SolvePuzzle(strings.Repeat("0", 32)), solved + "0"} {
		if a := p.login(t, "voter-1", "whatever", web.HeaderAnswer, bad); a.status != 428 {
			t.Errorf("with %q: %d %s", bad, a.status, a.body)
		}
	}
	for range 16 - 1 {
		in(web.HeaderAnswer, solved)
	}
	a = p.login(t, "voter-1", "whatever", web.HeaderAnswer, solved)
	if a.status != 503 || a.code != identity.CodeQueue || a.header.Get("Retry-After") == "" {
		t.Errorf("above all: %d %s", a.status, a.body)
	}
	p.pass(2 * time.Minute)
	if a := p.login(t, "voter-1", "whatever", web.HeaderAnswer, solved); a.status != 428 {
		t.Errorf("with an answer of the minute before last: %d %s", a.status, a.body)
	}
	p.mu.Lock()
	p.hold = nil
	p.mu.Unlock()
	close(hold)
	wg.Wait()
	if !w.seen["POST /v1/sessions 428"] || !w.seen["POST /v1/sessions 503"] {
		t.Errorf("seen %v", w.seen)
	}
	if p.counted(t, web.CodePuzzle) != 6 || p.counted(t, identity.CodeQueue) != 1 {
		t.Errorf("%d puzzles, %d too many", p.counted(t, web.CodePuzzle), p.counted(t, identity.CodeQueue))
	}
}

// The client answers a puzzle by itself.
func TestClientSolvesPuzzle(t *testing.T) {
	p := newPort(t, identity.Limits{Slots: 1, Queue: 1}, api.IdentityLimits{})
	hold := make(chan struct{})
	p.mu.Lock()
	p.hold = hold
	p.mu.Unlock()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if a := p.login(t, "voter-0", p.Codes["voter-0"]); a.status != 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	for !p.service.Crowded() && p.Ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	// Where it is let in the queue is full: so it got past the puzzle.
	_, err := p.client.Login(p.Ctx, p.Login(p.print, p.credential(1), "voter-1", p.Codes["voter-1"]))
	if code(err) != identity.CodeQueue {
		t.Errorf("%v", err)
	}
	p.mu.Lock()
	p.hold = nil
	p.mu.Unlock()
	close(hold)
	wg.Wait()
}

// Somebody else's guesses slow a voter down and never lock him out; for an id
// that nobody has it is the same, byte for byte.
func TestWrongCodesSlowDown(t *testing.T) {
	p := newPort(t, identity.Limits{}, api.IdentityLimits{}.Times(0))
	both := func() (a, b answer) {
		return p.login(t, "voter-0", "WRONG222"), p.login(t, "nobody-0", "WRONG222")
	}
	same := func(try int, status int, retry string) {
		t.Helper()
		a, b := both()
		a.header.Del("Date")
		b.header.Del("Date")
		if a.status != status || a.header.Get("Retry-After") != retry {
			t.Errorf("try %d: %d, again after %q: %s; want %d, %q", try, a.status, a.header.Get("Retry-After"), a.body, status, retry)
		}
		if a.body != b.body || a.status != b.status || len(a.header) != len(b.header) {
			t.Errorf("try %d: a known id gets %+v, an unknown one %+v", try, a, b)
		}
		for name := range a.header {
			if a.header.Get(name) != b.header.Get(name) {
				t.Errorf("try %d: header %s: %q and %q", try, name, a.header.Get(name), b.header.Get(name))
			}
		}
	}
	for i := range 5 {
		same(i, 401, "")
	}
	same(5, 429, "30")
	p.pass(29 * time.Second)
	if a := p.login(t, "voter-0", p.Codes["voter-0"]); a.status != 429 || a.header.Get("Retry-After") != "1" {
		t.Errorf("the right code while it waits: %d %s", a.status, a.body)
	}
	for i := 5; i < 100; i++ {
		p.pass(30 * time.Second)
		same(i, 401, "")
	}
	same(100, 429, "864")
	p.pass(864 * time.Second)
	if a := p.login(t, "voter-0", p.Codes["voter-0"]); a.status != 200 {
		t.Errorf("locked out: %d %s", a.status, a.body)
	}
	if a := p.login(t, "voter-0", p.Codes["voter-0"]); a.status != 200 {
		t.Errorf("after the right code: %d %s", a.status, a.body)
	}
	if n := p.counted(t, identity.CodeLogin); n != 200 {
		t.Errorf("%d wrong codes counted", n)
	}
	if n := p.counted(t, identity.CodeSlowDown); n != 5 {
		t.Errorf("%d that had to wait counted", n)
	}
}

// A source has its rate; what asks beyond it is turned away and counted, and
// metrics and other classes go on.
func TestSourceRate(t *testing.T) {
	p := newPort(t, identity.Limits{}, api.IdentityLimits{})
	for range 40 {
		if a := p.post(t, "/v1/sessions", []byte("{}")); a.status != 400 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if a := p.post(t, "/v1/sessions", []byte("{}"), "X-Forwarded-For", "192.0.2.1", "Forwarded", "for=192.0.2.1"); a.status != 429 || a.code != web.CodeTooMany {
		t.Errorf("the 41st: %d %s", a.status, a.body)
	}
	if a := p.post(t, "/v1/notices", []byte("{}")); a.status != 400 {
		t.Errorf("another class: %d %s", a.status, a.body)
	}
	p.pass(time.Second)
	for range 20 {
		if a := p.post(t, "/v1/sessions", []byte("{}")); a.status != 400 {
			t.Fatalf("a second later: %d %s", a.status, a.body)
		}
	}
	if a := p.post(t, "/v1/sessions", bytes.Repeat([]byte(" "), 8<<10+1)); a.status != 429 {
		t.Errorf("the 21st: %d %s", a.status, a.body)
	}
	if p.counted(t, "source-rate") != 2 || p.counted(t, "malformed") != 61 {
		t.Errorf("counted %d and %d", p.counted(t, "source-rate"), p.counted(t, "malformed"))
	}
}

// What is too large is not read.
func TestIdentityBounds(t *testing.T) {
	p := newPort(t, identity.Limits{}, api.IdentityLimits{})
	if a := p.post(t, "/v1/sessions", bytes.Repeat([]byte(" "), 8<<10+1)); a.status != 413 {
		t.Errorf("a large body: %d %s", a.status, a.body)
	}
	if a := p.post(t, "/v1/notices", []byte("{}"), "X-Large", strings.Repeat("x", 16<<10)); a.status != 431 {
		t.Errorf("a large header: %d %s", a.status, a.body)
	}
	if n := p.counted(t, "oversized"); n != 2 {
		t.Errorf("%d counted", n)
	}
	if err := p.client.Ready(p.Ctx); err != nil {
		t.Errorf("not ready: %v", err)
	}
}
