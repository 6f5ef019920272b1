package api_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/service/web"
)

// bad is one request as its bytes, and what must come back. Then the sender
// says nothing more, or cuts off his side of the connection.
type bad struct {
	name   string
	bytes  string
	cut    bool
	status int
	code   string
}

func request(method, path, headers, body string) string {
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: test\r\n%s\r\n%s", method, path, headers, body)
}

func post(path, body string) string {
	return request("POST", path, fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(body)), body)
}

const declared = "Content-Type: application/json\r\nContent-Length: %d\r\n"

// notHTTP are requests that no handler ever sees.
func notHTTP() []bad {
	return []bad{
		{"a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", false, 400, web.CodeBadRequest},
		{"another version", "GET / HTTP/9.9\r\nHost: test\r\n\r\n", false, 505, web.CodeVersion},
		{"no host", "GET /checkpoint HTTP/1.1\r\n\r\n", false, 400, web.CodeBadRequest},
		{"two lengths", request("POST", "/v1/casts", "Content-Length: 1\r\nContent-Length: 2\r\n", "{}"), false, 400, web.CodeBadRequest},
		{"negative length", request("POST", "/v1/casts", "Content-Length: -1\r\n", ""), false, 400, web.CodeBadRequest},
		{"bad header name", request("GET", "/checkpoint", "A B: c\r\n", ""), false, 400, web.CodeBadRequest},
		{"header without an end", "GET /checkpoint HTTP/1.1\r\nHost: te", true, 400, web.CodeBadRequest},
		{"huge header", request("GET", "/checkpoint", "X: "+strings.Repeat("x", 64<<10)+"\r\n", ""), false, 431, web.CodeHeader},
		{"unknown transfer encoding", request("POST", "/v1/casts", "Transfer-Encoding: gzip\r\n", ""), false, 501, web.CodeEncoding},
		{"unknown expectation", request("POST", "/v1/casts", "Expect: miracles\r\nContent-Length: 2\r\n", "{}"), false, 417, web.CodeExpectation},
		{"slow header", "GET /checkpoint HTTP/1.1\r\nHo", false, 408, web.CodeSlow},
	}
}

