package roles_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/weakness"
)

// problem is the code of a refusal; empty for none.
func problem(err error) string {
	var p *client.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// identified is an election with an identity service, open.
func identified(t *testing.T) (*rolestest.Stage, message.Digest) {
	t.Helper()
	s := rolestest.New(t, rolestest.Identified)
	s.All()
	print := s.Phase(message.PhaseVoting).Fingerprint
	ready(t, s)
	return s, print
}

// ready waits until the identity service has followed the board to the opening.
func ready(t *testing.T, s *rolestest.Stage) {
	t.Helper()
	for c := s.IdentityClient(); c.Ready(s.Ctx) != nil; time.Sleep(5 * time.Millisecond) {
		if s.Ctx.Err() != nil {
			t.Fatal("the identity service does not get ready")
		}
	}
}

// One credential for a person and one person for a credential, from the first
// login on and after a restart.
func TestLoginBinds(t *testing.T) {
	s, print := identified(t)
	voters := s.Credentials().Voters
	stolen := voters[0]
	stolen.Secret = voters[1].Secret
	for start := range 2 {
		c := s.IdentityClient()
		for _, q := range []struct {
			what  string
			with  manage.Credential
			voter string
			code  string
			print message.Digest
			want  string
		}{
			{"a wrong code binds nothing", voters[1], "voter-0", s.Codes["voter-1"], print, identity.CodeLogin},
			{"nor does a credential that he does not hold", stolen, "voter-1", s.Codes["voter-1"], print, identity.CodeSignature},
			{"nor a login for another election", voters[1], "voter-0", s.Codes["voter-0"], message.Digest{1}, "V-16"},
			{"the first login", voters[0], "voter-0", s.Codes["voter-0"], print, ""},
			{"again", voters[0], "voter-0", s.Codes["voter-0"], print, ""},
			{"the person with another credential", voters[1], "voter-0", s.Codes["voter-0"], print, identity.CodeBound},
			{"the credential with another person", voters[0], "voter-1", s.Codes["voter-1"], print, identity.CodeBound},
			{"the other person with the other credential", voters[1], "voter-1", s.Codes["voter-1"], print, ""},
			{"who is bound is not told without the code", voters[0], "voter-1", "WRONG222", print, identity.CodeLogin},
		} {
			_, err := c.Login(s.Ctx, s.Login(q.print, q.with, q.voter, q.code))
			if got := problem(err); got != q.want {
				t.Errorf("start %d, %s: %q, want %q", start, q.what, got, q.want)
			}
		}
		s.End("identity")
		s.Identity()
		ready(t, s)
	}
}

// A token opens what the service does for one credential of one election for a
// quarter of an hour; whatever else looks like one does not.
func TestTokensOverTheWire(t *testing.T) {
	s, print := identified(t)
	var mu sync.Mutex
	now := time.Unix(1_800_000_000, 0)
	s.End("identity")
	s.Identity(func(cfg *roles.IdentityConfig) {
		cfg.Clock = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	})
	ready(t, s)
	c, mine := s.IdentityClient(), s.Credentials().Voters[0]
	session, err := c.Login(s.Ctx, s.Login(print, mine, "voter-0", s.Codes["voter-0"]))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(session.Token, ".")
	b64 := base64.RawURLEncoding.EncodeToString
	key := rolestest.Seed.Signing(message.RoleIdentity, "")
	signed := func(header, claims string, by ed25519.PrivateKey) string {
		return header + "." + claims + "." + b64(ed25519.Sign(by, []byte(header+"."+claims)))
	}
	claims := func(change func(*message.Claims)) string {
		q := message.Claims{Audience: print, Expires: session.Expires, ID: "00", Subject: mine.Key}
		change(&q)
		raw, err := codec.Encode(q)
		if err != nil {
			t.Fatal(err)
		}
		return b64(raw)
	}
	public := keys.Public(key)
	hs256 := b64([]byte(`{"alg":"HS256","typ":"JWT"}`))
	mac := hmac.New(sha256.New, public[:])
	mac.Write([]byte(hs256 + "." + parts[1]))
	for name, token := range map[string]string{
		"another election":         signed(parts[0], claims(func(q *message.Claims) { q.Audience = message.Digest{1} }), key),
		"beyond a quarter of hour": signed(parts[0], claims(func(q *message.Claims) { q.Expires += 60 }), key),
		"ended":                    signed(parts[0], claims(func(q *message.Claims) { q.Expires = uint64(now.Unix()) }), key),
		"another key":              signed(parts[0], parts[1], rolestest.Seed.Signing(message.RoleAuthority, "")),
		"alg none":                 b64([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"alg HS256":                hs256 + "." + parts[1] + "." + b64(mac.Sum(nil)),
		"another header, signed":   signed(b64([]byte(`{"alg":"EdDSA","typ":"JWT"}`)), parts[1], key),
		"stripped":                 parts[0] + "." + parts[1] + ".",
		"two parts":                parts[0] + "." + parts[1],
		"a changed subject":        parts[0] + "." + claims(func(q *message.Claims) { q.Subject[0] ^= 1 }) + "." + parts[2],
		"none":                     "",
	} {
		if got := notices(t, s, c, token); got != identity.CodeToken {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := notices(t, s, c, session.Token); got != "" {
		t.Errorf("the token itself: %q", got)
	}
	mu.Lock()
	now = now.Add(15 * time.Minute)
	mu.Unlock()
	if got := notices(t, s, c, session.Token); got != identity.CodeToken {
		t.Errorf("after a quarter of an hour: %q", got)
	}
}

func notices(t *testing.T, s *rolestest.Stage, c *client.Client, token string) string {
	t.Helper()
	q, err := codec.Encode(message.ReadNotices{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Notices(s.Ctx, q)
	return problem(err)
}

// tape keeps the last authorisation that was asked for, and its answer.
type tape struct {
	http.RoundTripper
	mu        sync.Mutex
	asked     []byte
	responded []byte
}

func (r *tape) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.URL.Path != "/v1/authorisations" {
		return r.RoundTripper.RoundTrip(q)
	}
	asked, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	q.Body = io.NopCloser(bytes.NewReader(asked))
	r.mu.Lock()
	r.asked = asked
	r.mu.Unlock()
	resp, err := r.RoundTripper.RoundTrip(q)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(got))
	r.mu.Lock()
	defer r.mu.Unlock()
	if resp.StatusCode == http.StatusOK {
		r.responded = got
	}
	return resp, err
}

func castOne(s *rolestest.Stage, voter, choice string) (manage.Answer, string) {
	h := rolestest.Ask[manage.Encrypted](s, "voter", http.MethodPost, manage.PathEncrypt, manage.Encrypt{
		Voter: voter, Choices: map[string][]string{"council": {choice}},
	}).Handle
	return rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, manage.PathCast, manage.Decide{Voter: voter, Handle: h}), h
}

// finish closes, decrypts, and holds the record against the rules.
func finish(t *testing.T, s *rolestest.Stage) {
	t.Helper()
	rolestest.Ask[message.Appended](s, "authority", http.MethodPost, manage.PathClose, message.CloseChannel{Channel: "online"})
	s.Phase(message.PhaseDecrypting)
	for _, role := range []string{"trustee/t1", "trustee/t2"} {
		if d := rolestest.Ask[manage.Decrypted](s, role, http.MethodPost, manage.PathDecrypt, nil); d.Answer.Outcome != manage.OutcomeOK {
			t.Fatalf("%s: %+v", role, d)
		}
	}
	st := s.Phase(message.PhasePublished)
	if _, err := s.Client().Await(s.Ctx, st.Size); err != nil {
		t.Fatal(err)
	}
	if v, err := roles.Audit(s.Ctx, s.Export(), st.Fingerprint, weakness.Set{}); err != nil || !v.Accepted {
		t.Errorf("%+v, %v", v, err)
	}
}

// The role ends in the middle and starts again: authorisations and notices are
// what they were, sessions hold, and the list after the close names every last
// ballot. Wrong codes are counted since the start, and that is said.
func TestIdentityRestart(t *testing.T) {
	s := rolestest.New(t, rolestest.Identified)
	r := &tape{}
	s.WrapIdentity = func(rt http.RoundTripper) http.RoundTripper { r.RoundTripper = rt; return r }
	s.All()
	print := s.Phase(message.PhaseVoting).Fingerprint
	ready(t, s)
	for _, choice := range []string{"ana", "bo"} {
		if a, _ := castOne(s, "voter-0", choice); a.Outcome != manage.OutcomeOK {
			t.Fatalf("%+v", a)
		}
	}
	c, mine := s.IdentityClient(), s.Credentials().Voters[0]
	q, err := codec.Encode(message.ReadNotices{Token: decoded[message.Authorise](t, r.asked).Token})
	if err != nil {
		t.Fatal(err)
	}
	before, err := c.Notices(s.Ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, _ = c.Login(s.Ctx, s.Login(print, mine, "voter-4", "WRONG222"))
	}
	if _, err := c.Login(s.Ctx, s.Login(print, mine, "voter-4", "WRONG222")); problem(err) != identity.CodeSlowDown {
		t.Errorf("after five wrong codes: %v", err)
	}
	s.End("identity")
	s.Identity()
	ready(t, s)

	c = s.IdentityClient()
	if after, err := c.Notices(s.Ctx, q); err != nil || !bytes.Equal(after, before) || bytes.Count(after, []byte(`"number"`)) != 2 {
		t.Errorf("notices before %s\nafter %s, %v", before, after, err)
	}
	want := bytes.Clone(r.responded)
	if again, err := c.Authorise(s.Ctx, r.asked); err != nil || !bytes.Equal(again, want) {
		t.Errorf("the same decision gets %s, had %s: %v", again, want, err)
	}
	if _, err := c.Login(s.Ctx, s.Login(print, mine, "voter-4", "WRONG222")); problem(err) != identity.CodeSlowDown {
		t.Errorf("a restart forgets wrong codes: %v", err)
	}
	if a, _ := castOne(s, "voter-1", "cleo"); a.Outcome != manage.OutcomeOK {
		t.Errorf("%+v", a)
	}
	s.End("identity")
	s.Identity() // and reads the whole board again before it makes its list
	finish(t, s)
}

func decoded[T any](t *testing.T, raw []byte) T {
	t.Helper()
	v, err := codec.Decode[T](raw, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// While the service is away nobody's cast is authorised, and none without it
// gets on the board: the box has no way round. Challenges go on. When it is
// back the same ballot is cast.
func TestNothingIsCastWithoutTheService(t *testing.T) {
	s := rolestest.New(t, rolestest.Identified)
	r := &tape{}
	s.WrapIdentity = func(rt http.RoundTripper) http.RoundTripper { r.RoundTripper = rt; return r }
	s.All()
	s.Phase(message.PhaseVoting)
	ready(t, s)
	if a, _ := castOne(s, "voter-0", "ana"); a.Outcome != manage.OutcomeOK {
		t.Fatalf("%+v", a)
	}
	if a, _ := castOne(s, "voter-1", "ana"); a.Outcome != manage.OutcomeOK {
		t.Fatalf("%+v", a)
	}
	other := decoded[message.Authorised](t, r.responded).Authorisation
	s.End("identity")
	size := s.Phase(message.PhaseVoting).Size
	if a, _ := castOne(s, "voter-2", "bo"); a.Outcome != manage.OutcomeUnknown || a.Code != "not-authorised" {
		t.Errorf("a first cast: %+v", a)
	}
	a, handle := castOne(s, "voter-1", "bo")
	if a.Outcome != manage.OutcomeUnknown || a.Code != "not-authorised" {
		t.Errorf("a revote in an open session: %+v", a)
	}
	if got := s.Phase(message.PhaseVoting).Size; got != size {
		t.Errorf("the board grew by %d", got-size)
	}
	// The decision as he signed it, without authorisation or with another's.
	d := decoded[message.Authorise](t, r.asked).Decision
	for _, with := range []*message.SchnorrSignature{nil, &other} {
		d.Authorisation = with
		raw, err := codec.Encode(d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Client().Cast(s.Ctx, raw); problem(err) != "V-46" {
			t.Errorf("the box, asked to take %s: %v", raw, err)
		}
	}
	s.Identity()
	ready(t, s)
	if a := rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, manage.PathCast, manage.Decide{Voter: "voter-1", Handle: handle}); a.Outcome != manage.OutcomeOK {
		t.Errorf("when it is back: %+v", a)
	}
	c := rolestest.Ask[manage.Checked](s, "voter", http.MethodPost, manage.PathNotices, manage.Voter{Voter: "voter-1"})
	if len(c.Findings) > 0 {
		t.Errorf("%+v", c)
	}
	finish(t, s)
}

// An end before the first request is an end, and no error.
func TestIdentityEndsAtOnce(t *testing.T) {
	s := rolestest.New(t, rolestest.Identified)
	s.Authority()
	if err := s.Client().Ready(s.Ctx); err != nil {
		t.Fatal(err)
	}
	s.Identity()
	s.End("identity")
}
