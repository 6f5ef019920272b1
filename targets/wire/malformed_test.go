package wire_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
	"scrutineer/targets/wire"
)

// enough is how many malformed answers the property is tried with.
const enough = 12_000

// brief are limits under which whatever ends by time alone ends soon.
var brief = wire.Limits{Request: 60 * time.Millisecond, Poll: 20 * time.Millisecond, Await: 40 * time.Millisecond, Stall: 20 * time.Millisecond, Bytes: 1 << 20}

// said is all text that a call hands on for people to read.
type said []string

func (s *said) answer(a targets.Answer) { *s = append(*s, a.Code, a.Detail) }

func (s *said) findings(list []targets.Finding) {
	for _, f := range list {
		*s = append(*s, f.Role, f.Check, f.Culprit, f.Detail)
		for name := range f.Evidence {
			*s = append(*s, name)
		}
	}
}

// asks are all calls that read an answer, by name.
func asks(p wire.Port) map[string]func(ctx context.Context, e *wire.Managed, s *said) error {
	type f = func(ctx context.Context, e *wire.Managed, s *said) error
	out := map[string]f{}
	for name, call := range calls() {
		out[name] = func(ctx context.Context, e *wire.Managed, _ *said) error { _, err := call(ctx, e); return err }
	}
	for _, kind := range []string{"ballot", "cast", "challenge", "entry", "login", "authorise", "notices"} {
		out["Submit "+kind] = func(ctx context.Context, e *wire.Managed, s *said) error {
			a, err := e.Submit(ctx, kind, []byte("{}"))
			s.answer(a)
			return err
		}
	}
	out["Submit long"] = submitLong
	voter := func(ask func(ctx context.Context, v targets.Voter, s *said) error) f {
		return func(ctx context.Context, e *wire.Managed, s *said) error {
			v, err := e.Voter(ctx, "v")
			if err != nil {
				return err
			}
			return ask(ctx, v, s)
		}
	}
	found := func(s *said, list []targets.Finding, err error) error { s.findings(list); return err }
	maps.Copy(out, map[string]f{
		"Head": func(ctx context.Context, e *wire.Managed, _ *said) error { _, err := e.Head(ctx); return err },
		"Chunk": func(ctx context.Context, e *wire.Managed, _ *said) error {
			_, err := e.Chunk(ctx, strings.Repeat("0", 64))
			return err
		},
		"Import": func(ctx context.Context, e *wire.Managed, _ *said) error {
			_, err := e.Import(ctx, nil, nil)
			return err
		},
		"Pin": func(ctx context.Context, e *wire.Managed, _ *said) error { _, err := e.Pin(ctx); return err },
		"Follow": func(ctx context.Context, e *wire.Managed, s *said) error {
			list, err := e.Follow(ctx, 1)
			return found(s, list, err)
		},
		"Decrypt": func(ctx context.Context, e *wire.Managed, s *said) error {
			a, list, err := e.Decrypt(ctx, 1)
			s.answer(a)
			return found(s, list, err)
		},
		"CloseVoting": func(ctx context.Context, e *wire.Managed, s *said) error {
			a, err := e.CloseVoting(ctx)
			s.answer(a)
			return err
		},
		"VerifyRecord": func(ctx context.Context, e *wire.Managed, s *said) error {
			list, err := e.VerifyRecord(ctx, map[string][]byte{"checkpoint": {1}})
			return found(s, list, err)
		},
		"Encrypt": voter(func(ctx context.Context, v targets.Voter, s *said) error {
			handle, tracker, err := v.Encrypt(ctx, map[string][]string{"a": {"b"}})
			*s = append(*s, handle, tracker)
			return err
		}),
		"Cast": voter(func(ctx context.Context, v targets.Voter, s *said) error {
			a, err := v.Cast(ctx, "h")
			s.answer(a)
			return err
		}),
		"Challenge": voter(func(ctx context.Context, v targets.Voter, s *said) error {
			a, err := v.Challenge(ctx, "h")
			s.answer(a)
			return err
		}),
		"Check": voter(func(ctx context.Context, v targets.Voter, s *said) error {
			list, err := v.Check(ctx)
			return found(s, list, err)
		}),
		"Keep": voter(func(ctx context.Context, v targets.Voter, _ *said) error {
			return v.(targets.Keeper).Keep(ctx, []byte{1}, []byte{2})
		}),
		"Audit": voter(func(ctx context.Context, v targets.Voter, s *said) error {
			list, err := v.(targets.Auditor).Audit(ctx, []byte{1}, strings.Repeat("0", 64), map[string][]string{})
			return found(s, list, err)
		}),
		"ReadNotices": voter(func(ctx context.Context, v targets.Voter, s *said) error {
			list, err := v.(targets.Notified).ReadNotices(ctx)
			return found(s, list, err)
		}),
		"Host": func(ctx context.Context, _ *wire.Managed, s *said) error { return askHost(ctx, p, s) },
	})
	return out
}

