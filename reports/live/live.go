// Package live serves a page that follows a run while it goes on: verdicts as
// they fall, casts a second, faults in force, and who is at work. It is made
// with the templates of the HTML report.
//
// The page is for the one who started the run: the server listens on loopback
// only, demands a token that is in the address it tells, and answers to no
// other host name than that address, so that no page of another origin can ask
// through a name that it lets point here. What a target says goes the same way
// as in the report: made plain, escaped, and shown under a policy that allows
// one script and one style sheet by their hashes.
//
// It takes what it shows from the run's two streams and keeps nothing: the
// report that is written in the end does not rest on it.
package live

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"scrutineer/reports/event"
	"scrutineer/reports/html"
)

// Bounds of the server.
const (
	// interval is the least time between two pictures of a run.
	interval = time.Second
	// clients is how many pages may follow at once.
	clients = 16
	// patience is how long the end of the run waits for pages to hear of it.
	patience = 2 * time.Second
)

const cookie = "scrutineer-live"

// ErrAddress means that a page was to be served to other machines.
var ErrAddress = errors.New("the live view is served on loopback only")

// View is a served page. Its methods are safe for concurrent use.
type View struct {
	state    *state
	page     *html.Live
	token    string
	listener net.Listener
	server   *http.Server

	end chan struct{} // closed when the run is over

	mu    sync.Mutex
	over  bool
	pages int
}

// Listen serves the page of a run at address, which is a loopback address with
// a port; port 0 takes a free one. name stands where the run has not said what
// it attacks.
func Listen(address, name string, clock func() time.Time) (*View, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().IsLoopback() {
		return nil, fmt.Errorf("%w: %q is no loopback address with a port, such as 127.0.0.1:0", ErrAddress, address)
	}
	page, err := html.NewLive()
	if err != nil {
		return nil, err
	}
	v := &View{state: newState(name, clock), page: page, token: rand.Text(), end: make(chan struct{})}
	if v.listener, err = net.Listen("tcp", at.String()); err != nil {
		return nil, fmt.Errorf("live view: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", v.index)
	mux.HandleFunc("GET /events", v.events)
	v.server = &http.Server{Handler: v.guarded(mux), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 8 << 10}
	go func() { _ = v.server.Serve(v.listener) }() // ends with Close
	return v, nil
}

// URL is the address to open, with the token.
func (v *View) URL() string {
	return fmt.Sprintf("http://%s/?token=%s", v.listener.Addr(), v.token)
}

// Event takes a line of the run's summary stream.
func (v *View) Event(e event.Event) { v.state.event(e) }

// Operation takes a line of the history of the election where.
func (v *View) Operation(where string, o *event.Operation) { v.state.operation(where, o) }

// Close tells the pages that the run is over, waits a moment for them to hear
// of it, and stops serving.
func (v *View) Close() error {
	v.mu.Lock()
	first := !v.over
	v.over = true
	v.mu.Unlock()
	if first {
		close(v.end)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := v.server.Shutdown(ctx); err != nil {
		return v.server.Close()
	}
	return nil
}

// guarded lets through who has the token and came to this very address.
func (v *View) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", v.page.Policy())
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if r.Host != v.listener.Addr().String() {
			http.Error(w, "another host name than the one that was told", http.StatusMisdirectedRequest)
			return
		}
		if given := r.URL.Query().Get("token"); given != "" && v.right(given) {
			http.SetCookie(w, &http.Cookie{Name: v.cookie(), Value: v.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		if c, err := r.Cookie(v.cookie()); err != nil || !v.right(c.Value) {
			http.Error(w, "the address that was told has a token: open that one", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// cookie is named after the port: cookies do not know ports, and two runs may
// be followed at once.
func (v *View) cookie() string {
	_, port, _ := net.SplitHostPort(v.listener.Addr().String())
	return cookie + "-" + port
}

func (v *View) right(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(v.token)) == 1
}

func (v *View) index(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	if err := v.page.Page(&b); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the page is gone where this fails
}

// events sends the parts that have changed, as server-sent events.
func (v *View) events(w http.ResponseWriter, r *http.Request) {
	if !v.follow() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many pages follow this run, or it is over", http.StatusServiceUnavailable)
		return
	}
	defer v.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	f := &follower{view: v, to: http.NewResponseController(w), w: w, sent: map[string]string{}, changes: -1}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := f.send(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-v.end:
			if f.send() == nil {
				_ = f.line("over", struct{}{}) // the page is gone where this fails
			}
			return
		case <-tick.C:
		}
	}
}

// follow takes a place among those who follow, unless the run is over.
func (v *View) follow() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over || v.pages == clients {
		return false
	}
	v.pages++
	return true
}

func (v *View) leave() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pages--
}

// follower is one page.
type follower struct {
	view    *View
	to      *http.ResponseController
	w       http.ResponseWriter
	sent    map[string]string
	changes int
}

// send sends the parts that are not what the page has.
func (f *follower) send() error {
	now, changes := f.view.state.now()
	if changes == f.changes {
		return f.comment()
	}
	f.changes = changes
	parts, err := f.view.page.Parts(now)
	if err != nil {
		return err
	}
	var fresh []html.Part
	for _, p := range parts {
		if f.sent[p.ID] != p.HTML {
			f.sent[p.ID] = p.HTML
			fresh = append(fresh, p)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return f.line("parts", fresh)
}

func (f *follower) line(name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return f.write(fmt.Sprintf("event: %s\ndata: %s\n\n", name, raw))
}

// comment finds out whether the page is still there.
func (f *follower) comment() error { return f.write(": still here\n\n") }

func (f *follower) write(text string) error {
	err := f.to.SetWriteDeadline(time.Now().Add(5 * time.Second))
	if err == nil {
		_, err = f.w.Write([]byte(text))
	}
	if err == nil {
		err = f.to.Flush()
	}
	return err
}
