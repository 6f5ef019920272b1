package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
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

// nasty is what a target puts where text is expected.
var nasty = []string{
	"<script>alert(1)</script>", "\x1b[2J\x1b]0;owned\x07", "../../../../etc/passwd", "..\\..\\x", "\u202edetouq", "\u200b\ufeff", "\x00", "",
	"http://elsewhere.example/", "%s%n", "'; drop table", "\u0085\u009b31m", strings.Repeat("a", 5000), strings.Repeat("\u0301", 300), "\xff\xfe",
}

// liar is a server in memory that answers what is asked for, or something
// that resembles it.
type liar struct {
	valid map[string]string // by path, without query
	files map[string][]byte // of the board

	mu     sync.Mutex
	random *rand.Rand
	asked  map[string]int // malformed answers by path
	count  int
}

// DialContext is the way to it: a pipe.
func (l *liar) DialContext(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go l.serve(theirs)
	return ours, nil
}

func (l *liar) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		q, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, q.Body); err != nil {
			return
		}
		if _, err := c.Write(l.answer(q.URL.Path)); err != nil {
			return
		}
	}
}

// answer is well-formed half of the time, so that what is asked for next is
// reached too.
func (l *liar) answer(path string) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := reply{status: 200, media: "application/json", body: []byte(l.valid[path])}
	if content, ok := l.files[path]; ok {
		a.media, a.body = "application/octet-stream", content
	} else if l.valid[path] == "" {
		a = reply{status: 404, media: "application/problem+json", body: []byte(problemText(404))}
	}
	if l.random.IntN(2) == 0 {
		return a.bytes()
	}
	l.count++
	l.asked[place(path)]++
	return l.malform(a)
}

// place is a path without the numbers and digests in it.
func place(path string) string {
	if strings.HasPrefix(path, "/tile/") || strings.HasPrefix(path, "/chunk") || strings.HasPrefix(path, "/checkpoints/") {
		return "/" + strings.SplitN(path, "/", 3)[1] + "/…"
	}
	return path
}

type reply struct {
	status int
	media  string
	body   []byte
}

func (a reply) bytes() []byte { return []byte(response(a.status, a.media, string(a.body))) }

func problemText(status int) string {
	raw, err := codec.Encode(message.Problem{Code: "V-20", Detail: "d", Status: uint64(status), Title: "t", Type: "x"})
	if err != nil {
		return ""
	}
	return string(raw)
}

// malform makes an answer wrong: its JSON, its bytes, its kind, or its frame.
func (l *liar) malform(a reply) []byte {
	switch l.random.IntN(10) {
	case 0, 1, 2, 3, 4:
		a.body = l.changedJSON(a.body)
	case 5:
		a.body = l.changedBytes(a.body)
	case 6:
		a.media = pick(l.random, []string{"", "text/html", "application/problem+json", "application/json; charset=utf-16", "\x1b[2J", "a/b/c", "application/octet-stream"})
	case 7:
		a.status = pick(l.random, []int{201, 202, 204, 206, 301, 304, 400, 401, 404, 409, 413, 418, 429, 500, 502, 503, 599})
		if l.random.IntN(2) == 0 {
			a.media, a.body = "application/problem+json", l.changedJSON([]byte(problemText(a.status)))
		}
	case 8:
		a.body = []byte(pick(l.random, []string{
			"null", "[]", "{}", "0", `""`, "true", "[[[[[[", `{"size":1e9}`, `{"size":1000000000}`, `{"a":1,"a":2}`, "\x00", "<html>",
			strings.Repeat("[", 5000), `{"voters":[` + strings.Repeat("{},", 3000) + "{}]}",
		}))
	default:
		return l.changedFrame(a)
	}
	return a.bytes()
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// changedJSON changes one value somewhere in a document, and keeps the form
// strict, so that what is behind the parser sees it. What is no JSON is changed
// as bytes.
func (l *liar) changedJSON(raw []byte) []byte {
	var doc any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&doc) != nil {
		return l.changedBytes(raw)
	}
	nodes := 0
	walk(doc, func(v any) any { nodes++; return v })
	at, i := l.random.IntN(nodes), -1
	doc = walk(doc, func(v any) any {
		if i++; i != at {
			return v
		}
		return l.another(v)
	})
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(doc) != nil {
		return l.changedBytes(raw)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// walk rebuilds a document with each value put through f, its parts first.
func walk(v any, f func(any) any) any {
	switch x := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			x[k] = walk(x[k], f)
		}
	case []any:
		for i := range x {
			x[i] = walk(x[i], f)
		}
	}
	return f(v)
}

// another is a value of the same type, or of another.
func (l *liar) another(v any) any {
	if l.random.IntN(3) > 0 {
		switch x := v.(type) {
		case string:
			return pick(l.random, nasty)
		case json.Number:
			return json.Number(pick(l.random, []string{"0", "1", "7", "1000000000", "1099511627776", "18446744073709551615", "18446744073709551616", "-1", "1.5", "1e400"}))
		case []any:
			for range l.random.IntN(40) {
				x = append(x, pick(l.random, nasty))
			}
			return x
		case map[string]any:
			x[pick(l.random, nasty)] = pick(l.random, nasty)
			return x
		}
	}
	return pick(l.random, []any{nil, true, json.Number("1000000000"), "x", pick(l.random, nasty), []any{}, []any{nil}, map[string]any{}, map[string]any{"a": nil}})
}