func submitLong(ctx context.Context, e *wire.Managed, s *said) error {
	body := []byte(`["` + strings.Repeat("v", message.ChunkSize) + `"]`)
	header := message.Entry{Role: message.RoleRegistrar, Size: uint64(len(body)), Type: message.TypeParticipation, Version: 1}
	for chunk := range slices.Chunk(body, message.ChunkSize) {
		header.Chunks = append(header.Chunks, sha256.Sum256(chunk))
		if _, err := e.Submit(ctx, "chunk", chunk); err != nil {
			return err
		}
	}
	raw, err := codec.Encode(header)
	if err != nil {
		return err
	}
	a, err := e.Submit(ctx, "entry", raw)
	s.answer(a)
	return err
}

func askHost(ctx context.Context, p wire.Port, s *said) error {
	h, err := wire.NewHost(p, brief)
	if err != nil {
		return err
	}
	defer h.Close()
	about, errAbout := h.Describe(ctx)
	*s = append(*s, about.Name, about.Version, about.Dialect)
	for _, l := range about.Lacks {
		*s = append(*s, l.Why)
	}
	_, errStart := h.Start(ctx, manage.Hosting{Draft: emptyDraft(), Entries: []codec.HexBytes{}, Harness: []string{}, Planted: []string{}, Via: map[string]string{}})
	errEnd := h.End(ctx, "1")
	st, errPort := wire.PortStatus(ctx, p, brief)
	*s = append(*s, st.Fault, st.ID, string(st.Role))
	_, errReach := wire.Reachable(ctx, p, "/v1/ballots", brief)
	for _, err := range []error{errAbout, errStart, errEnd, errPort, errReach} {
		if err != nil && !targetsError(err) {
			return err
		}
	}
	return nil
}

func emptyDraft() manage.Draft {
	return manage.Draft{Roll: []manage.RollLine{}, Manifest: message.Manifest{
		Channels: []message.Channel{}, Contests: []message.Contest{}, Devices: []message.Device{}, Officers: []message.Officer{},
		Stages: []string{}, Styles: []message.Style{}, Trustees: []message.TrusteeLine{}, Units: []message.Unit{},
		Weights: []uint64{}, Witnesses: []message.WitnessLine{},
	}}
}

// targetsError says whether an error blames the target, as all here must.
func targetsError(err error) bool {
	var o *targets.Objection
	return errors.Is(err, targets.ErrTarget) || errors.Is(err, targets.ErrSetup) || errors.Is(err, targets.ErrUnable) || errors.As(err, &o)
}

// acts says whether text acts on who reads it: a terminal, or the direction of
// a line.
func acts(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r == 0xfffd
	}) || len(s) > 8<<10
}

