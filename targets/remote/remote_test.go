package remote_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"scrutineer/harness/vocabulary"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
	"scrutineer/targets/remote"
	"scrutineer/targets/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers by path.
func serve(t *testing.T, answers map[string]any) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := answers[r.URL.Path]
		if !ok {
			v = message.Problem{Code: "not-found", Status: 404, Title: "t", Type: "x"}
		}
		raw, err := codec.Encode(v)
		if err != nil {
			t.Error(err)
		}
		switch p := v.(type) {
		case message.Problem:
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(int(p.Status))
		default:
			w.Header().Set("Content-Type", "application/json")
		}
		_, _ = w.Write(raw)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func target(t *testing.T, cfg remote.Config) *remote.Target {
	t.Helper()
	cfg.Limits = wire.Limits{Request: 2 * time.Second, Poll: 200 * time.Millisecond, Await: 400 * time.Millisecond}
	r, err := remote.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func host(abilities ...string) manage.Host {
	return manage.Host{Name: "x", Dialect: "scrutineer", Abilities: abilities, Lacks: []manage.Lack{{Ability: "verify", Why: "on \x1b[2Jleave"}}}
}

func TestAHostSaysWhatItCan(t *testing.T) {
	url := serve(t, map[string]any{manage.PathHost: host("open", "identity", "insider", "flight")})
	d, err := target(t, remote.Config{URL: url}).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []targets.Ability{targets.Open, targets.Insider, targets.Dialect}; !slices.Equal(d.Abilities, want) {
		t.Errorf("%v", d.Abilities)
	}
	for _, a := range targets.All() {
		if has := slices.Contains(d.Abilities, a); has == (d.Lacks[a] != "") {
			t.Errorf("%s: has %v, lacks %q", a, has, d.Lacks[a])
		}
	}
	if why := d.Lacks[targets.Verify]; why != "the host says: on .[2Jleave" {
		t.Errorf("%q", why)
	}
}

func TestAStandingElectionIsTriedOut(t *testing.T) {
	url := serve(t, map[string]any{
		"/v1/status": message.Status{Phase: message.PhaseVoting, Size: 9}, "/checkpoint": "x",
		"/v1/ballots": message.Problem{Code: "malformed", Status: 400, Title: "t", Type: "x"},
	})
	voter := serve(t, map[string]any{manage.PathStatus: manage.Status{Role: manage.RoleVoter, Planted: []string{}}})
	r := target(t, remote.Config{URL: url, Ports: map[string]string{"voter": voter, "registrar": voter, "trustee/2": "http://127.0.0.1:1"}})
	d, err := r.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []targets.Ability{targets.Submit, targets.Board, targets.Publish, targets.Dialect}; !slices.Equal(d.Abilities, want) {
		t.Errorf("%v", d.Abilities)
	}
	for a, want := range map[targets.Ability]string{
		targets.Open: "URL of a host", targets.Close: "--port authority=URL", targets.Witness: "--port witness/ID=URL",
		targets.Client: `the port of registrar is that of "voter"`, targets.Trustee: "the port of trustee/2: ", targets.Verify: "--port auditor",
	} {
		if !strings.Contains(d.Lacks[a], want) {
			t.Errorf("%s: %q", a, d.Lacks[a])
		}
	}
	if _, err := r.Open(t.Context(), targets.Definition{}); err == nil {
		t.Error("it opens another")
	}
}

func TestNobodyThere(t *testing.T) {
	for _, url := range []string{"http://127.0.0.1:1", serve(t, nil)} {
		if _, err := target(t, remote.Config{URL: url}).Describe(t.Context()); !errors.Is(err, targets.ErrTarget) {
			t.Errorf("%v", err)
		}
	}
}

// Certificates are those of the machine, or of the file that was given.
func TestCertificates(t *testing.T) {
	raw, err := codec.Encode(host("open"))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(raw)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	if _, err := target(t, remote.Config{URL: s.URL}).Describe(t.Context()); !errors.Is(err, targets.ErrTarget) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a stranger's certificate: %v", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	if _, err := target(t, remote.Config{URL: s.URL, TLS: &tls.Config{RootCAs: pool}}).Describe(t.Context()); err != nil {
		t.Error(err)
	}
}

