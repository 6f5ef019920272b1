package verify_test

import (
	"context"
	"crypto/ed25519"
	"slices"
	"testing"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// opened is a board with a sound opening.
func opened(t *testing.T) (*testelection.Election, *verify.Setup) {
	t.Helper()
	e := testelection.New(testelection.Small())
	e.Setup()
	setup, findings, err := verify.OpenSetup(record.Slice(e.Entries()), nil)
	if err != nil || len(findings) > 0 || setup == nil {
		t.Fatalf("%v, %v", findings, err)
	}
	if setup.Fingerprint() != e.Fingerprint || setup.ElectionKey() != e.ElectionKey || setup.SetupID() != e.SetupID {
		t.Fatal("another setup")
	}
	return e, setup
}

func TestSingleBallots(t *testing.T) {
	e, setup := opened(t)
	x := e.EncryptBallot(3, [][]int{{1}})
	cast := &message.Cast{Ballot: x.Ballot, Decision: e.Decide(3, &x.Ballot, message.None)}
	if f := setup.CheckCast(cast); len(f) > 0 {
		t.Errorf("an honest ballot: %+v", f)
	}
	if f := setup.CheckChallenge(e.Challenge(x)); len(f) > 0 {
		t.Errorf("an honest challenge: %+v", f)
	}
	for name, c := range map[string]struct {
		change func(c *message.Cast)
		want   verify.Check
	}{
		"two votes": {func(c *message.Cast) {
			y := e.EncryptBallot(3, [][]int{{0, 1}})
			*c = message.Cast{Ballot: y.Ballot, Decision: e.Decide(3, &y.Ballot, message.None)}
		}, verify.Sums},
		"another's":   {func(c *message.Cast) { c.Decision = e.Decide(5, &c.Ballot, message.None) }, verify.Caster},
		"unlisted":    {func(c *message.Cast) { c.Decision.Credential = e.ElectionKey }, verify.Eligibility},
		"heavier":     {func(c *message.Cast) { c.Ballot.Weight = 2 }, verify.Eligibility},
		"no contests": {func(c *message.Cast) { c.Ballot.Contests = nil }, verify.BallotShape},
	} {
		changed := *cast
		c.change(&changed)
		f := setup.CheckCast(&changed)
		if !slices.ContainsFunc(f, func(f verify.Finding) bool { return f.Check == c.want }) {
			t.Errorf("%s: %+v, want %s", name, f, c.want)
		}
	}
}

func TestSetupWithoutCredentials(t *testing.T) {
	e, _ := opened(t)
	setup, ok := verify.NewSetup(&e.Manifest, e.Fingerprint, e.ElectionKey)
	if !ok {
		t.Fatal("refused")
	}
	v := e.Stranger(testelection.Voter{Style: "all", Unit: "north", Weight: 1})
	x := e.EncryptBallot(v, [][]int{{1}})
	if f := setup.CheckCast(&message.Cast{Ballot: x.Ballot, Decision: e.Decide(v, &x.Ballot, message.None)}); len(f) > 0 {
		t.Errorf("%+v", f)
	}
	if _, ok := verify.NewSetup(&e.Manifest, e.Fingerprint, message.Element{}); ok {
		t.Error("the identity as election key is accepted")
	}
}

func TestBrokenSetups(t *testing.T) {
	for name, hooks := range map[string]testelection.Hooks{
		"no proof":    {Reveal: func(_ int, r *message.DKGReveal) { r.Proofs[0].Response[0] ^= 1 }},
		"another key": edit(0, func(_ *message.Entry, b *message.Open) { b.ElectionKey[0] ^= 2 }),
	} {
		e := testelection.New(testelection.Small())
		e.Hooks = hooks
		e.Setup()
		setup, findings, err := verify.OpenSetup(record.Slice(e.Entries()), nil)
		if err != nil || len(findings) == 0 {
			t.Errorf("%s: %v, %v, %v", name, setup, findings, err)
		}
	}
	if setup, _, err := verify.OpenSetup(record.Slice(nil), nil); setup != nil || err != nil {
		t.Errorf("empty board: %v, %v", setup, err)
	}
}

func TestReceiptsAndRefusals(t *testing.T) {
	e, setup := opened(t)
	r := &message.Receipt{Decision: message.Digest{1}, Fingerprint: e.Fingerprint, Index: 7, Tracker: message.Digest{2}}
	digest := challenge.Receipt(r)
	r.Signature = message.Signature(ed25519.Sign(e.Key("board", e.Manifest.Board.Origin), digest[:]))
	if !setup.CheckReceipt(r) {
		t.Error("an honest receipt is refused")
	}
	r.Index++
	if setup.CheckReceipt(r) {
		t.Error("another index is accepted")
	}
	f := &message.Refusal{Decision: message.Digest{1}, Fingerprint: e.Fingerprint, Head: message.None, Reason: message.ReasonClosed, Size: 9}
	digest = challenge.Refusal(f)
	f.Signature = message.Signature(ed25519.Sign(e.Key("board", e.Manifest.Board.Origin), digest[:]))
	if !setup.CheckRefusal(f) {
		t.Error("an honest refusal is refused")
	}
	f.Fingerprint[0] ^= 1
	if setup.CheckRefusal(f) {
		t.Error("another election is accepted")
	}
}

func TestHeads(t *testing.T) {
	e, _ := opened(t)
	h := testelection.Checkpoint{Origin: e.Manifest.Board.Origin, Size: 3, Times: []uint64{1, 2, 3}}
	got, findings := verify.CheckHead(&e.Manifest, e.Sign(&h))
	if got == nil || len(findings) > 0 || got.Size != 3 {
		t.Errorf("%+v, %+v", got, findings)
	}
	h.Times = []uint64{1}
	if got, findings := verify.CheckHead(&e.Manifest, e.Sign(&h)); got != nil || len(findings) != 1 {
		t.Errorf("one cosignature: %+v, %+v", got, findings)
	}
	if got, findings := verify.CheckHead(&e.Manifest, []byte("nothing")); got != nil || len(findings) != 1 {
		t.Errorf("nothing: %+v, %+v", got, findings)
	}
}

// FuzzRecord puts any bytes in the place of some of an honest record's.
func FuzzRecord(f *testing.F) {
	entries := small(testelection.Hooks{}).Entries()
	base := small(testelection.Hooks{}).Record()
	f.Add(uint8(0), uint16(100), []byte("x"))
	f.Add(uint8(17), uint16(9), []byte(`"`))
	f.Fuzz(func(t *testing.T, entry uint8, at uint16, bytes []byte) {
		changed := slices.Clone(entries)
		i := int(entry) % len(changed)
		e := slices.Clone(changed[i])
		copy(e[int(at)%len(e):], bytes)
		changed[i] = e
		m, _, err := record.Export{Entries: record.Slice(changed), Checkpoints: map[record.Moment][]byte{
			record.Final: base["checkpoint"], record.Opened: base["checkpoints/opened"],
			record.Closed: base["checkpoints/closed"], record.Sealed: base["checkpoints/sealed"]}}.Memory()
		if err != nil {
			t.Fatal(err)
		}
		r, err := verify.Verify(context.Background(), m, verify.Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		if r.Passed != slices.Equal(e, entries[i]) {
			t.Errorf("passed is %t", r.Passed)
		}
	})
}
