package liar_test

import (
	"context"
	"errors"
	"testing"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/liar"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// world is an open election of which only the public part and the keys of the
// server matter here.
type world struct {
	election  *scrutineer.Election
	authority scrutineer.Authority
	decision  message.Decision
	request   targets.Request
}

func newWorld(t *testing.T) *world {
	t.Helper()
	seed := scrutineer.NewSeed(1)
	d := scrutineer.Description{Opens: 1, Contests: []message.Contest{scrutineer.Choose("c", 0, 1, false, "a", "b")}}
	keys := d.Keys(seed)
	m, err := d.Manifest(keys.Public())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{authority: scrutineer.Authority{Key: keys.Authority, Board: keys.Board},
		election: &scrutineer.Election{Manifest: &m, Fingerprint: message.Digest{1}}}
	w.decision, err = seed.Credential("v").Decide(w.election.Fingerprint, message.Digest{2}, message.None, seed.Stream("v"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := codec.Encode(w.decision)
	if err != nil {
		t.Fatal(err)
	}
	w.request = targets.Request{Method: "POST", Path: "/v1/casts", Body: body}
	return w
}

func TestDropper(t *testing.T) {
	w := newWorld(t)
	d := &liar.Dropper{Authority: w.authority, Election: w.election, Next: func(context.Context) (uint64, error) { return 17, nil }}
	passed := 0
	next := func(context.Context, targets.Request) (targets.Response, error) {
		passed++
		return targets.Response{Status: 204}, nil
	}
	for i, want := range []struct {
		index  uint64
		signed bool
	}{{0, false}, {17, true}, {17, true}} {
		a, err := d.Answer(context.Background(), w.request, next)
		if err != nil || a.Status != 200 {
			t.Fatalf("%+v %v", a, err)
		}
		r, err := codec.Decode[message.Receipt](a.Body, codec.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if signed := scrutineer.CheckReceipt(w.election.Manifest, r) == nil; signed != want.signed || r.Index != want.index || r.Tracker != w.decision.Tracker {
			t.Errorf("answer %d: signed %t, %+v", i+1, signed, r)
		}
	}
	if passed != 0 {
		t.Error("a decision went through")
	}
	for _, r := range []targets.Request{
		{Method: "POST", Path: "/v1/ballots", Body: w.request.Body}, {Method: "GET", Path: "/v1/casts"},
		{Method: "POST", Path: "/v1/casts", Body: []byte(`{"no":"decision"}`)},
	} {
		if a, err := d.Answer(context.Background(), r, next); err != nil || a.Status != 204 {
			t.Errorf("%s %s: %+v %v", r.Method, r.Path, a, err)
		}
	}
	if passed != 3 {
		t.Errorf("%d requests went through", passed)
	}
}

func TestDropperWithoutIndex(t *testing.T) {
	w := newWorld(t)
	gone := errors.New("gone")
	d := &liar.Dropper{Authority: w.authority, Election: w.election, Next: func(context.Context) (uint64, error) { return 0, gone }}
	if _, err := d.Answer(context.Background(), w.request, nil); !errors.Is(err, gone) {
		t.Error(err)
	}
}

func TestForgetful(t *testing.T) {
	w := newWorld(t)
	f := &liar.Forgetful{}
	passed := 0
	next := func(context.Context, targets.Request) (targets.Response, error) {
		passed++
		return targets.Response{Status: 200}, nil
	}
	f.Lose(w.decision.Tracker.String())
	for i, lost := range []bool{true, false, false} {
		_, err := f.Answer(context.Background(), w.request, next)
		if errors.Is(err, liar.ErrLost) != lost {
			t.Errorf("answer %d: %v", i+1, err)
		}
	}
	if passed != 3 {
		t.Errorf("%d decisions arrived: only answers get lost", passed)
	}
}
