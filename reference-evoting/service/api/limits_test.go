package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/admission"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/service/web"
)

func chunkName(text string) string {
	return message.Digest(board.ChunkDigest([]byte(text))).String()
}

func code(err error) string {
	var p *client.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// field is a stage whose authority listens on the loopback, with the limits of
// the field.
func field(t *testing.T, change ...func(*api.Limits)) *rolestest.Stage {
	s := rolestest.New(t)
	s.Sockets, s.Limits = true, api.Limits{}
	for _, f := range change {
		f(&s.Limits)
	}
	return s
}

// What nobody vouches for is paid for afterwards, what is anonymous at once, and
// by the same source.
func TestASourceThatSendsJunkIsTurnedAway(t *testing.T) {
	s := field(t, func(l *api.Limits) { l.Admission = admission.Limits{PerSecond: 0.001, Burst: 3} })
	s.Authority()
	c := s.Client()
	if err := c.Ready(s.Ctx); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"missing", "missing", web.CodeTooMany, web.CodeTooMany} {
		if _, err := c.Submit(s.Ctx, []byte("{}")); code(err) != want {
			t.Errorf("submission %d: %v, want %s", i, err, want)
		}
	}
	if _, err := c.Cast(s.Ctx, []byte("{}")); code(err) != web.CodeTooMany {
		t.Errorf("a cast: %v", err)
	}
	if err := c.Ready(s.Ctx); code(err) != web.CodeTooMany {
		t.Errorf("a look: %v", err)
	}
}

// The limits that are not those of the field are told on the management port.
func TestOpenLimitsAreSaid(t *testing.T) {
	s := rolestest.New(t)
	s.Authority()
	if st := rolestest.Ask[manage.Status](s, "authority", http.MethodGet, manage.PathStatus, nil); len(st.Limits) != 7 {
		t.Errorf("%q", st.Limits)
	}
	s.End("authority")
	s.Limits = api.Limits{}
	s.Authority()
	if st := rolestest.Ask[manage.Status](s, "authority", http.MethodGet, manage.PathStatus, nil); len(st.Limits) != 0 {
		t.Errorf("%q", st.Limits)
	}
}

// A refusal says when to ask again, and a counter of its own counts it.
func TestRefusalsAreCountedAndSayWhen(t *testing.T) {
	s := field(t, func(l *api.Limits) { l.Admission = admission.Limits{PerSecond: 0.5, Burst: 1} })
	s.Authority()
	transport := &http.Transport{DialContext: s.Dial}
	defer transport.CloseIdleConnections()
	get := func(path string) (*http.Response, string) {
		r, err := (&http.Client{Transport: transport}).Get("http://authority" + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r, string(b)
	}
	get("/healthz")
	if r, _ := get("/healthz"); r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "2" {
		t.Errorf("%s, Retry-After %q", r.Status, r.Header.Get("Retry-After"))
	}
	if _, text := get("/metrics"); !strings.Contains(text, `scrutineer_anomalies_total{rule="source-rate"} 1`) {
		t.Error("nothing was counted")
	}
}

func TestLongPollsHaveALimit(t *testing.T) {
	s := rolestest.New(t)
	s.Limits.Waiting = 1
	s.Authority()
	ctx, cancel := context.WithCancel(s.Ctx)
	c := s.Client()
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil { // the place may be taken by who looks below
			_, _ = c.AwaitPending(ctx, 1000)
		}
	})
	for {
		_, err := c.AwaitPending(s.Ctx, 1) // the manifest is there: no waiting
		if code(err) == web.CodeBusy {
			break
		}
		if err != nil || s.Ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	cancel()
	wg.Wait()
}

func TestShutdownLeavesNobodyHanging(t *testing.T) {
	s := rolestest.New(t)
	s.Authority()
	c := s.Client()
	if err := c.Ready(s.Ctx); err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error, 1)
	asking := make(chan struct{})
	slow := &http.Transport{DialContext: s.Dial}
	defer slow.CloseIdleConnections()
	poll, err := client.New(client.Config{URL: "http://pipe", Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		close(asking)
		return slow.RoundTrip(r)
	})})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := poll.AwaitPending(s.Ctx, 1000)
		waiting <- err
	}()
	<-asking
	begin := time.Now()
	s.End("authority")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if err := <-waiting; err == nil {
		t.Error("a long poll was answered")
	}
	if err := c.Ready(s.Ctx); err == nil {
		t.Error("somebody still answers")
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
