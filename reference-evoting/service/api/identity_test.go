package api_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/service/web"
)

func TestIdentityDocumentHasEveryRoute(t *testing.T) {
	doc := described(t, api.IdentityDescription)
	var listed, served []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			listed = append(listed, method+" "+path)
		}
	}
	random := rolestest.Seed.Stream(message.RoleIdentity, "", "test")
	for _, r := range api.NewIdentity(api.IdentityConfig{Random: random}, identity.New(identity.Config{})).Routes() {
		served = append(served, r.Method+" "+strings.ReplaceAll(r.Path, "...", ""))
	}
	slices.Sort(listed)
	slices.Sort(served)
	if !slices.Equal(listed, served) {
		t.Errorf("described %q\nserved    %q", listed, served)
	}
}

// Every request to the service, and every answer, is as described: those of an
// election, and those that are refused.
func TestIdentityIsAsDescribed(t *testing.T) {
	openapi3filter.RegisterBodyDecoder("text/plain", openapi3filter.FileBodyDecoder)
	w := witnessed{t: t, doc: described(t, api.IdentityDescription), mu: &sync.Mutex{}, seen: map[string]bool{}}
	s := rolestest.New(t, rolestest.Identified)
	s.WrapIdentity = func(rt http.RoundTripper) http.RoundTripper {
		w := w
		w.RoundTripper = rt
		return w
	}
	s.All()
	print := s.Phase(message.PhaseVoting).Fingerprint
	c := s.IdentityClient()
	for c.Ready(s.Ctx) != nil && s.Ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	handle := rolestest.Ask[manage.Encrypted](s, "voter", http.MethodPost, manage.PathEncrypt, manage.Encrypt{
		Voter: "voter-0", Choices: map[string][]string{"council": {"ana"}},
	}).Handle
	if a := rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, manage.PathCast, manage.Decide{Voter: "voter-0", Handle: handle}); a.Outcome != manage.OutcomeOK {
		t.Fatalf("%+v", a)
	}
	if q := rolestest.Ask[manage.Checked](s, "voter", http.MethodPost, manage.PathNotices, manage.Voter{Voter: "voter-0"}); len(q.Findings) > 0 {
		t.Fatalf("%+v", q)
	}
	refused(t, s, print)
	for _, path := range []string{"healthz", "openapi.yaml", "metrics"} {
		if _, err := c.File(s.Ctx, path); err != nil {
			t.Error(err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, want := range []string{
		"POST /v1/sessions 200", "POST /v1/sessions 401", "POST /v1/sessions 409", "POST /v1/sessions 422", "POST /v1/sessions 429",
		"POST /v1/authorisations 200", "POST /v1/authorisations 401", "POST /v1/authorisations 403",
		"POST /v1/notices 200", "POST /v1/notices 401",
		"GET /healthz 200", "GET /readyz 200", "GET /openapi.yaml 200", "GET /metrics 200",
	} {
		if !w.seen[want] {
			t.Errorf("not seen: %s", want)
		}
	}
}

// refused asks for what is refused.
func refused(t *testing.T, s *rolestest.Stage, print message.Digest) {
	t.Helper()
	c, all := s.IdentityClient(), s.Credentials().Voters
	session, err := c.Login(s.Ctx, s.Login(print, all[0], "voter-0", s.Codes["voter-0"]))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		login []byte
		want  string
	}{
		{s.Login(print, all[0], "voter-1", s.Codes["voter-1"]), identity.CodeBound},
		{s.Login(message.Digest{1}, all[0], "voter-0", s.Codes["voter-0"]), "V-16"},
		{s.Login(print, all[1], "voter-0", "WRONG222"), identity.CodeLogin},
	} {
		if _, err := c.Login(s.Ctx, q.login); code(err) != q.want {
			t.Errorf("%v, want %s", err, q.want)
		}
	}
	for i := range 6 {
		want := identity.CodeLogin
		if i == 5 {
			want = identity.CodeSlowDown
		}
		if _, err := c.Login(s.Ctx, s.Login(print, all[1], "nobody", "WRONG222")); code(err) != want {
			t.Errorf("wrong code %d: %v, want %s", i, err, want)
		}
	}
	for token, want := range map[string]string{"x": identity.CodeToken, session.Token: identity.CodeNotYours} {
		ask, err := codec.Encode(message.Authorise{Token: token, Decision: message.Decision{
			Credential: all[1].Key, Fingerprint: print, Predecessor: message.None}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Authorise(s.Ctx, ask); code(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	ask, err := codec.Encode(message.ReadNotices{Token: strings.Repeat("x", 1024)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Notices(s.Ctx, ask); code(err) != identity.CodeToken {
		t.Errorf("%v", err)
	}
}

// What is no request of the document gets a problem of it all the same.
func TestIdentityRefusesAsDescribed(t *testing.T) {
	doc := described(t, api.IdentityDescription)
	p := newPort(t, identity.Limits{}, api.IdentityLimits{})
	w := witnessed{t: t, doc: doc, mu: &sync.Mutex{}, seen: map[string]bool{}, reject: true, RoundTripper: p.http.Transport}
	p.http.Transport = w
	for status, ask := range map[string]func() answer{
		"400": func() answer { return p.post(t, "/v1/sessions", []byte(`{"voter":"a"}`)) },
		"413": func() answer { return p.post(t, "/v1/authorisations", bytes.Repeat([]byte(" "), 9000)) },
		"415": func() answer { return p.post(t, "/v1/notices", []byte("{}"), "Content-Type", "text/plain") },
	} {
		if a := ask(); http.StatusText(a.status) == "" || a.code == "" || a.header.Get("Content-Type") != web.TypeProblem {
			t.Errorf("%s: %+v", status, a)
		}
	}
	for _, want := range []string{"POST /v1/sessions 400", "POST /v1/authorisations 413", "POST /v1/notices 415"} {
		if !w.seen[want] {
			t.Errorf("not seen: %s", want)
		}
	}
}
