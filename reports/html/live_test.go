package html_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/sample"
	"scrutineer/reports/live"
	"scrutineer/reports/run"
)

// stream reads the lines of a sample run.
func stream(t *testing.T, write func(dir string) error) []event.Event {
	t.Helper()
	dir := t.TempDir()
	must(t, write(dir))
	f, err := os.Open(filepath.Join(dir, run.EventsFile))
	must(t, err)
	defer f.Close()
	var out []event.Event
	for e, err := range event.NewReader(f, run.EventsFile, event.Summary).All() {
		must(t, err)
		out = append(out, e)
	}
	return out
}

func listen(t *testing.T) *live.View {
	t.Helper()
	v, err := live.Listen("127.0.0.1:0", "embedded", time.Now)
	must(t, err)
	t.Cleanup(func() { _ = v.Close() })
	return v
}

// busy shows some casts and two faults, one of them still in force.
func busy(v *live.View, hostile string) {
	const where = "scenarios/I07/power-cut/attack"
	for i := range 40 {
		o := event.Operation{ID: fmt.Sprint("op-", i), Type: event.Invoke, Actor: fmt.Sprint("voter-", i), Role: event.RoleVoter, Op: event.OpCast}
		v.Operation(where, &o)
		o.Type = []event.OpType{event.OpOK, event.OpOK, event.OpRefused, event.OpUnknown}[i%4]
		v.Operation(where, &o)
	}
	for i, name := range []string{"power cut", "freeze" + hostile} {
		o := event.Operation{ID: fmt.Sprint("fault-", i), Type: event.Invoke, Actor: "authority" + hostile, Role: event.RoleFault, Op: name}
		v.Operation(where, &o)
		if i == 0 {
			o.Type = event.OpOK
			v.Operation(where, &o)
		}
	}
}

func (b *tab) await(t *testing.T, js string) {
	t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool]("Boolean("+js+")"))
	must(t, err)
}

// The page follows the run: verdicts, casts and faults appear as they happen,
// what a reader opened stays open, and the end is told.
func TestLivePage(t *testing.T) {
	b, v := newTab(t), listen(t)
	lines := stream(t, kind(sample.Troubled))
	must(t, chromedp.Do(b.ctx, chromedp.Navigate(v.URL())))
	b.await(t, `document.body.dataset.state === "live"`)
	half := len(lines) / 2
	for _, e := range lines[:half] {
		v.Event(e)
	}
	busy(v, "")
	b.await(t, `document.querySelector("#live-scenarios details") && document.querySelector(".fault.going")`)
	if text := eval[string](t, b, `document.querySelector("#live-parties").innerText`); !strings.Contains(text, "freeze") || !strings.Contains(text, "voter") {
		t.Errorf("parties: %s", text)
	}
	eval[int](t, b, `document.querySelector("#live-scenarios details:not([open])").open = true, 0`)
	opened := eval[string](t, b, `document.querySelector("#live-scenarios details[open]").id`)
	for _, e := range lines[half:] {
		v.Event(e)
	}
	b.await(t, `!document.querySelector("#live-verdicts .say").textContent.includes("so far")`)
	if !eval[bool](t, b, fmt.Sprintf(`document.getElementById(%q).open`, opened)) {
		t.Errorf("%s was closed", opened)
	}
	for _, width := range []int64{360, 1400} {
		for _, scheme := range []string{"light", "dark"} {
			must(t, call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
			must(t, call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1}))
			if out := eval[[]string](t, b, overflowing); len(out) > 0 {
				t.Errorf("sticks out at %d px: %q", width, out)
			}
			if low := eval[[]string](t, b, lowContrast); len(low) > 0 {
				t.Errorf("contrast below 4.5 at %d px, %s: %q", width, scheme, low)
			}
			if *shots != "" {
				picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
				must(t, err)
				must(t, os.WriteFile(filepath.Join(*shots, fmt.Sprintf("live-%s-%d.png", scheme, width)), picture, 0o644))
			}
		}
	}
	must(t, v.Close())
	b.await(t, `document.body.dataset.state === "over"`)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.console {
		t.Errorf("the console says: %s", line)
	}
	for _, r := range b.requests {
		if !strings.HasPrefix(r, "data:,") && !strings.HasPrefix(v.URL(), r[:min(len(r), len("http://127.0.0.1:1"))]) {
			t.Errorf("the page requested %s", r)
		}
	}
}

