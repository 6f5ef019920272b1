package api

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/web"
)

// perLine is how long one line of the log stands for a source's failed logins:
// whoever guesses fills a line a minute and not the disk.
const perLine = time.Minute

// misses writes failed logins to the log, one line a source and minute. The
// first is written at once, those that follow it with the next line.
type misses struct {
	logger *slog.Logger
	clock  func() time.Time
	most   int // sources that are told apart

	mu      *sync.Mutex
	sources map[netip.Prefix]*missing
}

type missing struct {
	written time.Time // the last line
	more    int       // since
}

func newMisses(logger *slog.Logger, clock func() time.Time, most int) misses {
	return misses{logger: logger, clock: clock, most: most, mu: &sync.Mutex{}, sources: map[netip.Prefix]*missing{}}
}

// missed notes the logins that fail.
func (i *Identity) missed(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		var p *web.Problem
		if errors.As(err, &p) {
			switch p.Code {
			case identity.CodeLogin, identity.CodeSlowDown, identity.CodeSignature, identity.CodeBound:
				i.misses.note(web.Source(r.RemoteAddr))
			}
		}
		return err
	}
}

// note counts one. Sources beyond those that are told apart share a line.
func (m misses) note(source netip.Prefix) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock()
	s := m.sources[source]
	if s == nil && len(m.sources) >= m.most {
		m.sweep(now)
		if len(m.sources) >= m.most {
			source = netip.Prefix{}
			s = m.sources[source]
		}
	}
	if s == nil {
		s = &missing{}
		m.sources[source] = s
	}
	if s.more++; now.Sub(s.written) >= perLine {
		m.line(source, s, now)
	}
}

func (m misses) line(source netip.Prefix, s *missing, now time.Time) {
	m.logger.Warn("failed logins", "source", source.String(), "count", s.more)
	s.written, s.more = now, 0
}

// sweep writes what is owed of sources whose minute is over, and forgets them.
func (m misses) sweep(now time.Time) {
	for source, s := range m.sources {
		if now.Sub(s.written) < perLine {
			continue
		}
		if s.more > 0 {
			m.line(source, s, now)
		}
		delete(m.sources, source)
	}
}

// Flush writes the lines that are owed; the service ends.
func (i *Identity) Flush() {
	i.misses.mu.Lock()
	defer i.misses.mu.Unlock()
	for source, s := range i.misses.sources {
		if s.more > 0 {
			i.misses.line(source, s, i.cfg.Clock())
		}
	}
}
