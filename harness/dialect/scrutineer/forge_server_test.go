package scrutineer

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

func TestClash(t *testing.T) {
	for _, revote := range []bool{false, true} {
		w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("u", "w")})
		e, u, v := w.view.Election, w.voter("u"), w.voter("w")
		if revote {
			w.vote(v, Choices{"c": {"b"}})
		}
		shown, err := u.Prepare(Choices{"c": {"a"}})
		w.must(err)
		clash, err := e.ForgeClash(shown, v.Credential, v.Line, Choices{"c": {"b"}}, w.view.HeadOf(v.Credential.Key), v.Random)
		w.must(err)
		// U's cast, honest, at index i; W is promised the same index.
		ticket, _, err := u.Cast(shown, message.None)
		w.must(err)
		index := w.view.Size()
		w.answer(u, ticket, index)
		w.post(w.authority.Cast(e, shown.Ballot, *ticket.Decision))
		hers, err := clash.Ticket()
		w.must(err)
		v.History = append(v.History, hers)
		promise, err := clash.Promise(w.authority, e, index)
		w.must(err)
		w.must(v.Answer(hers, promise))
		w.post(w.authority.Cast(e, clash.Instead.Ballot, clash.Real))

		w.must(w.view.Sound()) // the board is without fault
		w.must(u.Check(w.view))
		var alarm *Alarm
		if err := v.Check(w.view); !errors.As(err, &alarm) || !alarm.Provable || alarm.Receipt == nil {
			t.Errorf("W's sound check: %v", err)
		} else if w.must(CheckReceipt(&w.manifest, *alarm.Receipt)); alarm.Found.Decision.Credential != u.Credential.Key {
			t.Error("the evidence does not show U's entry")
		}
		w.must(weakVoterCheck(u, w.view, true, true))
		w.must(weakVoterCheck(v, w.view, true, true))
		if weakVoterCheck(v, w.view, true, false) == nil || weakVoterCheck(v, w.view, false, true) == nil {
			t.Error("one weakness alone is enough")
		}
		// Both wanted a, and one of them is counted for b.
		w.closeAndSeal()
		w.rounds(w.trustees...)
		got, err := w.view.Totals("c", "main", 10)
		w.must(err)
		if !slices.Equal(got, []uint64{1, 1}) {
			t.Errorf("totals %v", got)
		}
	}
}

func TestRace(t *testing.T) {
	for _, n := range []int{2, 64} {
		w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("m", "u")})
		m, u := w.voter("m"), w.voter("u")
		w.vote(u, Choices{"c": {"b"}})
		racers, err := m.Siblings(n, Choices{"c": {"a"}}, message.None)
		w.must(err)
		for i, r := range racers {
			p, err := w.authority.Cast(w.view.Election, r.Ticket.Prepared.Ballot, *r.Ticket.Decision)
			w.must(err)
			if err := w.add(p); (err == nil) != (i == 0) {
				t.Fatalf("child %d: %v", i, err)
			}
			if i > 0 {
				w.wantFaults("V-26")
			}
		}
		if got := len(w.view.CountedSet()); got != 2 {
			t.Errorf("the sound rule counts %d", got)
		}
		counted := weakLeaves(w.view.Ballots, message.RevoteLastCounts)
		if got := w.logarithms(w.weaklyCounted("c", counted...)); !slices.Equal(got, []uint64{uint64(n), 1}) {
			t.Errorf("the weak rule counts %v", got)
		}
	}
}

func TestLeavesOfHonestChains(t *testing.T) {
	w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("m", "u")})
	m := w.voter("m")
	for range 3 {
		w.vote(m, Choices{"c": {"a"}})
	}
	w.vote(w.voter("u"), Choices{"c": {"b"}})
	if got, want := weakLeaves(w.view.Ballots, message.RevoteLastCounts), w.view.CountedSet(); len(got) != 2 || len(want) != 2 ||
		got[0].Contests[0].Selections[0].Alpha != want[0].Contests[0].Selections[0].Alpha {
		t.Errorf("weak %d, sound %d", len(got), len(want))
	}
}

// One decision, sent often, is one decision, however it is signed.
func TestTwins(t *testing.T) {
	w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a")}, Voters: voters("m")})
	for _, anew := range []bool{false, true} {
		racers, err := w.voter("m").Twins(5, Choices{"c": {"a"}}, message.None, anew)
		w.must(err)
		for _, r := range racers[1:] {
			d, err := codec.Decode[message.Decision](r.Decision, codec.Limits{})
			w.must(err)
			hd, err := DecisionDigest(d)
			w.must(err)
			if hd != racers[0].Ticket.Digest || bytes.Equal(r.Decision, racers[0].Decision) == anew {
				t.Error("not the same decision, or not as many bytes as asked for")
			}
			w.must(CheckDecision(w.view.Election.Fingerprint, d))
		}
	}
	if _, err := w.voter("m").Siblings(65, Choices{}, message.None); err == nil {
		t.Error("65 requests")
	}
}

func TestDrop(t *testing.T) {
	w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("v", "u")})
	e, v := w.view.Election, w.voter("v")
	p, err := v.Prepare(Choices{"c": {"a"}})
	w.must(err)
	ticket, _, err := v.Cast(p, message.None)
	w.must(err)
	bare, err := w.authority.Drop(AckBare, e, *ticket.Decision, w.view.Size())
	w.must(err)
	if err := v.Answer(ticket, bare); !errors.Is(err, ErrReceipt) || ticket.Outcome != Unknown {
		t.Errorf("a bare acknowledgement: %v", err)
	}
	// noPromise takes any answer that names what was sent.
	r, err := codec.Decode[message.Receipt](bare, codec.Limits{})
	w.must(err)
	if r.Decision != ticket.Digest || r.Tracker != p.Tracker || r.Credential != v.Credential.Key {
		t.Error("the bare acknowledgement does not name the decision")
	}
	promise, err := w.authority.Drop(AckPromise, e, *ticket.Decision, w.view.Size())
	w.must(err)
	w.must(v.Answer(ticket, promise))
	if err := v.Check(w.view); !errors.Is(err, ErrNotCosigned) {
		t.Errorf("before the head: %v", err)
	}
	u := w.voter("u")
	w.vote(u, Choices{"c": {"b"}}) // gets the index
	w.must(u.Check(w.view))
	w.must(w.view.Sound())
	var alarm *Alarm
	if err := v.Check(w.view); !errors.As(err, &alarm) || !alarm.Provable {
		t.Fatalf("V's check: %v", err)
	}
	// The evidence alone convinces: signed promise, head, entry.
	w.must(CheckReceipt(&w.manifest, *alarm.Receipt))
	if _, err := OpenCheckpoint(&w.manifest, alarm.Head); err != nil || alarm.Found.Decision.Credential == alarm.Receipt.Credential {
		t.Errorf("evidence: %v", err)
	}
}
