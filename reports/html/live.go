package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/plain"
	"scrutineer/reports/run"
)

//go:embed live.tmpl
var liveTemplate string

//go:embed live.js
var liveScript string

// Now is a run at one moment.
type Now struct {
	// Run is what the summary stream says so far.
	Run *run.Run
	// Elapsed is the time since it began.
	Elapsed time.Duration
	// Flow is that of all elections together.
	Flow    run.Flow
	Parties []Party
}

// Party is a role of the elections that are being held, or a node.
type Party struct {
	Name string
	// InFlight, OK, Refused and Unknown count its operations.
	InFlight, OK, Refused, Unknown int
	// Faults are those in force at the moment.
	Faults []string
}

// Part is a piece of the live page that is replaced as a whole.
type Part struct {
	// ID is that of the element; HTML is its content.
	ID   string `json:"id"`
	HTML string `json:"html"`
}

// Live renders the page that follows a run. Other than the report it has one
// script, which takes parts from where the page came from and nowhere else.
type Live struct{ templates *template.Template }

// NewLive parses the templates.
func NewLive() (*Live, error) {
	t, err := templates(liveTemplate)
	if err != nil {
		return nil, fmt.Errorf("live page: %w", err)
	}
	return &Live{t}, nil
}

// Policy is the content security policy of the live page.
func (l *Live) Policy() string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(liveScript) +
		"; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Page writes the empty page.
func (l *Live) Page(w io.Writer) error {
	return l.templates.ExecuteTemplate(w, "live", map[string]any{"Style": template.CSS(style), "Script": template.JS(liveScript)})
}

// livePage is what the parts of live.tmpl show.
type livePage struct {
	*page
	Done, Total, Percent int
	Elapsed              string
	Flow                 *flow
	Parties              []Party
	Over                 bool
}

// Parts renders all parts of the page at one moment.
func (l *Live) Parts(now Now) ([]Part, error) {
	now = plain.Deep(now)
	p := &livePage{page: newPage(now.Run), Parties: now.Parties, Flow: newFlow(now.Flow, 0),
		Elapsed: now.Elapsed.Round(time.Second).String(), Over: now.Run.Finished != nil}
	p.count()
	if !p.Over {
		p.Banner = p.going()
	}
	parts := make([]Part, 0, 5+len(p.Scenarios))
	for _, id := range []string{"live-head", "live-verdicts", "live-flow", "live-parties", "live-matrix"} {
		html, err := l.render(id, p)
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{id, html})
	}
	for _, s := range p.Scenarios {
		html, err := l.render("live-scenario", s)
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{"s-" + s.Anchor, html})
	}
	return parts, nil
}

func (l *Live) render(name string, data any) (string, error) {
	var b bytes.Buffer
	if err := l.templates.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("live page: %w", err)
	}
	return b.String(), nil
}

// count is how much is done.
func (p *livePage) count() {
	p.Done = len(p.Run.Probes)
	for _, s := range p.Scenarios {
		for _, c := range s.Cases {
			for _, col := range c.Columns {
				p.Done += len(col.Elections)
			}
		}
	}
	if p.Run.Started != nil {
		p.Total = p.Run.Started.Elections + 2
	}
	p.Total = max(p.Total, p.Done)
	if p.Total > 0 {
		p.Percent = 100 * p.Done / p.Total
	}
}

// going is the banner of a run that goes on.
func (p *livePage) going() banner {
	detail := fmt.Sprintf("%d of %d elections judged after %s.", p.Done, p.Total, p.Elapsed)
	if n := len(p.Surprises); n > 0 {
		return banner{"bad", string(event.Undetected), plural(n, "verdict is", "verdicts are") + " not as expected so far", detail}
	}
	return banner{"good", string(event.Clean), "So far everything is as expected", detail}
}