func (l *liar) changedBytes(raw []byte) []byte {
	out := slices.Clone(raw)
	if len(out) == 0 {
		return []byte(pick(l.random, nasty))
	}
	at := l.random.IntN(len(out))
	switch l.random.IntN(5) {
	case 0:
		return out[:at]
	case 1:
		out[at] ^= 1 << l.random.IntN(8)
	case 2:
		out = slices.Insert(out, at, []byte(pick(l.random, nasty))...)
	case 3:
		out = append(out, out...)
	default:
		lines := bytes.Split(out, []byte("\n"))
		lines[l.random.IntN(len(lines))] = []byte(pick(l.random, append(nasty, "1000000000", "1099511627776", "18446744073709551615", "-1")))
		out = bytes.Join(lines, []byte("\n"))
	}
	return out
}

func (l *liar) changedFrame(a reply) []byte {
	whole := a.bytes()
	switch l.random.IntN(6) {
	case 0:
		return l.changedBytes(whole)
	case 1:
		return fmt.Appendf(nil, "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", 1_000_000_000, a.body)
	case 2:
		return fmt.Appendf(nil, "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\nffffffff\r\n", len(a.body), a.body)
	case 3:
		return append([]byte("HTTP/1.1 103 X\r\nLink: <x>\r\n\r\nHTTP/1.1 100 X\r\n\r\n"), whole...)
	case 4:
		return []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
	}
	return append(whole, whole...)
}

// newLiar knows a valid answer of every path.
func newLiar(t *testing.T, seed uint64) *liar {
	t.Helper()
	files, _ := board(t, 300)
	l := &liar{valid: map[string]string{}, files: map[string][]byte{}, random: rand.New(rand.NewPCG(seed, 4)), asked: map[string]int{}}
	for path, content := range files {
		l.files["/"+path] = content
	}
	l.files["/v1/wait"] = files["checkpoint"]
	index := uint64(3)
	found := manage.Finding{Check: "V-20", Culprit: "authority", Detail: "d", Entry: &index, Role: "auditor", ThirdParty: true,
		Evidence: map[string]codec.HexBytes{"entry": {1}}}
	answer := manage.Answer{Body: codec.HexBytes{1}, Code: "c", Detail: "d", Outcome: manage.OutcomeOK, Status: 200}
	phases := message.Status{Phase: message.PhaseVoting, Size: 300, Stalled: "s"}
	for path, v := range map[string]any{
		"/v1/status": phases, "/v1/ballots": map[string]string{"tracker": "x"}, "/v1/casts": message.Receipt{}, "/v1/challenges": message.Receipt{},
		"/v1/entries": message.Appended{}, "/v1/entries/long": message.Appended{}, "/v1/sessions": map[string]string{"session": "x"}, "/v1/authorisations": map[string]string{"a": "x"}, "/v1/notices": map[string]string{"n": "x"},
		manage.PathStatus: manage.Status{Fault: "f", ID: "t1", Phase: message.PhaseVoting, Planted: []string{"weak"}, Role: "trustee"},
		manage.PathKeys:   manage.Keys{Keys: []manage.Key{{Role: "board"}}}, manage.PathImport: manage.Imported{Size: 2},
		manage.PathHead: manage.Head{Note: "a\nb\n"}, manage.PathCredentials: manage.Credentials{Voters: []manage.Credential{{Voter: "v", Style: "s", Unit: "u", Weight: 1}}},
		manage.PathCodes: manage.Codes{Voters: []manage.Code{{Code: "c", Voter: "v"}}}, manage.PathFindings: manage.Findings{Findings: []manage.Finding{found}, Size: 9},
		manage.PathDecrypt: manage.Decrypted{Answer: answer, Findings: []manage.Finding{found}}, manage.PathEncrypt: manage.Encrypted{Handle: "h", Tracker: message.Digest{1}},
		manage.PathCast: answer, manage.PathChallenge: answer, manage.PathCheck: manage.Checked{Findings: []manage.Finding{found}},
		manage.PathAudit: manage.Audited{Findings: []manage.Finding{found}}, manage.PathNotices: manage.Checked{Findings: []manage.Finding{}},
		manage.PathHistory: manage.History{Ballots: []manage.Ballot{{Choices: map[string][]string{}, Handle: "h", State: "cast"}}},
		manage.PathVerify:  manage.Verdict{Findings: []manage.Finding{found}, Size: 3}, manage.PathKeep: map[string]string{}, manage.PathClose: message.Appended{},
		manage.PathHost:      manage.Host{Abilities: []string{"open"}, Lacks: []manage.Lack{{Ability: "verify", Why: "w"}}, Name: "n", Dialect: "scrutineer"},
		manage.PathElections: manage.Hosted{Election: "1", Ports: []manage.RolePort{{Role: "voter", URL: "http://x"}}, Public: "http://x"}, manage.PathEnd: map[string]string{},
	} {
		raw, err := codec.Encode(v)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		l.valid[path] = string(raw)
	}
	return l
}

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
