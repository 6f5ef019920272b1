package liar_test

import (
	"context"
	"errors"
	"testing"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/liar"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/targets"
)

// submission is a request that hands in a ballot of a caster; proofs do not
// matter to a liar.
func submission(t *testing.T, caster message.Element, style string) (targets.Request, message.Ballot) {
	t.Helper()
	b := message.Ballot{Caster: message.Caster{Credential: caster}, Contests: []message.BallotContest{}, Style: style, Unit: "main", Weight: 1}
	raw, err := codec.Encode(message.Submission{Ballot: b})
	if err != nil {
		t.Fatal(err)
	}
	return targets.Request{Method: "POST", Path: "/v1/ballots", Body: raw}, b
}

func casting(t *testing.T, d message.Decision) targets.Request {
	t.Helper()
	raw, err := codec.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	return targets.Request{Method: "POST", Path: "/v1/casts", Body: raw}
}

func TestSubstituter(t *testing.T) {
	w := newWorld(t)
	request, b := submission(t, message.Element{5}, "mine")
	other := b
	other.Style = "other"
	tracker := message.Digest(transcript.Tracker(&other))
	var written []scrutineer.Parcel
	s := &liar.Substituter{Authority: w.authority, Election: w.election,
		Forge: func(*message.Ballot) (*scrutineer.Prepared, error) {
			return &scrutineer.Prepared{Ballot: other, Tracker: tracker}, nil
		},
		Write: func(_ context.Context, p scrutineer.Parcel) (uint64, error) {
			written = append(written, p)
			return 31, nil
		}}
	passed := 0
	next := func(context.Context, targets.Request) (targets.Response, error) {
		passed++
		return targets.Response{Status: 204}, nil
	}
	a, err := s.Answer(t.Context(), request, next)
	if err != nil || passed != 0 {
		t.Fatal(err, passed)
	}
	named, err := codec.Decode[message.Accepted](a.Body, codec.Limits{})
	if err != nil || named.Tracker != tracker {
		t.Fatalf("%+v %v", named, err)
	}
	d := message.Decision{Credential: message.Element{5}, Predecessor: message.None, Tracker: tracker}
	for range 2 { // asked again, it writes nothing again
		a, err = s.Answer(t.Context(), casting(t, d), next)
		if err != nil {
			t.Fatal(err)
		}
		r, err := codec.Decode[message.Receipt](a.Body, codec.Limits{})
		if err != nil || r.Index != 31 || scrutineer.CheckReceipt(w.election.Manifest, r) != nil {
			t.Errorf("%+v %v", r, err)
		}
	}
	if len(written) != 1 {
		t.Errorf("%d entries written", len(written))
	}
	d.Tracker = message.Digest{9}
	if _, err := s.Answer(t.Context(), casting(t, d), next); err != nil || passed != 1 {
		t.Errorf("a stranger's decision: %v, %d passed", err, passed)
	}
}

func TestSubstituterWithoutItsOwn(t *testing.T) {
	w := newWorld(t)
	request, b := submission(t, message.Element{5}, "mine")
	moved := b
	moved.Unit = "south"
	s := &liar.Substituter{Authority: w.authority, Election: w.election, Forge: func(*message.Ballot) (*scrutineer.Prepared, error) {
		return &scrutineer.Prepared{Ballot: moved, Tracker: transcript.Tracker(&moved)}, nil
	}}
	a, err := s.Answer(t.Context(), request, nil)
	if err != nil {
		t.Fatal(err)
	}
	named, err := codec.Decode[message.Accepted](a.Body, codec.Limits{})
	if err != nil || named.Tracker != (message.Digest{}) {
		t.Errorf("a ballot in another box needs no tracker of its own: %+v %v", named, err)
	}
	gone := errors.New("gone")
	s.Forge = func(*message.Ballot) (*scrutineer.Prepared, error) { return nil, gone }
	if _, err := s.Answer(t.Context(), request, nil); !errors.Is(err, gone) {
		t.Error(err)
	}
}

func TestCourier(t *testing.T) {
	key := message.Element{5}
	request, b := submission(t, key, "first")
	first := message.Decision{Credential: key, Predecessor: message.None, Tracker: transcript.Tracker(&b)}
	second := message.Decision{Credential: key, Predecessor: message.None, Tracker: message.Digest{2}}
	for _, x := range []struct {
		name           string
		hold, overtake bool
		lost           bool
		arrive         []message.Digest
	}{
		{"keeps copies", false, false, false, []message.Digest{first.Tracker, second.Tracker}},
		{"holds the first back", true, false, true, []message.Digest{second.Tracker}},
		{"has it overtaken", true, true, true, []message.Digest{second.Tracker, first.Tracker}},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := &liar.Courier{Voter: key, Hold: x.hold, Overtake: x.overtake}
			var arrived []message.Digest
			next := func(_ context.Context, r targets.Request) (targets.Response, error) {
				if d, err := codec.Decode[message.Decision](r.Body, codec.Limits{}); err == nil {
					arrived = append(arrived, d.Tracker)
				}
				return targets.Response{Status: 200, Body: []byte("{}")}, nil
			}
			if _, err := c.Answer(t.Context(), request, next); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Answer(t.Context(), casting(t, first), next); errors.Is(err, liar.ErrLost) != x.lost {
				t.Error(err)
			}
			if _, err := c.Answer(t.Context(), casting(t, second), next); err != nil {
				t.Error(err)
			}
			if len(arrived) != len(x.arrive) || arrived[len(arrived)-1] != x.arrive[len(x.arrive)-1] {
				t.Errorf("%v arrived", arrived)
			}
			if _, late := c.Late(); late != x.overtake {
				t.Errorf("late: %t", late)
			}
			body, _, d, ok := c.First()
			if !ok || d != first || string(body) != string(request.Body) {
				t.Errorf("the copy is of %v", d.Tracker)
			}
		})
	}
	if _, _, _, ok := new(liar.Courier).First(); ok {
		t.Error("a copy of nothing")
	}
}