// Whatever a target answers, the client comes back in time with an error that
// blames the target, or with an answer that harms nobody; and it does not grow.
// SCRUTINEER_TEST_SEED repeats a run.
func TestMalformedAnswers(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("SCRUTINEER_TEST_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("seed %d", seed)
	// net/http tells of answers that nobody asked for, and has no switch for it.
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	goroutines, heap, began := runtime.NumGoroutine(), grown(), time.Now()
	crowd := make([]trial, 4)
	var wg sync.WaitGroup
	for i := range crowd {
		crowd[i].liar = newLiar(t, seed+uint64(i))
		wg.Go(func() { crowd[i].call(t, rand.New(rand.NewPCG(seed, uint64(i))), enough/len(crowd)) })
	}
	wg.Wait()
	told(t, crowd, time.Since(began))
	if more := int64(grown()) - int64(heap); more > 16<<20 {
		t.Errorf("%d MiB of the heap remain", more>>20)
	}
	settled(t, goroutines)
}

// trial is one caller with a liar of his own.
type trial struct {
	liar  *liar
	calls int
	worst time.Duration
}

// call makes calls until so many malformed answers were given.
func (x *trial) call(t *testing.T, order *rand.Rand, answers int) {
	p := wire.Port{URL: "http://liar", Dial: x.liar.DialContext}
	all := asks(p)
	names := slices.Sorted(maps.Keys(all))
	for x.liar.told() < answers && !t.Failed() {
		name := pick(order, names)
		if name == "Opened" && order.IntN(10) > 0 {
			continue // it waits a quarter of a second for the ceremony to move
		}
		x.worst = max(x.worst, malformed(t, p, name, all[name]))
		x.calls++
	}
}

func (l *liar) told() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// told says what was tried, and that nothing was left out.
func told(t *testing.T, crowd []trial, took time.Duration) {
	asked, count, calls, worst := map[string]int{}, 0, 0, time.Duration(0)
	for _, x := range crowd {
		count, calls, worst = count+x.liar.count, calls+x.calls, max(worst, x.worst)
		for path, n := range x.liar.asked {
			asked[path] += n
		}
	}
	t.Logf("%d malformed answers to %d calls in %s, the longest took %s", count, calls, took.Round(time.Millisecond), worst.Round(time.Millisecond))
	for _, path := range slices.Sorted(maps.Keys(asked)) {
		t.Logf("%6d  %s", asked[path], path)
	}
	for path := range crowd[0].liar.valid {
		if asked[path] < 30 && !t.Failed() {
			t.Errorf("%s was answered %d times only: who reads it?", path, asked[path])
		}
	}
}

// grown is the heap that is in use.
func grown() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// settled waits until what was started has ended.
func settled(t *testing.T, want int) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > want+2; runtime.Gosched() {
		if time.Now().After(end) {
			t.Errorf("%d goroutines, at first there were %d", runtime.NumGoroutine(), want)
			return
		}
	}
}

// malformed makes one call, with clients of its own, and tells how long it
// took.
func malformed(t *testing.T, p wire.Port, name string, call func(context.Context, *wire.Managed, *said) error) time.Duration {
	public, err := wire.NewPublic(p, brief, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := wire.NewManaged(public, wire.Ports{
		Authority: &p, Registrar: &p, Voter: &p, Auditor: &p, Identity: &p, IdentityManage: &p,
		Trustees: map[int]wire.Port{1: p}, Witnesses: map[string]wire.Port{"w": p},
	}, []string{"online"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	var text said
	err = call(t.Context(), e, &text)
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	if took > 5*time.Second {
		t.Errorf("%s took %s", name, took)
	}
	if made := after.TotalAlloc - before.TotalAlloc; made > 64<<20 {
		t.Errorf("%s allocated %d MiB", name, made>>20)
	}
	if err != nil {
		text = append(text, err.Error())
		if !targetsError(err) {
			t.Errorf("%s: %v does not blame the target", name, err)
		}
	}
	for _, s := range text {
		if acts(s) {
			t.Errorf("%s hands on %.200q", name, s)
		}
	}
	return took
}
