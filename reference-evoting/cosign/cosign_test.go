package cosign_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
)

const origin = "example.org/board"

var noon = time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)

func key(name string) ed25519.PrivateKey {
	s := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(s[:])
}

// scene is a board with three witnesses, two of which suffice.
type scene struct {
	log       *board.Memory
	quorum    *cosign.Quorum
	witnesses []*cosign.Signer
}

func newScene(t testing.TB) *scene {
	t.Helper()
	signer, err := board.NewSigner(origin, key("board"))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := board.NewVerifier(origin, key("board").Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{log: board.NewMemory(signer)}
	var keys []cosign.Key
	for _, name := range []string{"w1", "w2", "w3"} {
		w, err := cosign.NewSigner(name, key(name))
		if err != nil {
			t.Fatal(err)
		}
		s.witnesses, keys = append(s.witnesses, w), append(keys, w.Key())
	}
	if s.quorum, err = cosign.NewQuorum(verifier, keys, 2); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) grow(t testing.TB) []byte {
	t.Helper()
	if _, err := s.log.Append(t.Context(), []byte("entry")); err != nil {
		t.Fatal(err)
	}
	raw, err := s.log.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// cosigned is raw with the lines of the given witnesses, each a second later
// than the one before.
func (s *scene) cosigned(t testing.TB, raw []byte, witnesses ...int) []byte {
	t.Helper()
	for i, w := range witnesses {
		var err error
		if raw, err = s.witnesses[w].Cosign(raw, noon.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	return raw
}

func TestOthersVerifyOurCosignatures(t *testing.T) {
	s := newScene(t)
	raw := s.cosigned(t, s.grow(t), 0, 1)
	for i, name := range []string{"w1", "w2"} {
		encoded, err := note.NewEd25519VerifierKey(name, key(name).Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := fnote.NewVerifierForCosignatureV1(encoded)
		if err != nil {
			t.Fatal(err)
		}
		n, err := note.Open(raw, note.VerifierList(theirs))
		if err != nil {
			t.Fatal(err)
		}
		at, err := fnote.CoSigV1Timestamp(n.Sigs[0])
		if err != nil || !at.Equal(noon.Add(time.Duration(i)*time.Second)) {
			t.Fatalf("%s cosigned at %v, %v", name, at, err)
		}
	}
}

func TestWeVerifyOthersCosignatures(t *testing.T) {
	s := newScene(t)
	raw := s.cosigned(t, s.grow(t), 0)
	hash := board.KeyHash("w2", 1, key("w2").Public().(ed25519.PublicKey))
	encoded := fmt.Sprintf("PRIVATE+KEY+w2+%08x+%s", hash,
		base64.StdEncoding.EncodeToString(append([]byte{1}, key("w2").Seed()...)))
	theirs, err := fnote.NewSignerForCosignatureV1(encoded)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(raw), "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, theirs)
	if err != nil {
		t.Fatal(err)
	}
	raw = append(raw, signed[strings.LastIndex(string(signed), "— "):]...)
	h, err := s.quorum.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Cosignatures[1]; got.Witness != "w2" || time.Since(got.Time).Abs() > time.Hour {
		t.Fatalf("cosignature %+v", got)
	}
}

func TestOpenTellsHeadAndTimes(t *testing.T) {
	s := newScene(t)
	s.grow(t)
	raw := s.cosigned(t, s.grow(t), 2, 0, 1)
	h, err := s.quorum.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	want := []cosign.Cosignature{{Witness: "w3", Time: noon}, {Witness: "w1", Time: noon.Add(time.Second)}, {Witness: "w2", Time: noon.Add(2 * time.Second)}}
	if h.Size != 2 || h.Origin != origin || fmt.Sprint(h.Cosignatures) != fmt.Sprint(want) {
		t.Fatalf("head %+v", h)
	}
	if m := h.Median(); !m.Equal(noon.Add(time.Second)) {
		t.Fatalf("median %v", m)
	}
	four := cosign.Head{Cosignatures: append(want, cosign.Cosignature{Time: noon.Add(time.Hour)})}
	if m := four.Median(); !m.Equal(noon.Add(time.Second)) {
		t.Fatalf("median of four %v", m)
	}
}

func TestAnyByteChangedIsRefused(t *testing.T) {
	s := newScene(t)
	raw := s.cosigned(t, s.grow(t), 0, 1, 2)
	for i := range raw {
		for d := 1; d < 256; d += 13 {
			bad := append([]byte(nil), raw...)
			bad[i] ^= byte(d)
			if _, err := s.quorum.Open(bad); err == nil {
				t.Fatalf("byte %d changed by %#x is accepted:\n%s", i, d, bad)
			}
		}
		if _, err := s.quorum.Open(append(raw[:i:i], raw[i+1:]...)); err == nil {
			t.Fatalf("without byte %d it is accepted", i)
		}
		if _, err := s.quorum.Open(append(append(raw[:i:i], '\n'), raw[i:]...)); err == nil {
			t.Fatalf("with a line end at %d it is accepted", i)
		}
	}
}

func TestOpenWantsEveryLine(t *testing.T) {
	s := newScene(t)
	pending := s.grow(t)
	good := s.cosigned(t, pending, 0, 1)
	text, block, _ := strings.Cut(string(good), "\n\n")
	line := strings.SplitAfter(strings.TrimSuffix(block, "\n"), "\n")
	note3 := func(l ...string) []byte { return []byte(text + "\n\n" + strings.Join(l, "")) }
	boardLine, first, second := line[0], line[1], line[2]+"\n"

	stranger, err := cosign.NewSigner("w4", key("w4"))
	if err != nil {
		t.Fatal(err)
	}
	strange, err := stranger.Cosign(good, noon)
	if err != nil {
		t.Fatal(err)
	}
	impostor, err := cosign.NewSigner("w3", key("w4"))
	if err != nil {
		t.Fatal(err)
	}
	false3, err := impostor.Cosign(good, noon)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.witnesses[0].Cosign(good, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := board.NewSigner("w3", key("w3"))
	if err != nil {
		t.Fatal(err)
	}
	untimed, err := note.Sign(&note.Note{Text: text + "\n"}, plain)
	if err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"good", note3(boardLine, first, second), nil},
		{"witnesses in another order", note3(boardLine, second, first), nil},
		{"one witness only", note3(boardLine, first), cosign.ErrQuorum},
		{"one witness twice", note3(boardLine, first, first), board.ErrCheckpoint},
		{"one witness at two times", again, board.ErrCheckpoint},
		{"the board alone", pending, cosign.ErrQuorum},
		{"without the board", note3(first, second), board.ErrCheckpoint},
		{"board not first", note3(first, boardLine, second), board.ErrCheckpoint},
		{"unknown witness", strange, board.ErrCheckpoint},
		{"known name, other key", false3, board.ErrCheckpoint},
		{"cosignature without time", append(good[:len(good):len(good)], untimed[strings.LastIndex(string(untimed), "— "):]...), board.ErrCheckpoint},
		{"huge", append([]byte(strings.Repeat("x", 1<<20)), good...), board.ErrCheckpoint},
		{"nothing", nil, board.ErrCheckpoint},
	} {
		_, err := s.quorum.Open(c.raw)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestHeadsOfOtherBoardsAreRefused(t *testing.T) {
	s := newScene(t)
	signer, err := board.NewSigner("example.org/other", key("board"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := board.NewMemory(signer).Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.quorum.Open(s.cosigned(t, raw, 0, 1)); !errors.Is(err, board.ErrCheckpoint) {
		t.Fatal(err)
	}
}

func TestCosignRefusesTimesOutOfRange(t *testing.T) {
	s := newScene(t)
	raw := s.grow(t)
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Unix(-1, 0), time.Unix(1<<40, 0)} {
		if _, err := s.witnesses[0].Cosign(raw, at); !errors.Is(err, cosign.ErrCosignature) {
			t.Errorf("at %d: %v", at.Unix(), err)
		}
	}
}

func TestQuorumIsChecked(t *testing.T) {
	verifier, _ := board.NewVerifier(origin, key("board").Public().(ed25519.PublicKey))
	k := func(name, of string) cosign.Key {
		return cosign.Key{Name: name, Public: key(of).Public().(ed25519.PublicKey)}
	}
	for name, c := range map[string]struct {
		keys []cosign.Key
		need int
	}{
		"none needed":      {[]cosign.Key{k("a", "a")}, 0},
		"more than all":    {[]cosign.Key{k("a", "a")}, 2},
		"one name twice":   {[]cosign.Key{k("a", "a"), k("a", "b")}, 1},
		"one key twice":    {[]cosign.Key{k("a", "a"), k("b", "a")}, 1},
		"the board's name": {[]cosign.Key{k(origin, "a")}, 1},
		"name with space":  {[]cosign.Key{k("a a", "a")}, 1},
		"short key":        {[]cosign.Key{{Name: "a", Public: []byte{1}}}, 1},
	} {
		if _, err := cosign.NewQuorum(verifier, c.keys, c.need); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := cosign.NewQuorum(verifier, []cosign.Key{k("a", "a"), k("b", "b")}, 2); err != nil {
		t.Errorf("all of them: %v", err)
	}
}

// A time that nobody would cosign is not believed of somebody who did.
func TestOpenRefusesTimesOutOfRange(t *testing.T) {
	s := newScene(t)
	raw := s.cosigned(t, s.grow(t), 0)
	text, _, _ := strings.Cut(string(raw), "\n\n")
	hash := board.KeyHash("w2", 4, key("w2").Public().(ed25519.PublicKey))
	for at, want := range map[uint64]bool{1<<40 - 1: true, 1 << 40: false, 1 << 63: false, 1: true, 0: false} {
		blob := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, hash), at)
		blob = append(blob, ed25519.Sign(key("w2"), fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s\n", at, text))...)
		line := "— w2 " + base64.StdEncoding.EncodeToString(blob) + "\n"
		if _, err := s.quorum.Open(slices.Concat(raw, []byte(line))); (err == nil) != want {
			t.Errorf("cosigned at %d: %v", at, err)
		}
	}
}

func TestCollectorHoldsAHeadUntilItIsPublished(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	c := cosign.NewCollector(s.log, s.quorum)
	one := s.grow(t)
	offered, err := c.Pending(ctx)
	if err != nil || string(offered) != string(one) {
		t.Fatalf("%q, %v", offered, err)
	}
	s.grow(t)
	if again, _ := c.Pending(ctx); string(again) != string(one) {
		t.Fatal("the offer moved on before it was published")
	}
	if done, err := c.Add(ctx, s.cosigned(t, offered, 2)); done || err != nil {
		t.Fatal(done, err)
	}
	if done, err := c.Add(ctx, s.cosigned(t, offered, 2)); done || err != nil {
		t.Fatal("one witness twice", done, err)
	}
	if done, err := c.Add(ctx, s.cosigned(t, offered, 0)); !done || err != nil {
		t.Fatal(done, err)
	}
	raw, err := s.log.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.quorum.Open(raw)
	if err != nil || h.Size != 1 || h.Cosignatures[0].Witness != "w1" || h.Cosignatures[1].Witness != "w3" {
		t.Fatalf("%+v, %v", h, err)
	}
	if done, err := c.Add(ctx, s.cosigned(t, offered, 1)); !done || err != nil {
		t.Fatal("late", done, err)
	}
	next, err := c.AwaitPending(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	if cp, _ := board.PeekCheckpoint(next); cp.Size != 2 {
		t.Fatalf("size %d", cp.Size)
	}
	if done, err := c.Add(ctx, s.cosigned(t, offered, 1)); !done || err != nil {
		t.Fatal("later still", done, err)
	}
}

// A board that starts again has a new collector, over a log whose head is cosigned
// already. Only a witness that has forgotten it cosigns it once more; the others
// wait for the next, and must get it.
func TestCollectorOfABoardThatStartsAgain(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	before := cosign.NewCollector(s.log, s.quorum)
	one := s.grow(t)
	if _, err := before.Pending(ctx); err != nil {
		t.Fatal(err)
	}
	for w := range 2 {
		if _, err := before.Add(ctx, s.cosigned(t, one, w)); err != nil {
			t.Fatal(err)
		}
	}
	after := cosign.NewCollector(s.log, s.quorum)
	if raw, err := after.Pending(ctx); err != nil || string(raw) != string(one) {
		t.Fatalf("%q, %v", raw, err)
	}
	if done, err := after.Add(ctx, s.cosigned(t, one, 0)); !done || err != nil {
		t.Fatal("the head is on the disk with its cosignatures:", done, err)
	}
	two := s.grow(t)
	if raw, err := after.AwaitPending(ctx, 2); err != nil || string(raw) != string(two) {
		t.Fatalf("the next head: %q, %v", raw, err)
	}
	if done, err := after.Add(ctx, s.cosigned(t, one, 2)); !done || err != nil {
		t.Fatal("a cosignature that comes late, on the head that was published before the start:", done, err)
	}
}

func TestCollectorRefusesWhatIsNotOnOffer(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	c := cosign.NewCollector(s.log, s.quorum)
	pending := s.grow(t)
	if _, err := c.Add(ctx, s.cosigned(t, pending, 0)); !errors.Is(err, cosign.ErrCosignature) {
		t.Errorf("before an offer: %v", err)
	}
	if _, err := c.Pending(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Add(ctx, s.cosigned(t, s.grow(t), 0)); !errors.Is(err, cosign.ErrCosignature) {
		t.Errorf("a later head: %v", err)
	}
	if _, err := c.Add(ctx, []byte("junk")); !errors.Is(err, board.ErrCheckpoint) {
		t.Errorf("junk: %v", err)
	}
	if done, err := c.Add(ctx, pending); done || err != nil {
		t.Errorf("no witness: %v, %v", done, err)
	}
}

func TestCollectorWakesWitnesses(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c := cosign.NewCollector(s.log, s.quorum)
	for w := range s.witnesses {
		go func() { // each cosigns whatever is on offer and waits for the next
			for size := uint64(1); ; {
				raw, err := c.AwaitPending(ctx, size)
				if err != nil {
					return
				}
				cp, err := board.PeekCheckpoint(raw)
				if err != nil {
					t.Error(err)
					return
				}
				line, err := s.witnesses[w].Cosign(raw, noon)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := c.Add(ctx, line); err != nil {
					t.Error(err)
					return
				}
				size = cp.Size + 1
			}
		}()
	}
	// All of them ask for more than the empty log that is on offer at first.
	for i := range uint64(50) {
		if _, err := s.log.Append(ctx, []byte("e")); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			raw, err := s.log.Await(ctx, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.quorum.Open(raw); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestCollectorReplacesWhatNobodyCosigns(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c := cosign.NewCollector(s.log, s.quorum)
	empty, err := c.Pending(ctx)
	if err != nil {
		t.Fatal(err)
	}
	one := s.grow(t)
	if raw, err := c.AwaitPending(ctx, 1); err != nil || string(raw) != string(one) {
		t.Fatalf("%q, %v", raw, err)
	}
	if done, err := c.Add(ctx, s.cosigned(t, empty, 0)); done || err != nil {
		t.Errorf("replaced: %v, %v", done, err)
	}
	if done, err := c.Add(ctx, s.cosigned(t, one, 0)); done || err != nil {
		t.Fatal(done, err)
	}
	// Now it stays, whoever wants more.
	s.grow(t)
	hasty, stop := context.WithTimeout(ctx, 20*time.Millisecond)
	defer stop()
	if _, err := c.AwaitPending(hasty, 2); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if raw, err := c.Pending(ctx); err != nil || string(raw) != string(one) {
		t.Fatalf("%q, %v", raw, err)
	}
}

func FuzzOpen(f *testing.F) {
	s := newScene(f)
	pending := s.grow(f)
	good := s.cosigned(f, pending, 0, 1)
	f.Add(good)
	f.Add(pending)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := s.quorum.Open(raw); err == nil && string(raw) != string(good) {
			text, _, _ := strings.Cut(string(raw), "\n\n")
			if !strings.HasPrefix(string(good), text) {
				t.Fatalf("forged: %q", raw)
			}
		}
	})
}
