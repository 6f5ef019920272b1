package wire_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/targets"
	"scrutineer/targets/wire"
)

func public(t *testing.T, p wire.Port, liars *wire.Interposer) *wire.Public {
	t.Helper()
	e, err := wire.NewPublic(p, wire.Limits{Request: 10 * time.Second, Poll: time.Second, Await: 2 * time.Second}, liars)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func serve(t *testing.T, h http.HandlerFunc) wire.Port {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return wire.Port{URL: s.URL}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	raw, err := codec.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Of a decision only a receipt and a signed refusal are final (S-20); whatever
// else is handed in, a problem of the client's making is a refusal.
func TestOutcomes(t *testing.T) {
	problem := func(status int) string {
		return encode(t, message.Problem{Code: "V-20", Detail: "d", Status: uint64(status), Title: "t", Type: "x"})
	}
	refusal := encode(t, message.Refusal{Head: "none", Reason: message.ReasonNotHead})
	for name, c := range map[string]struct {
		kind        string
		status      int
		media, body string
		want        targets.Outcome
		code        string
	}{
		"receipt":                     {kind: "cast", status: 200, media: "application/json", body: "{}", want: targets.OK},
		"accepted":                    {kind: "ballot", status: 202, media: "application/json", body: "{}", want: targets.OK},
		"appended":                    {kind: "entry", status: 200, media: "application/json; charset=utf-8", body: "{}", want: targets.OK},
		"refused for good":            {kind: "cast", status: 409, media: "application/json", body: refusal, want: targets.Refused, code: "not-head"},
		"challenge refused for good":  {kind: "challenge", status: 409, media: "application/json", body: refusal, want: targets.Refused, code: "not-head"},
		"a refusal that is none":      {kind: "cast", status: 409, media: "application/json", body: "{}", want: targets.Unknown},
		"a refusal of another status": {kind: "cast", status: 410, media: "application/json", body: refusal, want: targets.Unknown},
		"an unsigned no to a cast":    {kind: "cast", status: 422, media: "application/problem+json", body: problem(422), want: targets.Unknown, code: "V-20"},
		"an unsigned no to a ballot":  {kind: "ballot", status: 422, media: "application/problem+json", body: problem(422), want: targets.Refused, code: "V-20"},
		"an unsigned no to an entry":  {kind: "entry", status: 403, media: "application/problem+json", body: problem(403), want: targets.Refused, code: "V-20"},
		"a fault of the server":       {kind: "ballot", status: 503, media: "application/problem+json", body: problem(503), want: targets.Unknown, code: "V-20"},
		"a refusal of a ballot":       {kind: "ballot", status: 409, media: "application/json", body: refusal, want: targets.Unknown},
		"a page":                      {kind: "ballot", status: 200, media: "text/html", body: "<p>thanks</p>", want: targets.Unknown},
		"no content":                  {kind: "cast", status: 204, want: targets.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			var path, media atomic.Value
			p := serve(t, func(w http.ResponseWriter, r *http.Request) {
				path.Store(r.URL.Path)
				media.Store(r.Header.Get("Content-Type"))
				if c.media != "" {
					w.Header().Set("Content-Type", c.media)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			a, err := public(t, p, nil).Submit(t.Context(), c.kind, []byte(`{"x":1}`))
			if err != nil {
				t.Fatal(err)
			}
			if a.Outcome != c.want || a.Code != c.code || a.Status != c.status || string(a.Body) != c.body {
				t.Errorf("%+v", a)
			}
			want := map[string]string{"cast": "/v1/casts", "challenge": "/v1/challenges", "ballot": "/v1/ballots", "entry": "/v1/entries"}[c.kind]
			if path.Load() != want || media.Load() != "application/json" {
				t.Errorf("sent to %v as %v", path.Load(), media.Load())
			}
		})
	}
}

// Chunks wait at the client for the entry that names them, and go together.
func TestLongEntry(t *testing.T) {
	var path, body atomic.Value
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		path.Store(r.URL.Path)
		body.Store(string(b))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"index":7}`)
	})
	e := public(t, p, nil)
	whole := []byte(`{"voters":["` + strings.Repeat("v", 2*message.ChunkSize) + `"]}`)
	header := message.Entry{Role: message.RoleRegistrar, Size: uint64(len(whole)), Type: message.TypeParticipation, Version: 1}
	for chunk := range slices.Chunk(whole, message.ChunkSize) {
		header.Chunks = append(header.Chunks, sha256.Sum256(chunk))
	}
	post := func(kind string, b []byte) targets.Answer {
		a, err := e.Submit(t.Context(), kind, b)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	entry := []byte(encode(t, header))
	if post("entry", entry); path.Load() != "/v1/entries" {
		t.Errorf("without its chunks it went to %v", path.Load())
	}
	for chunk := range slices.Chunk(whole, message.ChunkSize) {
		if a := post("chunk", chunk); a.Outcome != targets.OK {
			t.Errorf("%+v", a)
		}
	}
	want := encode(t, message.LongEntry{Body: whole, Entry: header})
	if a := post("entry", entry); a.Outcome != targets.OK || path.Load() != "/v1/entries/long" || body.Load() != want {
		t.Errorf("%+v, at %v", a, path.Load())
	}
	if post("entry", entry); path.Load() != "/v1/entries" {
		t.Errorf("chunks are used once, it went to %v", path.Load())
	}
	for i := 0; ; i++ {
		chunk := bytes.Repeat([]byte{byte(i), byte(i >> 8)}, message.ChunkSize/2)
		if a := post("chunk", chunk); a.Outcome == targets.Refused {
			break
		}
		if i > 2000 {
			t.Fatal("chunks without end are kept")
		}
	}
}

func TestInterposer(t *testing.T) {
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"method":%q,"path":%q,"type":%q,"body":%q}`, r.Method, r.RequestURI, r.Header.Get("Content-Type"), b)
	})
	liars := &wire.Interposer{}
	way, err := p.Transport()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(way.CloseIdleConnections)
	c := &http.Client{Transport: liars.Between(way)}
	get := func(path string) string {
		resp, err := c.Get(p.URL + path)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("Content-Type"), " ", string(b))
	}
	const honest = `200 application/json {"method":"GET","path":"/a?b=c","type":"","body":""}`
	if got := get("/a?b=c"); got != honest {
		t.Error(got)
	}
	liars.Set(func(_ context.Context, r targets.Request, _ targets.Next) (targets.Response, error) {
		return targets.Response{Status: 418, ContentType: "text/x", Body: []byte(r.Method + r.Path)}, nil
	})
	if got := get("/a?b=c"); got != "418 text/x GET/a?b=c" {
		t.Error(got)
	}
	liars.Set(func(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
		r.Method, r.Path, r.Body = "POST", "/v1/cosignatures", []byte("note")
		return next(ctx, r)
	})
	if got := get("/a"); got != `200 application/json {"method":"POST","path":"/v1/cosignatures","type":"text/plain; charset=utf-8","body":"note"}` {
		t.Error(got)
	}
	for name, f := range map[string]targets.Liar{
		"hangs up": func(context.Context, targets.Request, targets.Next) (targets.Response, error) {
			return targets.Response{}, io.EOF
		},
		"has no status": func(context.Context, targets.Request, targets.Next) (targets.Response, error) {
			return targets.Response{}, nil
		},
		"goes elsewhere": func(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
			r.Path = "@elsewhere/"
			return next(ctx, r)
		},
	} {
		liars.Set(f)
		if got := get("/a"); !strings.Contains(got, "between client and server") {
			t.Errorf("%s: %s", name, got)
		}
	}
	e := public(t, p, liars)
	if a, err := e.Submit(t.Context(), "cast", []byte("{}")); err != nil || a.Outcome != targets.Unknown {
		t.Errorf("%+v, %v", a, err)
	}
	liars.Set(nil)
	if got := get("/a?b=c"); got != honest {
		t.Error(got)
	}
}

