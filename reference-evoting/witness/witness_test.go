package witness_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/boardtest"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/witness"
)

type parties struct {
	log    *board.Memory
	key    note.Verifier
	quorum *cosign.Quorum
	store  *witness.Memory
	w      *witness.Witness
	now    time.Time
}

func newParties(t rapid.TB) *parties {
	t.Helper()
	s, err := boardtest.New(1)
	if err != nil {
		t.Fatal(err)
	}
	p := &parties{log: s.Log, quorum: s.Quorum, key: s.Quorum.Board(), store: &witness.Memory{}, now: s.Now}
	p.w = witness.New(witness.Config{
		Signer: s.Witnesses[0], Board: p.key, Store: p.store, Clock: func() time.Time { return p.now },
	})
	return p
}

// head is the signed head of a log of the given entries.
func head(t rapid.TB, entries ...string) ([]byte, *board.Memory) {
	t.Helper()
	p := newParties(t)
	for _, e := range entries {
		if _, err := p.log.Append(context.Background(), []byte(e)); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := p.log.Pending(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return raw, p.log
}

func TestWitnessCosignsWhatExtends(t *testing.T) {
	p := newParties(t)
	ctx := t.Context()
	for i := range 20 {
		raw, err := p.log.Pending(ctx)
		if err != nil {
			t.Fatal(err)
		}
		p.now = p.now.Add(time.Minute)
		signed, err := p.w.Consider(ctx, raw, p.log)
		if err != nil {
			t.Fatal(err)
		}
		h, err := p.quorum.Open(signed)
		if err != nil || h.Size != uint64(i*i) || !h.Cosignatures[0].Time.Equal(p.now) {
			t.Fatalf("%+v, %v", h, err)
		}
		if last, _ := p.w.Last(ctx); string(last) != string(raw) {
			t.Fatalf("remembers %q", last)
		}
		for range 2*i + 1 {
			if _, err := p.log.Append(ctx, []byte("e")); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestWitnessRefuses(t *testing.T) {
	last, _ := head(t, "a", "b", "c")
	for _, c := range []struct {
		name    string
		entries []string
		mangle  func(string) string
		want    error
	}{
		{name: "smaller", entries: []string{"a", "b"}, want: witness.ErrRollback},
		{name: "empty", entries: nil, want: witness.ErrRollback},
		{name: "same size, other root", entries: []string{"a", "b", "x"}, want: witness.ErrSplitView},
		{name: "larger, other beginning", entries: []string{"a", "x", "c", "d"}, want: witness.ErrInconsistent},
		{name: "unsigned", entries: []string{"a", "b", "c", "d"}, want: witness.ErrUnsigned,
			mangle: func(s string) string { return s[:strings.LastIndex(s, "— ")] }},
		{name: "changed", entries: []string{"a", "b", "c", "d"}, want: witness.ErrUnsigned,
			mangle: func(s string) string { return strings.Replace(s, "\n4\n", "\n5\n", 1) }},
		{name: "nothing", want: witness.ErrUnsigned, mangle: func(string) string { return "" }},
	} {
		p := newParties(t)
		if err := p.store.Save(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		raw, log := head(t, c.entries...)
		if c.mangle != nil {
			raw = []byte(c.mangle(string(raw)))
		}
		signed, err := p.w.Consider(t.Context(), raw, log)
		var refusal *witness.Refusal
		if signed != nil || !errors.Is(err, c.want) || !errors.As(err, &refusal) {
			t.Errorf("%s: %q, %v", c.name, signed, err)
			continue
		}
		if string(refusal.Last) != string(last) || string(refusal.Head) != string(raw) {
			t.Errorf("%s: answered with %q", c.name, refusal.Last)
		}
		if err := witness.ProveSplit(refusal.Last, refusal.Head, p.key); (err == nil) != (c.want == witness.ErrSplitView) {
			t.Errorf("%s: convicts: %v", c.name, err)
		}
		if now, _ := p.store.Load(t.Context()); string(now) != string(last) {
			t.Errorf("%s: moved on to %q", c.name, now)
		}
	}
}

type failing struct{ err error }

func (f failing) Consistency(context.Context, uint64, uint64) ([]board.Hash, error) {
	return nil, f.err
}
func (f failing) Load(context.Context) ([]byte, error) { return nil, nil }
func (f failing) Save(context.Context, []byte) error   { return f.err }

func TestWitnessDecidesNothingOnFailures(t *testing.T) {
	gone := errors.New("gone")
	p := newParties(t)
	one, _ := head(t, "a")
	two, _ := head(t, "a", "b")
	if err := p.store.Save(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	_, err := p.w.Consider(t.Context(), two, failing{gone})
	var refusal *witness.Refusal
	if !errors.Is(err, gone) || errors.As(err, &refusal) {
		t.Errorf("prover fails: %v", err)
	}

	signer, err := cosign.NewSigner("w1", boardtest.Key("w1"))
	if err != nil {
		t.Fatal(err)
	}
	w := witness.New(witness.Config{Signer: signer, Board: p.key, Store: failing{gone}, Clock: time.Now})
	if signed, err := w.Consider(t.Context(), one, p.log); signed != nil || !errors.Is(err, gone) {
		t.Errorf("store fails: signed %q, %v", signed, err)
	}

	if err := p.store.Save(t.Context(), []byte("damaged")); err != nil {
		t.Fatal(err)
	}
	if signed, err := p.w.Consider(t.Context(), one, p.log); signed != nil || err == nil {
		t.Errorf("damaged store: signed %q, %v", signed, err)
	}
}

// Whatever heads a board shows, those that one witness cosigns are prefixes of
// one another.
func TestWitnessNeverSignsTwoHistories(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newParties(t)
		var signed []string // histories, as one letter an entry
		for range rapid.IntRange(1, 12).Draw(t, "heads") {
			history := rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 6, -1).Draw(t, "history")
			raw, log := head(t, strings.Split(history, "")...)
			if _, err := p.w.Consider(context.Background(), raw, log); err == nil {
				signed = append(signed, history)
			}
		}
		for i := 1; i < len(signed); i++ {
			if !strings.HasPrefix(signed[i], signed[i-1]) {
				t.Fatalf("cosigned %q after %q", signed[i], signed[i-1])
			}
		}
	})
}

type boardOf struct {
	*board.Memory
	collector *cosign.Collector
	handedIn  int
	fail      error
}

func (b *boardOf) Pending(ctx context.Context) ([]byte, error) { return b.collector.Pending(ctx) }
func (b *boardOf) Cosign(ctx context.Context, raw []byte) error {
	if b.fail != nil {
		return b.fail
	}
	b.handedIn++
	_, err := b.collector.Add(ctx, raw)
	return err
}

func TestRoundHandsInOnce(t *testing.T) {
	p := newParties(t)
	ctx := t.Context()
	b := &boardOf{Memory: p.log, collector: cosign.NewCollector(p.log, p.quorum), fail: errors.New("down")}
	if _, err := p.log.Append(ctx, []byte("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.w.Round(ctx, b); !errors.Is(err, b.fail) {
		t.Fatal(err)
	}
	b.fail = nil
	for range 3 {
		if size, err := p.w.Round(ctx, b); err != nil || size != 1 {
			t.Fatal(size, err)
		}
	}
	if b.handedIn != 1 {
		t.Fatalf("handed in %d times", b.handedIn)
	}
	if _, err := p.log.Append(ctx, []byte("b")); err != nil {
		t.Fatal(err)
	}
	if size, err := p.w.Round(ctx, b); err != nil || size != 2 {
		t.Fatal(size, err)
	}
	if raw, err := p.log.Checkpoint(ctx); err != nil || !strings.Contains(string(raw), "\n2\n") {
		t.Fatal(fmt.Sprintf("%q", raw), err)
	}
}

// A board that starts again has lost the cosignatures that were too few.
func TestRoundHandsInAgainAnew(t *testing.T) {
	p := newParties(t)
	ctx := t.Context()
	b := &boardOf{Memory: p.log, collector: cosign.NewCollector(p.log, p.quorum)}
	if _, err := p.log.Append(ctx, []byte("a")); err != nil {
		t.Fatal(err)
	}
	for i, again := range []bool{false, false, true, false} {
		if again {
			b.collector = cosign.NewCollector(p.log, p.quorum)
			p.w.Anew()
		}
		if size, err := p.w.Round(ctx, b); err != nil || size != 1 {
			t.Fatal(i, size, err)
		}
	}
	if b.handedIn != 2 {
		t.Fatalf("handed in %d times, want once to each", b.handedIn)
	}
}