// draft is one that any codec takes.
func draft(t *testing.T) []byte {
	t.Helper()
	raw, err := codec.Encode(manage.Draft{Roll: []manage.RollLine{}, Manifest: message.Manifest{
		Channels: []message.Channel{}, Contests: []message.Contest{}, Devices: []message.Device{}, Officers: []message.Officer{},
		Stages: []string{}, Styles: []message.Style{}, Trustees: []message.TrusteeLine{}, Units: []message.Unit{},
		Weights: []uint64{}, Witnesses: []message.WitnessLine{},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A host must not have us knock at doors of its choice.
func TestAHostSendsUsNowhereElse(t *testing.T) {
	knocked := make(chan string, 100)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { knocked <- r.URL.Path }))
	t.Cleanup(other.Close)
	elsewhere := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
	for name, h := range map[string]manage.Hosted{
		"public": {Election: "1", Ports: []manage.RolePort{}, Public: elsewhere},
		"port":   {Election: "1", Ports: []manage.RolePort{{Role: "authority", URL: elsewhere}}, Public: other.URL},
		"odd":    {Election: "1", Ports: []manage.RolePort{}, Public: "file:///etc/passwd"},
		"path":   {Election: "1", Ports: []manage.RolePort{}, Public: other.URL + "/../x"},
		"role":   {Election: "1", Ports: []manage.RolePort{{Role: "../x", URL: other.URL}}, Public: other.URL},
		"nobody": {Election: "1", Ports: []manage.RolePort{{Role: "trustee/-1", URL: other.URL}}, Public: other.URL},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, map[string]any{manage.PathElections: h})
			_, err := target(t, remote.Config{URL: url}).Open(t.Context(), targets.Definition{Draft: draft(t), Seed: "1"})
			if !errors.Is(err, targets.ErrTarget) {
				t.Errorf("%v", err)
			}
			select {
			case path := <-knocked:
				t.Errorf("asked for %s", path)
			default:
			}
		})
	}
}

func TestAnElectionThatIsNotSetUp(t *testing.T) {
	url := serve(t, map[string]any{manage.PathElections: message.Problem{Code: manage.CodeNotSetUp, Detail: "no", Status: 422, Title: "t", Type: "x"}})
	r := target(t, remote.Config{URL: url})
	if _, err := r.Open(t.Context(), targets.Definition{Draft: draft(t)}); !errors.Is(err, targets.ErrSetup) {
		t.Errorf("%v", err)
	}
	if _, err := r.Open(t.Context(), targets.Definition{Draft: []byte("{}")}); !errors.Is(err, targets.ErrSetup) {
		t.Errorf("%v", err)
	}
	if _, err := r.Open(t.Context(), targets.Definition{Draft: draft(t), Announced: "00"}); !errors.Is(err, targets.ErrUnable) {
		t.Errorf("%v", err)
	}
}

// The time for which a target may be attacked can end during a run.
func TestPace(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; _, _ = io.WriteString(w, "x") }))
	t.Cleanup(s.Close)
	over := fmt.Errorf("%w: it is over", targets.ErrUnable)
	e, err := wire.NewPublic(wire.Port{URL: s.URL}, wire.Limits{Pace: func(context.Context) error { return over }}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if _, err := e.Info(t.Context()); !errors.Is(err, over) {
		t.Errorf("%v", err)
	}
	if a, err := e.Submit(t.Context(), "cast", []byte("{}")); err != nil || a.Outcome != targets.Unknown || !strings.Contains(a.Detail, "it is over") {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := e.Race(t.Context(), "cast", [][]byte{[]byte("{}")}, 0); !errors.Is(err, over) {
		t.Errorf("%v", err)
	}
	if asked > 0 {
		t.Errorf("asked %d times", asked)
	}
}

// Whatever scenarios can ask for is described.
func TestAllAbilities(t *testing.T) {
	words := vocabulary.Standard().Names(vocabulary.Abilities)
	for _, a := range words {
		if !slices.Contains(targets.All(), targets.Ability(a)) {
			t.Errorf("targets.All lacks %s", a)
		}
	}
	if len(targets.All()) != len(words) {
		t.Errorf("%d and %d", len(targets.All()), len(words))
	}
}