// folder serves a record as a board, and counts what is asked for.
func folder(t *testing.T, files record.Memory) wire.Port {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		content, ok := files[strings.TrimPrefix(r.URL.Path, "/")]
		if r.URL.Path == "/v1/wait" {
			content, ok = files["checkpoint"]
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		}
		if r.URL.Path == "/v1/status" {
			w.Header().Set("Content-Type", "application/json")
			content, ok = []byte(encode(t, message.Status{Phase: message.PhaseVoting, Size: 700})), true
		}
		if !ok {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			content = []byte(encode(t, message.Problem{Code: "not-found", Status: 404, Title: "t", Type: "x"}))
		}
		_, _ = w.Write(content)
	})
}

// board is a record of n entries, of which the second has a chunk, the third
// cannot be read, and the fourth opens the election.
func board(t *testing.T, n int) (record.Memory, [][]byte) {
	t.Helper()
	chunk := []byte("chunk")
	entries := make([][]byte, n)
	for i := range entries {
		e := message.Entry{Type: message.TypeCast, Version: 1, Body: codec.Raw(fmt.Sprintf(`{"n":%d}`, i))}
		switch i {
		case 1:
			e.Body, e.Size, e.Chunks = nil, 5, []message.Digest{sha256.Sum256(chunk), sha256.Sum256(nil)}
		case 3:
			e.Type = message.TypeOpen
		}
		entries[i] = []byte(encode(t, e))
	}
	entries[2] = []byte("\x00")
	x := record.Export{
		Entries: record.Slice(entries), Chunks: record.Slice([][]byte{chunk}),
		Checkpoints: map[record.Moment][]byte{
			record.Final:  fmt.Appendf(nil, "origin\n%d\nroot\n\n— sig\n", n),
			record.Opened: []byte("origin\n4\nroot\n"),
		},
	}
	m, _, err := x.Memory()
	if err != nil {
		t.Fatal(err)
	}
	return m, entries
}

