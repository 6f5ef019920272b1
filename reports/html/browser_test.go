package html_test

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"scrutineer/internal/need"
	"scrutineer/reports/internal/sample"
)

var shots = flag.String("shots", "", "write pictures of the report into this folder")

// tab is a page of a headless Chromium that notes what the report must not
// do: make requests, write to the console, open dialogs.
type tab struct {
	ctx context.Context

	mu       sync.Mutex
	requests []string
	console  []string
}

func newTab(t *testing.T) *tab {
	t.Helper()
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(need.Chromium(t))}
	opts = append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)], opts...)
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses to be root in its sandbox
	}
	deadline, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	alloc, cancel := chromedp.NewExecAllocator(deadline, opts...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &tab{ctx: ctx}
	must(t, chromedp.Listen(ctx, b.note))
	for _, err := range []error{call(b, network.Enable, network.EnableParams{}), call(b, log.Enable, cdp.Empty{})} {
		must(t, err)
	}
	return b
}

func call[P, R any](b *tab, cmd cdp.Command[P, R], params P) error {
	_, err := chromedp.Call(b.ctx, cmd, params)
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *tab) note(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, ev.Request.URL)
	case *runtime.EventConsoleAPICalled:
		b.console = append(b.console, fmt.Sprint(ev.Type))
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, ev.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.console = append(b.console, ev.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		b.console = append(b.console, "dialog: "+ev.Message)
	}
}

// open loads a report file in a window of that size and colour scheme.
func (b *tab) open(t *testing.T, file string, width, height int64, scheme string) {
	t.Helper()
	b.mu.Lock()
	b.requests, b.console = nil, nil
	b.mu.Unlock()
	must(t, call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
	must(t, call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500}))
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(file)}
	must(t, chromedp.Do(b.ctx, chromedp.Navigate(address.String())))
}

// quiet fails the test where the page requested or said anything.
func (b *tab) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests[min(1, len(b.requests)):] {
		if !strings.HasPrefix(r, "data:,") {
			t.Errorf("the page requested %s", r)
		}
	}
	for _, line := range b.console {
		t.Errorf("the console says: %s", line)
	}
}

func eval[T any](t *testing.T, b *tab, js string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js))
	must(t, err)
	return v
}

// reportFile writes the report of a run and returns its path.
func reportFile(t *testing.T, name string, write func(dir string) error) string {
	t.Helper()
	dir := t.TempDir()
	must(t, write(dir))
	path := filepath.Join(dir, name+".html")
	must(t, os.WriteFile(path, render(t, dir), 0o644))
	return path
}

func kind(k sample.Kind) func(string) error {
	return func(dir string) error { return sample.Write(dir, k) }
}

// reports are the pages that every test of the browser looks at.
func reports(t *testing.T) map[string]string {
	payloads := sample.Payloads()
	return map[string]string{
		"good":     reportFile(t, "good", kind(sample.Good)),
		"troubled": reportFile(t, "troubled", kind(sample.Troubled)),
		"hostile": reportFile(t, "hostile", func(dir string) error {
			return sample.Hostile(dir, sample.Good, func(n int) string { return payloads[n%len(payloads)] })
		}),
		"empty": reportFile(t, "empty", func(dir string) error { return sample.WriteEvents(dir, nil) }),
	}
}

// overflowing lists the elements that stick out of the window, except inside
// of a container that scrolls.
const overflowing = `(() => {
	const wide = document.documentElement.clientWidth, out = [];
	for (const e of document.body.querySelectorAll('*')) {
		if (e.closest('.scroll') && !e.classList.contains('scroll')) continue;
		if (e.closest('.vh, .skip, .sprite')) continue;
		const r = e.getBoundingClientRect();
		if (r.width > 0 && r.right > wide + 1) out.push(e.tagName + '.' + e.className + ' ' + Math.round(r.right));
	}
	if (document.documentElement.scrollWidth > wide) out.push('the page scrolls to ' + document.documentElement.scrollWidth);
	return out.slice(0, 5);
})()`

const openAll = `document.querySelectorAll('details').forEach(d => { d.open = true }), 0`

