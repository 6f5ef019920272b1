package html

import (
	"cmp"
	"fmt"
	"html/template"
	"strings"
	"time"

	"scrutineer/reports/event"
	"scrutineer/reports/run"
)

// page is what page.tmpl shows, in its order.
type page struct {
	Run    *run.Run
	Policy string
	Style  template.CSS
	// Title is that of the window, Tone the class of the banner.
	Title     string
	Banner    banner
	Tiles     []tile
	Surprises []surprise
	Matrix    grid
	Coverage  coverage
	// Requirements are the standards that the run is measured against.
	Requirements []standardCoverage
	Timeline     timeline
	Scenarios    []scenario
	Words        []word
}

// banner is the one sentence that everybody reads.
type banner struct {
	Tone, Icon, Text, Detail string
}

// tile is one of the figures below the banner.
type tile struct {
	Number, Label, Note string
	Parts               []part
	Bad                 bool
}

// part is a number of elections with one judgement.
type part struct {
	Judgement event.Judgement
	Count     int
	// Bad is how many of them are not as expected.
	Bad int
}

// surprise is a verdict that is not as expected.
type surprise struct {
	Anchor  string
	Verdict event.Verdict
}

// word explains a judgement in the legend.
type word struct {
	Judgement event.Judgement
	Text      string
}

func newPage(r *run.Run) *page {
	p := &page{Run: r, Policy: policy(), Style: template.CSS(style), Words: words()}
	p.Scenarios = newScenarios(r.Scenarios)
	anchors := newAnchors(p.Scenarios)
	p.Title = "Scrutineer report"
	if r.Started != nil {
		p.Title = fmt.Sprintf("%s: Scrutineer report of %s", r.Started.Target, r.Started.Started.UTC().Format(time.DateOnly))
	}
	p.Banner = newBanner(r)
	p.Tiles = newTiles(r)
	p.Surprises = newSurprises(p.Scenarios)
	p.Matrix = newGrid(r, anchors)
	p.Coverage = newCoverage(p.Scenarios)
	p.Requirements = newRequirements(r, p.Scenarios)
	p.Timeline = newTimeline(r)
	return p
}

// newBanner repeats what the end of the run says of itself.
func newBanner(r *run.Run) banner {
	f := r.Finished
	switch {
	case f == nil:
		return banner{"bad", "inconclusive", "The run did not end", "This page shows what it had learnt when it stopped."}
	case f.OK:
		return banner{"good", "clean", "Everything is as expected", f.Reason}
	case f.Interrupted:
		return banner{"bad", "inconclusive", "The run was interrupted", f.Reason}
	case f.Unexpected > 0:
		return banner{"bad", "undetected", plural(f.Unexpected, "verdict is", "verdicts are") + " not as expected", f.Reason}
	}
	return banner{"bad", "inconclusive", "The run did not pass", f.Reason}
}

// newTiles counts verdicts by run.
func newTiles(r *run.Run) []tile {
	counts := map[event.RunKind][]part{}
	total, ok := 0, 0
	for _, s := range r.Scenarios {
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				switch {
				case e.Verdict.AsExpected:
					total, ok = total+1, ok+1
				case e.Verdict.Surprising():
					total++
				}
				counts[e.Verdict.Run] = addPart(counts[e.Verdict.Run], e.Verdict)
			}
		}
	}
	tiles := []tile{
		{Number: fmt.Sprintf("%d of %d", ok, total), Label: "verdicts as expected", Note: missing(r), Bad: ok < total},
		newTile(counts[event.Attack], "attack on the sound system", "attacks on the sound system", "must be stopped, or proven"),
		newTile(counts[event.Planted], "attack with a weakness planted", "attacks with weaknesses planted", "must get through, or this test could not see them"),
		newTile(counts[event.Twin], "honest twin", "honest twins", "must raise no alarm"),
	}
	if len(r.Probes) > 0 {
		fine := 0
		for _, p := range r.Probes {
			if p.OK {
				fine++
			}
		}
		tiles = append(tiles, tile{Number: fmt.Sprintf("%d of %d", fine, len(r.Probes)), Bad: fine < len(r.Probes),
			Label: "honest elections fine", Note: "before and after the attacks"})
	}
	return tiles
}