// What a target says stays text in the live page, too.
func TestLiveHostileStrings(t *testing.T) {
	b := newTab(t)
	for i, payload := range sample.Payloads() {
		v := listen(t)
		for _, e := range stream(t, func(dir string) error {
			return sample.Hostile(dir, sample.Small, func(int) string { return payload })
		}) {
			v.Event(e)
		}
		busy(v, payload)
		must(t, chromedp.Do(b.ctx, chromedp.Navigate(v.URL())))
		b.await(t, `document.querySelector(".fault.going") !== null`)
		eval[int](t, b, openAll)
		if eval[bool](t, b, `'pwned' in window`) {
			t.Errorf("payload %d ran", i)
		}
		if made := eval[[]string](t, b, `[...document.querySelectorAll('main script, main img, main iframe, main object, main form, main style')].map(e => e.tagName)`); len(made) > 0 {
			t.Errorf("payload %d made %q", i, made)
		}
		must(t, v.Close())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.console {
		t.Errorf("the console says: %s", line)
	}
}

// Who has no token, comes to another name or wants to listen beyond this
// machine is turned away.
func TestLiveAccess(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:80", "localhost:0", ":0", "127.0.0.1", ""} {
		if v, err := live.Listen(address, "x", time.Now); err == nil {
			t.Errorf("%q is served", address)
			_ = v.Close()
		}
	}
	v := listen(t)
	open, token, _ := strings.Cut(v.URL(), "?")
	jar, err := cookiejar.New(nil)
	must(t, err)
	withCookie := &http.Client{Jar: jar}
	get := func(c *http.Client, address, host string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		must(t, err)
		req.Host = host
		answer, err := c.Do(req)
		must(t, err)
		must(t, answer.Body.Close())
		return answer.StatusCode
	}
	for _, c := range []struct {
		name          string
		client        *http.Client
		address, host string
		want          int
	}{
		{"no token", http.DefaultClient, open, "", http.StatusForbidden},
		{"no token for the stream", http.DefaultClient, open + "events", "", http.StatusForbidden},
		{"a wrong token", http.DefaultClient, open + "?token=AAAA", "", http.StatusForbidden},
		{"another name", http.DefaultClient, open + "?" + token, "evil.example", http.StatusMisdirectedRequest},
		{"the token", withCookie, open + "?" + token, "", http.StatusOK},
		{"the cookie", withCookie, open, "", http.StatusOK},
		{"another path", withCookie, open + "else", "", http.StatusNotFound},
	} {
		if got := get(c.client, c.address, c.host); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// A stream of casts longer than the picture is wide makes it coarser and loses
// nothing.
func TestFlow(t *testing.T) {
	var g run.FlowGatherer
	const n = 5000
	for i := range n {
		g.Add(time.Duration(i)*time.Second, "", &event.Operation{ID: fmt.Sprint(i), Type: event.OpOK, Role: event.RoleVoter, Op: event.OpCast})
	}
	g.Add(-time.Hour, "", &event.Operation{Type: event.OpUnknown, Role: event.RoleVoter, Op: event.OpCast})
	g.Add(1<<62, "", &event.Operation{Type: event.OpRefused, Role: event.RoleVoter, Op: event.OpCast})
	f := g.Flow()
	var sum run.Bucket
	for _, b := range f.Buckets {
		sum = run.Bucket{OK: sum.OK + b.OK, Refused: sum.Refused + b.Refused, Unknown: sum.Unknown + b.Unknown}
	}
	if (sum != run.Bucket{OK: n, Refused: 1, Unknown: 1}) || len(f.Buckets) > 300 || f.Acknowledged() != n {
		t.Errorf("%+v in %d buckets", sum, len(f.Buckets))
	}
}
