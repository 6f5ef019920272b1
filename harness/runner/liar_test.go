package runner_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"scrutineer/harness/action"
	"scrutineer/harness/runner"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets/remote"
	"scrutineer/targets/wire"
)

// words are what a hostile target puts where text belongs.
const words = "<script>alert(1)</script> \x1b[2J\x1b]0;owned\x07 ../../../../etc/passwd \u202e"

// answers are a host's and its elections': by path, where they are valid.
func answers(at string) map[string]any {
	var ports []manage.RolePort
	for _, role := range []string{"authority", "registrar", "voter", "auditor", "trustee/1", "trustee/2", "trustee/3", "witness/w1", "witness/w2", "witness/w3"} {
		ports = append(ports, manage.RolePort{Role: role, URL: at})
	}
	found := []manage.Finding{{Role: words, Check: words, Culprit: words, Detail: words, ThirdParty: true, Evidence: map[string]codec.HexBytes{"../../receipt": {1}, "receipt": []byte("{}")}}}
	done := manage.Answer{Outcome: manage.OutcomeOK, Status: 200, Body: []byte("<html>"), Code: words, Detail: words}
	return map[string]any{
		manage.PathHost: manage.Host{Name: words, Version: words, Dialect: "scrutineer", Test: true, Lacks: []manage.Lack{{Ability: "inspect", Why: words}}, Abilities: []string{
			"ceremony", "open", "submit", "board", "close", "tally", "publish", "client", "trustee", "witness", "verify", "insider", "front"}},
		manage.PathElections: manage.Hosted{Election: "../" + words, Ports: ports, Public: at},
		manage.PathEnd:       map[string]string{},
		"/v1/status":         message.Status{Phase: message.PhaseVoting, Size: 3, Fingerprint: message.Digest{1}, SetupID: message.Digest{2}},
		manage.PathStatus:    manage.Status{Fault: words, Phase: message.PhaseVoting, Planted: []string{}, Role: "trustee", Fingerprint: message.Digest{1}},
		manage.PathHistory:   manage.History{Ballots: []manage.Ballot{}},
		manage.PathEncrypt:   manage.Encrypted{Handle: "../../x", Tracker: message.Digest{7}},
		manage.PathCast:      done, manage.PathChallenge: done,
		manage.PathCheck:   manage.Checked{Findings: found, Size: 3},
		manage.PathDecrypt: manage.Decrypted{Answer: done, Findings: found}, manage.PathFindings: manage.Findings{Findings: found},
		manage.PathVerify:      manage.Verdict{Findings: found},
		manage.PathCredentials: manage.Credentials{Voters: []manage.Credential{}},
		manage.PathKeys:        manage.Keys{Keys: []manage.Key{{Role: "board"}, {Role: "authority"}}},
		manage.PathClose:       message.Appended{}, manage.PathImport: manage.Imported{Size: 1_000_000_000},
		"/v1/ballots": map[string]string{"x": words}, "/v1/casts": map[string]string{"x": words}, "/v1/entries": message.Appended{Index: 1_000_000_000},
	}
}

// mood is how a hostile target answers once an election is said to be open.
type mood func(w http.ResponseWriter, r *http.Request, valid map[string]any)

