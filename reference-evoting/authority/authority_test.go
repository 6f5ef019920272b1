package authority_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/voter"
)

func open(t *testing.T, n int, change func(*message.Manifest), planted ...string) (context.Context, *fixture.Hall) {
	t.Helper()
	m := fixture.Manifest(3)
	if change != nil {
		change(&m)
	}
	h, err := fixture.Open(t.Context(), m, n, planted...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Stop() })
	return t.Context(), h
}

var forOne = voter.Choices{"council": {"option-1"}}

func TestElectionFromEndToEnd(t *testing.T) {
	ctx, h := open(t, 5, nil)
	for i := range 4 {
		choices := voter.Choices{"council": {fmt.Sprintf("option-%d", 1+i%2)}}
		if i == 3 {
			choices = voter.Choices{"council": {message.BlankOption}}
		}
		if _, err := h.Cast(ctx, h.Voter(i), choices); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.CloseAll(ctx); err != nil {
		t.Fatal(err)
	}
	r := h.Trustees[0].State().Result()
	if r == nil || fmt.Sprint(r.Contests[0].Totals) != "[2 1 0 1]" || fmt.Sprint(r.Contests[0].Outcome.Winners) != "[option-1]" {
		t.Fatalf("result: %+v", r)
	}
	if n := h.Trustees[0].State().Counts(); n.Casts != 4 || n.Voters != 4 || n.Rejected != 0 {
		t.Errorf("counts: %+v", n)
	}
}

func TestRevotesReplace(t *testing.T) {
	ctx, h := open(t, 2, nil)
	v := h.Voter(0)
	for _, option := range []string{"option-1", "option-2", "option-3"} {
		p, err := h.Cast(ctx, v, voter.Choices{"council": {option}})
		if err != nil || p.Receipt() == nil {
			t.Fatalf("%s: %v, %+v", option, err, p.Refusal())
		}
	}
	if err := h.CloseAll(ctx); err != nil {
		t.Fatal(err)
	}
	if r := h.Trustees[1].State().Result(); r == nil || fmt.Sprint(r.Contests[0].Totals) != "[0 0 1 0]" {
		t.Fatalf("result: %+v", r)
	}
}

// TestSecondBallotWithoutRevote also checks that the refusal is signed and is
// the same when asked again.
func TestSecondBallotWithoutRevote(t *testing.T) {
	ctx, h := open(t, 2, func(m *message.Manifest) { m.Revote = message.RevoteNone })
	v := h.Voter(0)
	if _, err := h.Cast(ctx, v, forOne); err != nil {
		t.Fatal(err)
	}
	p, err := h.Cast(ctx, v, forOne)
	if err != nil || p.Refusal() == nil || p.Refusal().Reason != message.ReasonNoRevote {
		t.Fatalf("second ballot: %v, %+v", err, p)
	}
}

func TestSameDecisionSameReceipt(t *testing.T) {
	ctx, h := open(t, 2, nil)
	v := h.Voter(0)
	p, err := v.Encrypt(forOne)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authority.Submit(ctx, p.Submission); err != nil {
		t.Fatal(err)
	}
	raw, err := v.Cast(p)
	if err != nil {
		t.Fatal(err)
	}
	answers := make([][]byte, 32)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			a, err := h.Authority.Cast(ctx, raw)
			if err != nil || !a.Accepted {
				t.Errorf("request %d: %v, %s", i, err, a.Bytes)
			}
			answers[i] = a.Bytes
		})
	}
	wg.Wait()
	for i := range answers {
		if string(answers[i]) != string(answers[0]) {
			t.Errorf("request %d got another receipt", i)
		}
	}
	if n := h.Authority.Counts().Casts; n != 1 {
		t.Errorf("%d ballots on the board, want 1", n)
	}
}

