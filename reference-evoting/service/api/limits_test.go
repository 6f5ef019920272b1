package api_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"scrutineer/protocols/message"
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

func TestRatesAreOfTheirClassAlone(t *testing.T) {
	s := rolestest.New(t)
	s.Limits.Submit = api.Pair{Source: api.Rate{PerSecond: 0.001, Burst: 2}}
	s.Authority()
	c := s.Client()
	for i, want := range []string{"missing", "missing", web.CodeTooMany, web.CodeTooMany} {
		if _, err := c.Submit(s.Ctx, []byte("{}")); code(err) != want {
			t.Errorf("submission %d: %v, want %s", i, err, want)
		}
	}
	if _, err := c.Cast(s.Ctx, []byte("{}")); code(err) != "missing" {
		t.Errorf("a cast is held back with the submissions: %v", err)
	}
	if err := c.Ready(s.Ctx); err != nil {
		t.Error(err)
	}
}

func TestAllTogetherHaveALimit(t *testing.T) {
	s := rolestest.New(t)
	s.Limits.Decide = api.Pair{Source: api.Rate{PerSecond: -1}, All: api.Rate{PerSecond: 0.001, Burst: 1}}
	s.Authority()
	c := s.Client()
	for i, want := range []string{"missing", web.CodeTooMany} {
		if _, err := c.Cast(s.Ctx, []byte("{}")); code(err) != want {
			t.Errorf("cast %d: %v, want %s", i, err, want)
		}
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

// The defaults are for many honest clients behind one address.
func TestDefaultsAreGenerous(t *testing.T) {
	s := rolestest.New(t)
	s.Authority()
	c := s.Client()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range 20 {
				if _, err := c.Submit(s.Ctx, []byte("{}")); code(err) != "missing" {
					t.Errorf("%v", err)
					return
				}
			}
		})
	}
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