func reply(w http.ResponseWriter, v any) {
	raw, err := codec.Encode(v)
	if err != nil {
		raw, _ = json.Marshal(v) // what is not strict is what is wanted
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(raw)
}

func polite(w http.ResponseWriter, r *http.Request, valid map[string]any) {
	switch v, ok := valid[r.URL.Path]; {
	case ok:
		reply(w, v)
	case r.URL.Path == "/checkpoint" || r.URL.Path == "/v1/wait":
		size := max("3", r.URL.Query().Get("size"))
		fmt.Fprintf(w, "%s\n%s\nAAAA\n\n— x y\n", strings.ReplaceAll(words, "\n", ""), size)
	default:
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		raw, _ := codec.Encode(message.Problem{Code: words, Detail: words, Status: 404, Title: words, Type: words})
		_, _ = w.Write(raw)
	}
}

// after answers set-up and status as they should be, and all else in its mood.
func after(m mood) mood {
	return func(w http.ResponseWriter, r *http.Request, valid map[string]any) {
		switch r.URL.Path {
		case "/v1/status", "/v1/wait":
			polite(w, r, valid)
		default:
			m(w, r, valid)
		}
	}
}

func moods() map[string]mood {
	page := func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>"+words)
	}
	hang := func(_ http.ResponseWriter, r *http.Request, _ map[string]any) { <-r.Context().Done() }
	endless := func(w http.ResponseWriter, r *http.Request, _ map[string]any) {
		w.Header().Set("Content-Type", "application/json")
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("[", 1<<14)); err != nil {
				return
			}
		}
	}
	reset := func(http.ResponseWriter, *http.Request, map[string]any) { panic(http.ErrAbortHandler) }
	types := func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		reply(w, map[string]any{"findings": "none", "ballots": 7, "voters": map[string]any{"a": nil}, "size": "many", "handle": []string{words}})
	}
	crowd := func(w http.ResponseWriter, r *http.Request, valid map[string]any) {
		many := maps.Clone(valid)
		many["/v1/status"] = message.Status{Phase: message.PhaseVoting, Size: 1_000_000_000, Fingerprint: message.Digest{1}}
		if strings.HasPrefix(r.URL.Path, "/tile/") {
			_, _ = w.Write(make([]byte, 1<<16))
			return
		}
		polite(w, r, many)
	}
	shut := func(w http.ResponseWriter, r *http.Request, valid map[string]any) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusServiceUnavailable)
		reply(w, message.Problem{Code: words, Detail: words, Status: 503, Title: words, Type: words})
	}
	return map[string]mood{
		"says yes to everything": polite, "announces a billion entries": crowd,
		"answers pages": page, "answers pages once open": after(page), "hangs once open": after(hang), "never ends once open": after(endless),
		"resets": reset, "resets once open": after(reset), "has other types once open": after(types), "is shut once open": after(shut),
	}
}

// A whole run against a target that lies throughout ends in time, judges
// nothing prevented and nothing detected, is not our own bug, writes nothing
// where it does not belong, and leaves nothing behind.
func TestLyingTargets(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	t.Run("all", func(t *testing.T) {
		for name, m := range moods() {
			t.Run(name, func(t *testing.T) { t.Parallel(); lied(t, m) })
		}
	})
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines+2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, at first there were %d", runtime.NumGoroutine(), goroutines)
		}
	}
}

func lied(t *testing.T, m mood) {
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		valid := answers(s.URL)
		switch r.URL.Path {
		case manage.PathHost, manage.PathElections:
			polite(w, r, valid)
		default:
			m(w, r, valid)
		}
	}))
	defer s.Close()
	defer s.CloseClientConnections()
	target, err := remote.New(remote.Config{URL: s.URL, Limits: wire.Limits{Request: 300 * time.Millisecond, Poll: 300 * time.Millisecond, Await: time.Second, Stall: 300 * time.Millisecond, Bytes: 8 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	cfg := config(t, target, "A03", "C11", "D03", "E08")
	cfg.Limits = action.Limits{Step: 3 * time.Second, Patience: time.Second}
	cfg.Deadline = 6 * time.Second
	cfg.Only = func(id, sub string) bool {
		return slices.Contains([]string{"A03/pair", "C11/two", "D03/index-reused", "E08/junk-proof"}, id+"/"+sub)
	}
	cfg.Jobs = func(bool) []runner.Job { return runner.Runs(cfg.Scenarios, cfg.Only, false) }
	began := time.Now()
	sum := run(t, cfg)
	if took := time.Since(began); took > 40*time.Second {
		t.Errorf("it took %s", took)
	}
	contained(t, cfg.Out)
	count := map[string]int{}
	for _, v := range sum.Verdicts {
		count[string(v.Judgement)]++
	}
	t.Logf("verdicts %v, problems %d, exit %d after %s", count, len(sum.Problems), sum.Finished.ExitCode, time.Since(began).Round(time.Millisecond))
	if len(sum.Verdicts)+len(sum.Problems) < 8 {
		t.Errorf("%d verdicts, %d problems", len(sum.Verdicts), len(sum.Problems))
	}
	for _, v := range sum.Verdicts {
		if v.Judgement == event.Prevented || v.Judgement == event.Detected || v.Judgement == event.Clean {
			t.Errorf("%s/%s %s: %s, %s", v.Scenario, v.SubCase, v.Run, v.Judgement, v.Summary)
		}
		for _, a := range v.Alarms {
			if a.ThirdParty {
				t.Errorf("the target's word is taken for evidence: %.200v", a)
			}
		}
	}
	for _, p := range sum.Problems {
		if p.Origin != event.TargetError {
			t.Errorf("%s: %s", p.Origin, p.Message)
		}
	}
	if sum.Finished.ExitCode == runner.Passed || sum.Finished.ExitCode == runner.OwnBug {
		t.Errorf("%+v", sum.Finished)
	}
}
