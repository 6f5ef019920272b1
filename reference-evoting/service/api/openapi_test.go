package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/service/web"
)

func document(t *testing.T) *openapi3.T {
	t.Helper()
	return described(t, api.Description)
}

func described(t *testing.T, text []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentHasEveryRoute(t *testing.T) {
	var described, served []string
	for path, item := range document(t).Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	for _, r := range api.New(api.Config{}, &api.Election{}).Routes() {
		served = append(served, r.Method+" "+strings.ReplaceAll(r.Path, "...", ""))
	}
	slices.Sort(described)
	slices.Sort(served)
	if !slices.Equal(described, served) {
		t.Errorf("described %q\nserved    %q", described, served)
	}
}

// witnessed holds every request and answer that passes through it to the
// document.
type witnessed struct {
	http.RoundTripper
	t      *testing.T
	doc    *openapi3.T
	mu     *sync.Mutex
	seen   map[string]bool
	reject bool // the requests are meant to be bad
}

func (w witnessed) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(got))
	if err == nil {
		w.hold(r, sent, resp, got)
	}
	return resp, err
}

func (w witnessed) hold(r *http.Request, sent []byte, resp *http.Response, got []byte) {
	route, params := w.find(r)
	if route == nil {
		w.t.Errorf("%s %s is not in the document", r.Method, r.URL.Path)
		return
	}
	again := r.Clone(context.Background())
	again.Body = io.NopCloser(bytes.NewReader(sent))
	options := &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}
	in := &openapi3filter.RequestValidationInput{Request: again, PathParams: params, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil && !w.reject {
		w.t.Errorf("%s %s: request: %v", r.Method, r.URL.Path, err)
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header,
		Body: io.NopCloser(bytes.NewReader(got)), Options: options,
	}
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		w.t.Errorf("%s %s: answer %d %.200q: %v", r.Method, r.URL.Path, resp.StatusCode, got, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[fmt.Sprint(r.Method, " ", route.Path, " ", resp.StatusCode)] = true
}

// find is a router for templates whose last parameter may hold slashes.
func (w witnessed) find(r *http.Request) (*routers.Route, map[string]string) {
	for path, item := range w.doc.Paths.Map() {
		params, ok := match(path, r.URL.Path)
		if op := item.GetOperation(r.Method); ok && op != nil {
			return &routers.Route{Spec: w.doc, Path: path, PathItem: item, Method: r.Method, Operation: op}, params
		}
	}
	return nil, nil
}

func match(template, path string) (map[string]string, bool) {
	params := map[string]string{}
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	for i, segment := range want {
		if i >= len(got) {
			return nil, false
		}
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			value := got[i]
			if template == "/tile/{path}" {
				value = strings.Join(got[i:], "/")
				got = got[:i+1]
			}
			params[strings.TrimSuffix(name, "}")] = value
		} else if segment != got[i] {
			return nil, false
		}
	}
	return params, len(want) == len(got)
}

// manyOptions makes ballots and decryption shares too long to be inline.
func manyOptions(m *message.Manifest) {
	c := &m.Contests[0]
	for i := len(c.Options); i < 90; i++ {
		c.Options = append(c.Options, message.Option{ID: fmt.Sprintf("o%d", i), Title: "Another"})
	}
}

// A whole election, every request and answer of which is as described.
func TestElectionIsAsDescribed(t *testing.T) {
	openapi3filter.RegisterBodyDecoder(web.TypeBytes, openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
	w := witnessed{t: t, doc: document(t), mu: &sync.Mutex{}, seen: map[string]bool{}}
	s := rolestest.New(t, manyOptions)
	s.Limits.Wait = 300 * time.Millisecond // so that polls end with 204
	s.Wrap = func(rt http.RoundTripper) http.RoundTripper {
		w := w
		w.RoundTripper = rt
		return w
	}
	s.All()
	s.Phase(message.PhaseVoting)
	vote(t, s)
	rolestest.Ask[message.Appended](s, "authority", http.MethodPost, manage.PathClose, message.CloseChannel{Channel: "online"})
	s.Phase(message.PhaseDecrypting)
	for _, role := range []string{"trustee/t1", "trustee/t2"} {
		d := rolestest.Ask[manage.Decrypted](s, role, http.MethodPost, manage.PathDecrypt, nil)
		if d.Answer.Outcome != manage.OutcomeOK {
			t.Fatalf("%s: %+v", role, d)
		}
	}
	s.Phase(message.PhasePublished)
	chunks := 0
	for path := range s.Export() {
		if p, err := record.Parse(path); err == nil && p.Kind == record.KindChunk {
			chunks++
		}
	}
	if chunks == 0 {
		t.Error("no body was long")
	}
	look(s)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, want := range expected(w.doc) {
		if !w.seen[want] {
			t.Errorf("not seen: %s", want)
		}
	}
}

// vote casts, is refused, and challenges.
func vote(t *testing.T, s *rolestest.Stage) {
	t.Helper()
	encrypt := func(voter string) string {
		return rolestest.Ask[manage.Encrypted](s, "voter", http.MethodPost, manage.PathEncrypt, manage.Encrypt{
			Voter: voter, Choices: map[string][]string{"council": {"ana"}},
		}).Handle
	}
	decide := func(path, voter, handle, want string) {
		t.Helper()
		a := rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, path, manage.Decide{Voter: voter, Handle: handle})
		if a.Outcome != want {
			t.Errorf("%s of %s: %+v", path, voter, a)
		}
	}
	first, second := encrypt("voter-0"), encrypt("voter-1")
	decide(manage.PathCast, "voter-0", first, manage.OutcomeOK)
	decide(manage.PathCast, "voter-0", first, manage.OutcomeOK) // the same receipt again
	decide(manage.PathChallenge, "voter-1", second, manage.OutcomeOK)
	// A second client of the same voter does not know the standing ballot and
	// is refused: signed.
	s.Launch("voter", rivals(s))
	decide(manage.PathCast, "voter-0", encrypt("voter-0"), manage.OutcomeRefused)

	c := s.Client()
	chain, err := c.Chain(s.Ctx, rolesCredential(s, "voter-0"))
	if err != nil || chain.Head != first {
		t.Errorf("chain: %+v, %v", chain, err)
	}
	tracker := parseDigest(t, first)
	if _, err := c.Find(s.Ctx, tracker); err != nil {
		t.Errorf("find: %v", err)
	}
}

// look asks for what nobody asks in the course of an election.
func look(s *rolestest.Stage) {
	c := s.Client()
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.yaml", "/checkpoint.pending", "/watch"} {
		_, _ = c.File(s.Ctx, strings.TrimPrefix(path, "/"))
	}
	ctx, cancel := context.WithTimeout(s.Ctx, 500*time.Millisecond)
	defer cancel()
	_, _ = c.Await(ctx, 1<<30) // a poll or two
}

// expected lists what must have been seen of the document: every success and
// every refusal that it names.
func expected(doc *openapi3.T) []string {
	var out []string
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status := range op.Responses.Map() {
				if status == "default" || (status == "409" && path == "/v1/challenges") {
					continue
				}
				out = append(out, method+" "+path+" "+status)
			}
		}
	}
	slices.Sort(out)
	return out
}