// race prepares n ballots of one voter and casts them all at once.
func race(ctx context.Context, t *testing.T, h *fixture.Hall, n int) (accepted int) {
	t.Helper()
	decisions := make([][]byte, n)
	for i := range decisions {
		v := h.Voter(0) // a client of its own each time, so that no one knows of the others
		p, err := v.Encrypt(voter.Choices{"council": {fmt.Sprintf("option-%d", 1+i%3)}})
		if err != nil {
			t.Fatal(err)
		}
		for range i { // clients of one voter draw the same stream: move on
			if p, err = v.Encrypt(voter.Choices{"council": {fmt.Sprintf("option-%d", 1+i%3)}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Authority.Submit(ctx, p.Submission); err != nil {
			t.Fatal(err)
		}
		if decisions[i], err = v.Cast(p); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, raw := range decisions {
		wg.Go(func() {
			a, err := h.Authority.Cast(ctx, raw)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if a.Accepted {
				accepted++
			}
		})
	}
	wg.Wait()
	return accepted
}

func TestConcurrentChildrenOfOnePredecessor(t *testing.T) {
	ctx, h := open(t, 2, nil)
	if n := race(ctx, t, h, 8); n != 1 {
		t.Errorf("%d of 8 were accepted, want 1", n)
	}
}

func TestCheckThenInsertTakesThemAll(t *testing.T) {
	ctx, h := open(t, 2, nil, "weak.cast.checkThenInsert")
	if n := race(ctx, t, h, 8); n != 8 {
		t.Errorf("%d of 8 were accepted under the weakness, want 8", n)
	}
	if err := h.CloseAll(ctx); err != nil {
		t.Fatal(err)
	}
	if r := h.Trustees[0].State().Result(); r == nil || r.Contests[0].Cells[0].Ballots != 8 {
		t.Errorf("result: %+v", r)
	}
}

// TestRestart stops the authority, loses all that its store knew, and starts
// again from the log: receipts are the same, and nothing can be cast twice.
func TestRestart(t *testing.T) {
	ctx, h := open(t, 3, nil)
	v := h.Voter(0)
	p, err := v.Encrypt(forOne)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authority.Submit(ctx, p.Submission); err != nil {
		t.Fatal(err)
	}
	raw, err := v.Cast(p)
	if err != nil {
		t.Fatal(err)
	}
	before, err := h.Authority.Cast(ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	h.Stop()
	h.Store = authority.NewMemoryStore()
	if err := h.Start(ctx); err != nil {
		t.Fatal(err)
	}
	after, err := h.Authority.Cast(ctx, raw)
	if err != nil || string(after.Bytes) != string(before.Bytes) {
		t.Fatalf("after the restart: %v\n%s\n%s", err, before.Bytes, after.Bytes)
	}
	if _, err := h.Authority.Submit(ctx, p.Submission); code(err) != "V-22" {
		t.Errorf("the same ballot again: %v", err)
	}
	if _, err := h.Cast(ctx, h.Voter(1), forOne); err != nil {
		t.Errorf("another voter: %v", err)
	}
}

func code(err error) string {
	var p *authority.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return fmt.Sprint(err)
}

func TestSubmissionsRefused(t *testing.T) {
	ctx, h := open(t, 3, nil)
	v := h.Voter(0)
	honest, err := v.Encrypt(forOne)
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(*message.Submission)) []byte {
		s, err := codec.Decode[message.Submission](honest.Submission, codec.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		f(&s)
		raw, err := codec.Encode(s)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	other := h.Voter(1)
	theirs, err := other.Encrypt(forOne)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"not JSON":        {[]byte("{"), "syntax"},
		"trailing data":   {append(append([]byte{}, honest.Submission...), '{', '}'), "trailing-data"},
		"other election":  {change(func(s *message.Submission) { s.Ballot.Fingerprint[0] ^= 1 }), "bad-signature"},
		"other caster":    {change(func(s *message.Submission) { s.Ballot.Caster.Credential = theirs.Ballot.Caster.Credential }), "bad-signature"},
		"unlisted caster": {change(func(s *message.Submission) { s.Ballot.Caster.Credential = message.Element{1} }), "unknown-credential"},
		"weight":          {change(func(s *message.Submission) { s.Ballot.Weight = 2 }), "bad-signature"},
		"signature":       {change(func(s *message.Submission) { s.Signature.Response[0] ^= 1 }), "bad-signature"},
	} {
		if _, err := h.Authority.Submit(ctx, c.raw); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := h.Authority.Submit(ctx, honest.Submission); err != nil {
		t.Errorf("the honest one: %v", err)
	}
}

func TestDecisionsRefused(t *testing.T) {
	ctx, h := open(t, 3, nil)
	v := h.Voter(0)
	p, err := v.Encrypt(forOne)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := v.Cast(p)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.Authority.Cast(ctx, raw)
	if err != nil || a.Accepted {
		t.Fatalf("a decision on a ballot that was never sent: %v, %s", err, a.Bytes)
	}
	if err := v.Answer(p, a.Bytes); err != nil || p.Refusal().Reason != message.ReasonUnknownTracker {
		t.Errorf("its refusal: %v, %+v", err, p.Refusal())
	}
	d, err := codec.Decode[message.Decision](raw, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	d.Predecessor = p.Tracker.String()
	bent, err := codec.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authority.Cast(ctx, bent); code(err) != "V-24" {
		t.Errorf("a decision changed after signing: %v", err)
	}
}

func TestChallengeUsesTheBallotUp(t *testing.T) {
	ctx, h := open(t, 3, nil)
	v := h.Voter(0)
	p, err := v.Encrypt(forOne)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authority.Submit(ctx, p.Submission); err != nil {
		t.Fatal(err)
	}
	raw, err := v.Challenge(p)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.Authority.Challenge(ctx, raw)
	if err != nil || !a.Accepted {
		t.Fatalf("challenge: %v, %s", err, a.Bytes)
	}
	if err := v.Answer(p, a.Bytes); err != nil {
		t.Fatal(err)
	}
	if err := voter.Audit(h.Trustees[0].State().Voting(), raw, p.Tracker, forOne); err != nil {
		t.Errorf("the opened ballot: %v", err)
	}
	if err := voter.Audit(h.Trustees[0].State().Voting(), raw, p.Tracker, voter.Choices{"council": {"option-2"}}); err == nil {
		t.Error("the opened ballot passed for another choice")
	}
	if _, err := h.Authority.Submit(ctx, p.Submission); code(err) != "V-29" {
		t.Errorf("the challenged ballot again: %v", err)
	}
	if raw, err = v.Cast(p); err != nil {
		t.Fatal(err)
	}
	if a, err = h.Authority.Cast(ctx, raw); err != nil || a.Accepted {
		t.Errorf("the challenged ballot was cast: %v, %s", err, a.Bytes)
	}
}

func TestNothingAfterTheClose(t *testing.T) {
	ctx, h := open(t, 3, nil)
	v := h.Voter(0)
	p, err := v.Encrypt(forOne)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authority.Submit(ctx, p.Submission); err != nil {
		t.Fatal(err)
	}
	if err := h.CloseAll(ctx); err != nil {
		t.Fatal(err)
	}
	raw, err := v.Cast(p)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.Authority.Cast(ctx, raw)
	if err != nil || a.Accepted {
		t.Fatalf("cast after the close: %v, %s", err, a.Bytes)
	}
	if err := v.Answer(p, a.Bytes); err != nil || p.Refusal().Reason != message.ReasonClosed {
		t.Errorf("refusal: %v, %+v", err, p.Refusal())
	}
	if r := h.Trustees[0].State().Result(); r == nil || fmt.Sprint(r.Contests[0].Totals) != "[0 0 0 0]" {
		t.Errorf("result without ballots: %+v", r)
	}
}

func TestWeaknessesAreForTests(t *testing.T) {
	m := fixture.Manifest(2)
	m.Test = false
	if _, err := fixture.Open(t.Context(), m, 2, "weak.cast.checkThenInsert"); err == nil {
		t.Error("a weakness was planted in an election that is no test")
	}
}

// BenchmarkBallot is the authority's work for one ballot of one contest with
// five options: submission and cast, without HTTP and disk.
func BenchmarkBallot(b *testing.B) {
	ctx := b.Context()
	h, err := fixture.Open(ctx, fixture.Manifest(5), 2)
	if err != nil {
		b.Fatal(err)
	}
	defer h.Stop()
	v := h.Voter(0)
	for b.Loop() {
		b.StopTimer()
		p, err := v.Encrypt(forOne)
		if err != nil {
			b.Fatal(err)
		}
		raw, err := v.Cast(p)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := h.Authority.Submit(ctx, p.Submission); err != nil {
			b.Fatal(err)
		}
		a, err := h.Authority.Cast(ctx, raw)
		if err != nil {
			b.Fatal(err)
		}
		if err := v.Answer(p, a.Bytes); err != nil || p.Receipt() == nil {
			b.Fatal(err)
		}
	}
}

// Nobody stops the authority with an entry that names what the board does not
// have, signed or not.
func TestAnEntryWithoutItsChunks(t *testing.T) {
	ctx, h := open(t, 2, nil)
	raw, err := codec.Encode(message.Entry{
		Chunks: []message.Digest{{1}, {2}}, ID: "t1", Role: message.RoleTrustee, Size: message.MaxInline + 1,
		Type: message.TypeConfirm, Version: message.Version,
	})
	if err != nil {
		t.Fatal(err)
	}
	var p *authority.Problem
	if _, err := h.Authority.Append(ctx, raw); !errors.As(err, &p) || p.Code != "V-05" {
		t.Errorf("%v", err)
	}
	if _, err := h.Cast(ctx, h.Voter(0), forOne); err != nil || h.Authority.Err() != nil {
		t.Errorf("after it: %v, %v", err, h.Authority.Err())
	}
}

// fullStore is a ballot box whose disk fills up.
type fullStore struct {
	authority.Store
	full atomic.Bool
}

var errFull = errors.New("no space left")

func (s *fullStore) Failed() error {
	if s.full.Load() {
		return errFull
	}
	return nil
}

func (s *fullStore) PutBody(ctx context.Context, b authority.Body) error {
	s.full.Store(true)
	return errFull
}

// A ballot box that fails ends everything that has to be kept, and nobody gets a
// signed answer.
func TestAFailedBoxTakesNothing(t *testing.T) {
	ctx, h := open(t, 2, nil)
	v := h.Voter(0)
	p, err := v.Encrypt(forOne)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authority.Submit(ctx, p.Submission); err != nil {
		t.Fatal(err)
	}
	h.Stop()
	h.Store = &fullStore{Store: h.Store}
	if err := h.Start(ctx); err != nil {
		t.Fatal(err)
	}
	other, err := h.Voter(1).Encrypt(forOne)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authority.Submit(ctx, other.Submission); !errors.Is(err, authority.ErrFailed) || h.Authority.Err() == nil {
		t.Errorf("a body that cannot be kept: %v, %v", err, h.Authority.Err())
	}
	raw, err := v.Cast(p)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := h.Authority.Cast(ctx, raw); !errors.Is(err, authority.ErrFailed) || a.Bytes != nil {
		t.Errorf("a cast after it: %v, %s", err, a.Bytes)
	}
}