// notTheInterface are requests that fit no route, or not in the way it wants.
func notTheInterface() []bad {
	return []bad{
		{"no such path", request("GET", "/v2/status", "", ""), false, 404, web.CodeNotFound},
		{"trailing slash", request("GET", "/checkpoint/", "", ""), false, 404, web.CodeNotFound},
		{"double slash", request("GET", "//checkpoint", "", ""), false, 404, web.CodeNotFound},
		{"dots", request("GET", "/tile/../checkpoint", "", ""), false, 404, web.CodeNotFound},
		{"escaped dots", request("GET", "/tile/%2e%2e/%2e%2e/current", "", ""), false, 404, web.CodeNotFound},
		{"escaped slash", request("GET", "/tile%2f0/000", "", ""), false, 404, web.CodeNotFound},
		{"no tile", request("GET", "/tile/9/000", "", ""), false, 404, web.CodeNotFound},
		{"tile of tomorrow", request("GET", "/tile/0/x999/999", "", ""), false, 404, web.CodeNotFound},
		{"no chunk", request("GET", "/chunk/zz", "", ""), false, 404, web.CodeNotFound},
		{"no moment", request("GET", "/checkpoints/yesterday", "", ""), false, 404, web.CodeNotFound},
		{"moment of tomorrow", request("GET", "/checkpoints/sealed", "", ""), false, 404, "no-checkpoint"},
		{"wrong method", request("DELETE", "/v1/casts", "", ""), false, 405, web.CodeMethod},
		{"all options", "OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n", false, 404, web.CodeNotFound},
		{"a query where none is", request("GET", "/checkpoint?x=1", "", ""), false, 400, web.CodeBadParameter},
		{"a parameter twice", request("GET", "/v1/wait?size=1&size=2", "", ""), false, 400, web.CodeBadParameter},
		{"no size", request("GET", "/v1/wait", "", ""), false, 400, web.CodeBadParameter},
		{"size with a sign", request("GET", "/v1/wait?size=%2B1", "", ""), false, 400, web.CodeBadParameter},
		{"no such head", request("GET", "/v1/wait?size=1&head=mine", "", ""), false, 400, web.CodeBadParameter},
		{"bad hex", request("GET", "/v1/chains/"+strings.Repeat("A", 64), "", ""), false, 400, web.CodeBadParameter},
		{"unknown credential", request("GET", "/v1/chains/"+strings.Repeat("a", 64), "", ""), false, 404, "unknown-credential"},
		{"unknown tracker", request("GET", "/v1/ballots/"+strings.Repeat("a", 64), "", ""), false, 404, "unknown-tracker"},
		{"body where none is", request("GET", "/checkpoint", "Content-Length: 2\r\n", "{}"), false, 400, web.CodeUnexpectedBody},
		{"no media type", request("POST", "/v1/casts", "Content-Length: 2\r\n", "{}"), false, 415, web.CodeMedia},
		{"wrong media type", request("POST", "/v1/casts", "Content-Type: text/xml\r\nContent-Length: 2\r\n", "{}"), false, 415, web.CodeMedia},
		{"wrong charset", request("POST", "/v1/casts", "Content-Type: application/json; charset=latin1\r\nContent-Length: 2\r\n", "{}"), false, 415, web.CodeMedia},
		{"compressed", request("POST", "/v1/casts", "Content-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: 2\r\n", "{}"), false, 415, web.CodeMedia},
		{"announced too large", request("POST", "/v1/casts", fmt.Sprintf(declared, 1<<30), "{"), false, 413, web.CodeTooLarge},
		{"too large in chunks", request("POST", "/v1/casts", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
			fmt.Sprintf("%x\r\n%s\r\n", 20<<10, strings.Repeat("x", 20<<10))), false, 413, web.CodeTooLarge},
		{"truncated", request("POST", "/v1/casts", fmt.Sprintf(declared, 100), `{"credential":`), true, 400, web.CodeTruncated},
		{"slow body", request("POST", "/v1/casts", fmt.Sprintf(declared, 100), `{"credential":`), false, 408, web.CodeSlow},
		{"no cosignature", request("POST", "/v1/cosignatures", "Content-Type: text/plain\r\nContent-Length: 5\r\n", "hello"), false, 422, "bad-cosignature"},
	}
}

// notTheMessage are bodies that are not what the protocol says.
func notTheMessage() []bad {
	hex := strings.Repeat("0", 64)
	deep := strings.Repeat("[", 1_000)
	entry := func(role string) string {
		return `{"body":{},"context":"` + hex + `","role":"` + role + `","type":"open","version":1}`
	}
	list := []bad{
		{"entry of the authority", post("/v1/entries", entry("authority")), false, 403, "not-a-role"},
		{"entry of nobody", post("/v1/entries", `{"body":{},"context":"`+hex+`","type":"cast","version":1}`), false, 403, "not-a-role"},
		{"entry out of order", post("/v1/entries", entry("trustee")), false, 422, "V-06"},
		{"entry with data after it", post("/v1/entries", entry("trustee")+"x"), false, 400, "trailing-data"},
		{"entry with white space", post("/v1/entries", " "+entry("trustee")), false, 400, "not-canonical"},
		{"entry with a member twice", post("/v1/entries", `{"body":{},"body":{}}`), false, 400, "duplicate-name"},
		{"entry with a deep body", post("/v1/entries", `{"body":`+deep), false, 400, "too-deep"},
		{"entry with a fraction", post("/v1/entries", strings.Replace(entry("trustee"), "n\":1", "n\":1.0", 1)), false, 400, "not-integer"},
		{"long entry that is short", post("/v1/entries/long", `{"body":{},"entry":{"context":"`+hex+`","type":"open","version":1}}`), false, 422, "V-05"},
		{"long entry that is not signed", longEntry(hex), false, 422, "V-07"},
	}
	for _, path := range []string{"/v1/ballots", "/v1/casts", "/v1/challenges", "/v1/entries", "/v1/entries/long"} {
		for _, c := range []struct{ name, body, code string }{
			{"nothing", ``, "syntax"},
			{"no JSON", `hello`, "syntax"},
			{"cut off", `{`, "syntax"},
			{"a deep list", deep, "wrong-type"},
			{"null", `null`, "null"},
			{"a list", `[]`, "wrong-type"},
			{"an unknown member", `{"nonsense":1}`, "unknown-name"},
			{"a member in another case", `{"Ballot":1}`, "unknown-name"},
			{"a member missing", `{}`, "missing"},
			{"no text", "{\"\xff\":1}", "invalid-utf8"},
		} {
			list = append(list, bad{path + " with " + c.name, post(path, c.body), false, 400, c.code})
		}
	}
	return list
}