func TestPageInTheBrowser(t *testing.T) {
	b := newTab(t)
	for name, file := range reports(t) {
		for _, width := range []int64{360, 768, 1400} {
			for _, scheme := range []string{"light", "dark"} {
				t.Run(fmt.Sprintf("%s at %d px, %s", name, width, scheme), func(t *testing.T) {
					b.open(t, file, width, 900, scheme)
					for _, open := range []bool{false, true} {
						if open {
							eval[int](t, b, openAll)
						}
						if out := eval[[]string](t, b, overflowing); len(out) > 0 {
							t.Errorf("sticks out (all open: %v): %q", open, out)
						}
					}
					if low := eval[[]string](t, b, lowContrast); len(low) > 0 {
						t.Errorf("contrast below 4.5: %q", low)
					}
					b.quiet(t)
				})
			}
		}
	}
}

// lowContrast lists texts whose contrast with the ground behind them is below
// 4.5 (WCAG 2.1, 1.4.3). Colours are resolved by drawing them, which covers
// every notation.
const lowContrast = `(() => {
	const c = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
	const memo = new Map();
	const rgba = s => {
		if (!memo.has(s)) {
			c.clearRect(0, 0, 1, 1); c.fillStyle = s; c.fillRect(0, 0, 1, 1);
			memo.set(s, c.getImageData(0, 0, 1, 1).data);
		}
		return memo.get(s);
	};
	const lum = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const ground = e => {
		const layers = [];
		for (; e; e = e.parentElement) {
			const d = rgba(getComputedStyle(e).backgroundColor);
			if (d[3]) layers.push(d);
			if (d[3] === 255) break;
		}
		let out = [255, 255, 255];
		for (const d of layers.reverse()) out = out.map((v, i) => v * (1 - d[3] / 255) + d[i] * d[3] / 255);
		return out;
	};
	const bad = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || e.closest('.vh, .skip, [aria-hidden=true], svg') || !e.checkVisibility()) continue;
		const a = lum(rgba(getComputedStyle(e).color)), b = lum(ground(e));
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		if (ratio < 4.5) bad.add(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2));
	}
	return [...bad].slice(0, 8);
})()`

// structure lists what a reader with a screen reader or a keyboard would miss.
const structure = `(() => {
	const out = [], $ = s => [...document.querySelectorAll(s)];
	let last = 0;
	for (const h of $('h1,h2,h3,h4,h5,h6')) {
		const level = +h.tagName[1];
		if (level > last + 1) out.push('h' + last + ' is followed by ' + h.tagName + ': ' + h.textContent.slice(0, 40));
		last = level;
	}
	if ($('h1').length !== 1) out.push($('h1').length + ' first headings');
	for (const s of ['header.top', 'nav[aria-label]', 'main', 'footer'])
		if ($(s).length !== 1) out.push($(s).length + ' of ' + s);
	if (document.body.firstElementChild.getAttribute('href') !== '#main') out.push('no skip link at the front');
	for (const th of $('th')) if (!th.scope) out.push('th without scope: ' + th.textContent);
	for (const a of $('a[href^="#"]')) if (!document.getElementById(decodeURIComponent(a.hash.slice(1)))) out.push('dead link ' + a.hash);
	for (const e of $('[aria-labelledby]')) if (!document.getElementById(e.getAttribute('aria-labelledby'))) out.push('dead label ' + e.outerHTML.slice(0, 60));
	for (const e of $('svg')) if (e.getAttribute('aria-hidden') !== 'true' && !e.getAttribute('aria-label')) out.push('svg without a text');
	for (const e of $('.scroll')) if (e.tabIndex !== 0 || !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby'))) out.push('a container that scrolls is out of reach');
	for (const e of $('td.sq, .slot')) if (!e.textContent.trim()) out.push('a cell says nothing');
	for (const e of $('a, summary')) if (!e.textContent.trim()) out.push('nothing to read: ' + e.outerHTML.slice(0, 80));
	const ids = $('[id]').map(e => e.id);
	ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => out.push('id twice: ' + id));
	if (!document.documentElement.lang || !document.title) out.push('no language or title');
	return out.slice(0, 8);
})()`