func TestBoard(t *testing.T) {
	files, entries := board(t, 700)
	e := public(t, folder(t, files), nil)
	ctx := t.Context()
	for _, c := range [][2]int{{0, 700}, {0, 0}, {255, 257}, {699, 700}, {256, 512}, {300, 301}} {
		got, err := e.Entries(ctx, uint64(c[0]), uint64(c[1]))
		if err != nil || len(got) != c[1]-c[0] || len(got) > 0 && !reflect.DeepEqual(got, entries[c[0]:c[1]]) {
			t.Errorf("%v: %d entries, %v", c, len(got), err)
		}
	}
	if _, err := e.Entries(ctx, 0, 701); !errors.Is(err, targets.ErrUnable) {
		t.Errorf("beyond the end: %v", err)
	}
	if raw, err := e.Await(ctx, 700); err != nil || !bytes.Equal(raw, files["checkpoint"]) {
		t.Errorf("%q, %v", raw, err)
	}
	if _, err := e.Await(ctx, 701); !errors.Is(err, targets.ErrTarget) {
		t.Errorf("a head that is too small: %v", err)
	}
	got, err := e.Record(ctx)
	if err != nil || !reflect.DeepEqual(got, map[string][]byte(files)) {
		t.Errorf("%d files, want %d: %v", len(got), len(files), err)
	}
	chunk, err := e.Chunk(ctx, message.Digest(sha256.Sum256([]byte("chunk"))).String())
	if err != nil || string(chunk) != "chunk" {
		t.Errorf("%q, %v", chunk, err)
	}
	if _, err := e.Chunk(ctx, "../checkpoint"); err == nil {
		t.Error("a name that is no digest")
	}
}

// Boards drop partial bundles once the full one is there, and show the newer
// one to whoever still has the older head.
func TestBoardThatGrew(t *testing.T) {
	files, entries := board(t, 700)
	old, _ := board(t, 300)
	files["checkpoint"], files["checkpoints/opened"] = old["checkpoint"], []byte("origin\n400\nroot\n")
	e := public(t, folder(t, files), nil)
	got, err := e.Entries(t.Context(), 0, 300)
	if err != nil || !reflect.DeepEqual(got, entries[:300]) {
		t.Errorf("%d entries, %v", len(got), err)
	}
	export, err := e.Record(t.Context())
	if err != nil || export["checkpoints/opened"] != nil || export["tile/entries/001.p/44"] == nil {
		t.Errorf("%d files, %v", len(export), err)
	}
}

func TestBoardIsBounded(t *testing.T) {
	files, _ := board(t, 700)
	e, err := wire.NewPublic(folder(t, files), wire.Limits{Bytes: 1 << 12}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	if _, err := e.Entries(t.Context(), 0, 700); !errors.Is(err, targets.ErrTarget) {
		t.Error(err)
	}
	if _, err := e.Record(t.Context()); !errors.Is(err, targets.ErrTarget) {
		t.Error(err)
	}
	if _, err := e.Entries(t.Context(), 0, 3); err != nil {
		t.Error(err)
	}
}

// A server that says at once that nothing came is not asked in a frenzy.
func TestPollsAreApart(t *testing.T) {
	var asked atomic.Int32
	p := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusNoContent)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 350*time.Millisecond)
	defer cancel()
	if _, err := public(t, p, nil).Await(ctx, 5); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if n := asked.Load(); n < 2 || n > 5 {
		t.Errorf("asked %d times", n)
	}
}
