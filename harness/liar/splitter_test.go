package liar_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/liar"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/targets"
)

func get(from, path string) targets.Request {
	return targets.Request{From: from, Method: "GET", Path: path}
}

// The voting client sees its own board from the voter's decision on, also in a
// poll that was under way; everybody else the real one.
func TestSplitter(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w := newWorld(t)
	key := message.Element{5}
	request, b := submission(t, key, "mine")
	s := &liar.Splitter{Authority: w.authority, Election: w.election, Voter: key,
		Standing: func(context.Context) ([][]byte, error) { return [][]byte{[]byte("manifest"), []byte("open")}, nil }}
	next := func(ctx context.Context, r targets.Request) (targets.Response, error) {
		if strings.HasPrefix(r.Path, "/v1/wait?") {
			<-ctx.Done() // the real board does not grow
			return targets.Response{}, ctx.Err()
		}
		return targets.Response{Status: 404}, nil
	}
	if a, err := s.Answer(ctx, get("voter", "/checkpoint"), next); err != nil || a.Status != 404 {
		t.Errorf("before the boards part: %+v %v", a, err)
	}
	polled := make(chan targets.Response, 1)
	go func() {
		a, err := s.Answer(ctx, get("voter", "/v1/wait?head=cosigned&size=3"), next)
		if err != nil {
			t.Error(err)
		}
		polled <- a
	}()
	if err := s.Ready(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Answer(ctx, request, next); err != nil {
		t.Fatal(err)
	}
	d := message.Decision{Credential: key, Predecessor: message.None, Tracker: transcript.Tracker(&b)}
	a, err := s.Answer(ctx, casting(t, d), next)
	if err != nil {
		t.Fatal(err)
	}
	r, err := codec.Decode[message.Receipt](a.Body, codec.Limits{})
	if err != nil || r.Index != 2 || scrutineer.CheckReceipt(w.election.Manifest, r) != nil {
		t.Errorf("%+v %v", r, err)
	}
	head := <-polled
	c, err := scrutineer.OpenBoardHead(w.election.Manifest, head.Body)
	if err != nil || c.Size != 3 {
		t.Errorf("the poll got a head of %d: %v", c.Size, err)
	}
	for _, path := range []string{"/checkpoint", "/tile/entries/000.p/3", "/tile/0/000.p/3"} {
		if a, err := s.Answer(ctx, get("voter", path), next); err != nil || a.Status != 200 || len(a.Body) == 0 {
			t.Errorf("%s: %+v %v", path, a, err)
		}
		if a, err := s.Answer(ctx, get("trustee/1", path), next); err != nil || a.Status != 404 {
			t.Errorf("%s for a trustee: %+v %v", path, a, err)
		}
	}
	if again, err := s.Answer(ctx, casting(t, d), next); err != nil || string(again.Body) != string(a.Body) {
		t.Errorf("asked again: %v", err)
	}
}

// A witness who is shown the other board puts its line on that head.
func TestSplitterWitness(t *testing.T) {
	w := newWorld(t)
	key := message.Element{5}
	request, b := submission(t, key, "mine")
	s := &liar.Splitter{Authority: w.authority, Election: w.election, Voter: key, Witness: "witness/w1", Unsigned: true,
		Standing: func(context.Context) ([][]byte, error) { return [][]byte{[]byte("manifest")}, nil }}
	next := func(context.Context, targets.Request) (targets.Response, error) {
		return targets.Response{Status: 404}, nil
	}
	ctx := t.Context()
	for _, r := range []targets.Request{request, casting(t, message.Decision{Credential: key, Predecessor: message.None, Tracker: transcript.Tracker(&b)})} {
		if _, err := s.Answer(ctx, r, next); err != nil {
			t.Fatal(err)
		}
	}
	a, err := s.Answer(ctx, get("witness/w1", "/v1/wait?head=pending&size=2"), next)
	if err != nil || a.Status != 200 {
		t.Fatalf("%+v %v", a, err)
	}
	if _, err := scrutineer.OpenBoardHead(w.election.Manifest, a.Body); !errors.Is(err, scrutineer.ErrCheckpoint) {
		t.Errorf("it was to be unsigned: %v", err)
	}
	line := append(a.Body, "— w1 AAAA\n"...)
	post := targets.Request{From: "witness/w1", Method: "POST", Path: "/v1/cosignatures", Body: line}
	if a, err := s.Answer(ctx, post, next); err != nil || a.Status != 202 {
		t.Errorf("%+v %v", a, err)
	}
	if a, err := s.Answer(ctx, get("voter", "/checkpoint"), next); err != nil || string(a.Body) != string(line) {
		t.Errorf("the cosigned head: %s %v", a.Body, err)
	}
	late, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	if err := s.Ready(late, 9); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