func missing(r *run.Run) string {
	var notes []string
	if r.Finished != nil && r.Finished.Inapplicable > 0 {
		notes = append(notes, fmt.Sprintf("%d not applicable", r.Finished.Inapplicable))
	}
	if r.Finished != nil && r.Finished.Missing > 0 {
		notes = append(notes, plural(r.Finished.Missing, "more has", "more have")+" no verdict")
	}
	return strings.Join(notes, ", ")
}

func newTile(parts []part, one, many, note string) tile {
	t := tile{Parts: parts, Note: note}
	n := 0
	for _, p := range parts {
		n += p.Count
		t.Bad = t.Bad || p.Bad > 0
	}
	t.Number, t.Label = fmt.Sprint(n), many
	if n == 1 {
		t.Label = one
	}
	return t
}

func addPart(parts []part, v event.Verdict) []part {
	bad := 0
	if v.Surprising() {
		bad = 1
	}
	for i := range parts {
		if parts[i].Judgement == v.Judgement {
			parts[i].Count++
			parts[i].Bad += bad
			return parts
		}
	}
	return append(parts, part{v.Judgement, 1, bad})
}

func newSurprises(scenarios []scenario) []surprise {
	var out []surprise
	for _, s := range scenarios {
		for _, c := range s.Cases {
			for _, col := range c.Columns {
				for _, e := range col.Elections {
					if e.Verdict.Surprising() {
						out = append(out, surprise{c.Anchor, e.Verdict})
					}
				}
			}
		}
	}
	return out
}

func words() []word {
	return []word{
		{event.Prevented, "The system refused, and nothing was damaged."},
		{event.Detected, "There was damage, and the system's own procedure raised an alarm whose evidence anybody can check again without secrets."},
		{event.Undetected, "There was damage, and no such alarm. A voter who notices but cannot prove it is not enough."},
		{event.Clean, "An honest election, with the same steps and the same load: no damage and no alarm."},
		{event.FalseAlarm, "An honest election in which something raised an alarm."},
		{event.Inapplicable, "The system lacks what the attack needs; the report says what."},
		{event.Inconclusive, "Neither damage nor refusal, or the assumptions did not hold. This never counts as a pass."},
	}
}

// functions are the few helpers of the templates.
func functions() template.FuncMap {
	return template.FuncMap{
		"bytes":       byteSize,
		"utc":         func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") },
		"rfc3339":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"seconds":     func(ms int64) string { return fmt.Sprintf("%.1f s", float64(ms)/1000) },
		"bare":        bare,
		"bare1":       func(n string) string { return strings.TrimPrefix(n, "weak.") },
		"runname":     runName,
		"plural":      plural,
		"thousandths": func(n int64) string { return fmt.Sprintf("%.1f", float64(n)/1000) },
		"property":    property,
		"or2":         func(a, b string) string { return cmp.Or(a, b) },
	}
}

// bare is a planted set without the prefix that all names share.
func bare(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.TrimPrefix(n, "weak.")
	}
	return strings.Join(out, " + ")
}

func runName(k event.RunKind) string {
	switch k {
	case event.Attack:
		return "Attack on the sound system"
	case event.Planted:
		return "Attack with the weakness planted"
	case event.Twin:
		return "Honest twin"
	}
	return string(k)
}

// property spells out the abbreviations of the catalogue.
func property(short string) string {
	long := map[string]string{
		"CAI": "cast as intended", "RAC": "recorded as cast", "TAR": "tallied as recorded",
		"ELIG": "eligibility, one vote each", "PRIV": "ballot privacy", "RF": "receipt-freeness",
		"AVAIL": "availability", "COUNT": "correct count", "RESAUTH": "authenticity of the result",
		"FAIR": "no early results", "ACC": "accountability", "DATA": "personal data",
	}[short]
	return cmp.Or(long, short)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %s", n, many)
}

// byteSize shows a size.
func byteSize(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000/1000)
}