// longEntry is one that is right in everything but its signature.
func longEntry(hex string) string {
	text := `{"note":"` + strings.Repeat("x", message.MaxInline) + `"}`
	chunks := []string{}
	for at := 0; at < len(text); at += message.ChunkSize {
		chunks = append(chunks, `"`+chunkName(text[at:min(len(text), at+message.ChunkSize)])+`"`)
	}
	return post("/v1/entries/long", fmt.Sprintf(
		`{"body":%s,"entry":{"chunks":[%s],"context":"%s","role":"registrar","signature":"%s","size":%d,"type":"participation","version":1}}`,
		text, strings.Join(chunks, ","), hex, strings.Repeat("ab", 64), len(text)))
}

// Whatever comes gets a problem with a stable code; nothing is stored; and who
// votes meanwhile does not notice.
func TestBadRequests(t *testing.T) {
	s := rolestest.New(t)
	s.Sockets = true
	s.Limits.Server = web.Limits{Header: 300 * time.Millisecond, Read: 600 * time.Millisecond}
	s.All()
	before := s.Phase(message.PhaseVoting)

	honest := make(chan manage.Answer, 1)
	handle := rolestest.Ask[manage.Encrypted](s, "voter", http.MethodPost, manage.PathEncrypt,
		manage.Encrypt{Voter: "voter-0", Choices: map[string][]string{"council": {"ana"}}}).Handle
	t.Run("requests", func(t *testing.T) {
		for _, c := range append(append(notHTTP(), notTheInterface()...), notTheMessage()...) {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.check(t, s)
			})
		}
		t.Run("an honest voter", func(t *testing.T) {
			t.Parallel()
			honest <- rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, manage.PathCast, manage.Decide{Voter: "voter-0", Handle: handle})
		})
	})
	if a := <-honest; a.Outcome != manage.OutcomeOK {
		t.Errorf("honest cast: %+v", a)
	}
	after, err := s.Client().Status(s.Ctx)
	if err != nil || after.Size != before.Size+1 || after.Phase != message.PhaseVoting {
		t.Errorf("%+v, %v; before the one honest cast it was %+v", after, err, before)
	}
	checkAnomalies(t, s)
}

// check sends the request and reads the answer.
func (c bad) check(t *testing.T, s *rolestest.Stage) {
	conn, err := s.Dial(s.Ctx, "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The server may have answered and hung up before it has read it all.
	_, _ = io.WriteString(conn, c.bytes)
	if half, ok := conn.(*net.TCPConn); ok && c.cut {
		_ = half.CloseWrite()
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("answer cut off: %v", err)
	}
	p, err := codec.Decode[message.Problem](body, codec.Limits{})
	if err != nil || resp.StatusCode != c.status || p.Code != c.code || p.Status != uint64(c.status) {
		t.Errorf("answer %d %.300q (%v), want %d %s", resp.StatusCode, body, err, c.status, c.code)
	}
	if resp.Header.Get("Content-Type") != web.TypeProblem || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("header %v", resp.Header)
	}
	if (c.status == 405) != (resp.Header.Get("Allow") != "") {
		t.Errorf("header %v", resp.Header)
	}
}

// checkAnomalies holds that what was odd was counted.
func checkAnomalies(t *testing.T, s *rolestest.Stage) {
	t.Helper()
	text, err := s.Client().File(s.Ctx, "metrics")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []string{"malformed", "oversized", "slow", "unknown-route", "broken-rule", "no-request"} {
		if zero := fmt.Sprintf("scrutineer_anomalies_total{rule=%q} 0\n", rule); bytes.Contains(text, []byte(zero)) {
			t.Errorf("no anomaly counted by the rule %s", rule)
		}
	}
	if bytes.Contains(text, []byte(`status="500"`)) {
		t.Errorf("a request failed for a reason of ours:\n%s", text)
	}
}