func TestStructure(t *testing.T) {
	b := newTab(t)
	for name, file := range reports(t) {
		b.open(t, file, 1400, 900, "light")
		for _, fault := range eval[[]string](t, b, structure) {
			if name == "hostile" && strings.HasPrefix(fault, "nothing to read") {
				continue
			}
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// The keyboard alone reaches everything that can be used, in order, and every
// stop shows where it is.
func TestKeyboard(t *testing.T) {
	b := newTab(t)
	b.open(t, reportFile(t, "troubled", kind(sample.Troubled)), 1400, 900, "light")
	const stops = `(() => { window.stops = [...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
		.filter(e => e.tabIndex >= 0 && e.checkVisibility()); return stops.length })()`
	want := eval[int](t, b, stops)
	const here = `(() => { const e = document.activeElement;
		return [stops.indexOf(e), parseFloat(getComputedStyle(e).outlineWidth) || 0] })()`
	for i := range want {
		must(t, chromedp.Do(b.ctx, chromedp.KeyEvent("\t")))
		at := eval[[]float64](t, b, here)
		if int(at[0]) != i {
			t.Fatalf("stop %d of %d is %v", i, want, at[0])
		}
		if at[1] < 2 {
			t.Fatalf("stop %d shows no focus", i)
		}
	}
	eval[int](t, b, `document.querySelector('details.case:not([open]) summary').focus(), 0`)
	must(t, chromedp.Do(b.ctx, chromedp.KeyEvent("\r")))
	if !eval[bool](t, b, `document.activeElement.parentElement.open`) {
		t.Error("Enter does not open a case")
	}
	b.quiet(t)
}

// Each payload alone in every field: nothing runs, nothing is fetched, no
// element or attribute appears that the template does not have.
func TestHostileStringsDoNotAct(t *testing.T) {
	b := newTab(t)
	const inventory = `[...new Set([...document.querySelectorAll('*')].flatMap(e =>
		[e.tagName, ...[...e.attributes].map(a => e.tagName + ' ' + a.name)]))]`
	b.open(t, reportFile(t, "plain", func(dir string) error {
		return sample.Hostile(dir, sample.Small, func(n int) string { return fmt.Sprintf("plain %d", n) })
	}), 1400, 900, "light")
	eval[int](t, b, openAll)
	want := eval[[]string](t, b, inventory)
	for i, payload := range sample.Payloads() {
		file := reportFile(t, "hostile", func(dir string) error {
			return sample.Hostile(dir, sample.Small, func(int) string { return payload })
		})
		b.open(t, file, 1400, 900, "light")
		eval[int](t, b, openAll)
		eval[int](t, b, `document.querySelectorAll('*').forEach(e => ['mouseover', 'focus', 'error', 'load'].forEach(n => e.dispatchEvent(new Event(n)))), 0`)
		if eval[bool](t, b, `'pwned' in window`) {
			t.Errorf("payload %d ran", i)
		}
		for _, name := range eval[[]string](t, b, inventory) {
			if !slices.Contains(want, name) {
				t.Errorf("payload %d made %s", i, name)
			}
		}
		if links := eval[[]string](t, b, `[...document.querySelectorAll('a')].map(a => a.protocol).filter(p => p !== 'file:')`); len(links) > 0 {
			t.Errorf("payload %d made links: %q", i, links)
		}
		b.quiet(t)
	}
}

// TestPictures writes pictures to look at: go test -run Pictures -shots DIR.
func TestPictures(t *testing.T) {
	if *shots == "" {
		return // not a skip: nothing is left untested
	}
	b := newTab(t)
	files := reports(t)
	for _, s := range []struct {
		report, scheme string
		width          int64
		open           string
	}{
		{"good", "light", 1400, ""}, {"good", "dark", 1400, ""}, {"good", "light", 390, ""},
		{"troubled", "light", 1400, ""}, {"troubled", "dark", 390, ""},
		{"good", "light", 1400, "#B05 details, #C11-2"}, {"good", "dark", 390, "#B05 details, #C11-2"},
		{"hostile", "light", 1400, "#scenario-1 details"}, {"hostile", "dark", 390, "#scenario-1 details"},
		{"good", "light", 800, "print"},
	} {
		b.open(t, files[s.report], s.width, 1000, s.scheme)
		name := fmt.Sprintf("%s-%s-%d", s.report, s.scheme, s.width)
		if s.open != "" {
			name += "-open"
			eval[int](t, b, fmt.Sprintf(`document.querySelectorAll(%q).forEach(d => { d.open = true }), 0`, s.open))
		}
		if s.open == "print" {
			must(t, call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
		}
		picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(*shots, name+".png"), picture, 0o644))
	}
}
