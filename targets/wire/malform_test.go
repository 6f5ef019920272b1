package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
)

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
