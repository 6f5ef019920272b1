// Package page is the page on which a channel shows a result to people: a
// table of totals, and in it, for whoever checks, the signed publication
// itself. Write makes it; Read takes from any page, however it came about, what
// a person who looks at it is shown, and what it says is signed.
//
// Read believes nothing: that table and publication agree, and that anybody
// signed, is for its caller to find out.
package page

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"strconv"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// MaxSize bounds a page that is read, in bytes.
const MaxSize = 16 << 20

// Totals are the numbers that a page shows, by contest and option.
type Totals map[string]map[string]uint64

// Shown is what is on a page.
type Shown struct {
	Totals      Totals
	Publication []byte // canonical JSON of message.Publication; nil where there is none
}

// ErrPage is wrapped by Read for what is no page of results.
var ErrPage = errors.New("no page of results")

// TotalsOf are the totals of a result, as a page should show them.
func TotalsOf(m *message.Manifest, r message.Result) Totals {
	out := Totals{}
	for _, c := range r.Contests {
		totals := map[string]uint64{}
		for i, option := range selections(m, c.Contest) {
			if i < len(c.Totals) {
				totals[option.ID] = c.Totals[i]
			}
		}
		out[c.Contest] = totals
	}
	return out
}

// selections are the options of a contest, then blank where it is allowed.
func selections(m *message.Manifest, contest string) []message.Option {
	for _, c := range m.Contests {
		if c.ID != contest {
			continue
		}
		out := append([]message.Option{}, c.Options...)
		if c.Blank {
			out = append(out, message.Option{ID: message.BlankOption, Title: "Blank"})
		}
		return out
	}
	return nil
}

type row struct {
	Contest, Option, Title string
	Votes                  uint64
}

type contest struct {
	Title   string
	Rows    []row
	Elected []string
}

type view struct {
	Title, Channel, Fingerprint, Digest string
	Version                             uint64
	Test                                bool
	Contests                            []contest
	Publication                         template.JS // canonical JSON, with < escaped
}

// The form that Read knows rows and publication by.
const document = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title>
<meta name="viewport" content="width=device-width">
<style>body{font:1rem/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}td{border-top:1px solid #ccc;padding:.3rem 0}td+td{text-align:right;font-variant-numeric:tabular-nums}code{overflow-wrap:anywhere}</style>
</head><body><h1>{{.Title}}</h1>{{if .Test}}
<p><strong>This is a test election.</strong></p>{{end}}
{{range .Contests}}<h2>{{.Title}}</h2>
<table>
{{range .Rows}}<tr data-contest="{{.Contest}}" data-option="{{.Option}}"><td>{{.Title}}</td><td>{{.Votes}}</td></tr>
{{end}}</table>
{{if .Elected}}<p>Elected: {{range $i, $e := .Elected}}{{if $i}}, {{end}}{{$e}}{{end}}</p>
{{end}}{{end}}<h2>Check it</h2>
<p>Version {{.Version}} on the {{.Channel}} channel of the election <code>{{.Fingerprint}}</code>. Digest of this result: <code>{{.Digest}}</code>. A page cannot vouch for itself: compare it with the record and with the other channel.</p>
<p><a href="/result.json">signed result</a> · <a href="/notices.json">notices</a></p>
<script type="application/json" id="publication">{{.Publication}}</script>
</body></html>
`

// Write makes the page of a publication.
func Write(m *message.Manifest, p message.Publication) ([]byte, error) {
	canonical, err := codec.Encode(p)
	if err != nil {
		return nil, err
	}
	v := view{Title: m.Title, Channel: p.Statement.Channel, Fingerprint: p.Statement.Fingerprint.String(),
		Digest: p.Statement.Digest.String(), Version: p.Statement.Version, Test: m.Test,
		// Ids and digests have no markup; what else there is, is escaped here.
		Publication: template.JS(bytes.ReplaceAll(canonical, []byte("<"), []byte(`\u003c`))),
	}
	for _, c := range p.Result.Contests {
		shown := contest{Title: titleOf(m, c.Contest)}
		for i, o := range selections(m, c.Contest) {
			if i < len(c.Totals) {
				shown.Rows = append(shown.Rows, row{c.Contest, o.ID, o.Title, c.Totals[i]})
			}
			for _, w := range c.Outcome.Winners {
				if w == o.ID {
					shown.Elected = append(shown.Elected, o.Title)
				}
			}
		}
		v.Contests = append(v.Contests, shown)
	}
	t, err := template.New("page").Parse(document)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return out.Bytes(), nil
}

func titleOf(m *message.Manifest, id string) string {
	for _, c := range m.Contests {
		if c.ID == id && c.Title != "" {
			return c.Title
		}
	}
	return id
}

var (
	rowForm  = regexp.MustCompile(`<tr data-contest="([a-z0-9-]{1,63})" data-option="([a-z0-9-]{1,63})"><td>[^<]*</td><td>([0-9]{1,16})</td></tr>`)
	openForm = []byte(`<script type="application/json" id="publication">`)
	endForm  = []byte(`</script>`)
)

// Read takes a page apart. A total that is there twice is shown twice, and that
// is an error: nobody knows which one a person reads.
func Read(raw []byte) (Shown, error) {
	if len(raw) > MaxSize {
		return Shown{}, fmt.Errorf("%w: %d bytes", ErrPage, len(raw))
	}
	out := Shown{Totals: Totals{}}
	for _, found := range rowForm.FindAllSubmatch(raw, -1) {
		c, o := string(found[1]), string(found[2])
		n, err := strconv.ParseUint(string(found[3]), 10, 53)
		if err != nil {
			return Shown{}, fmt.Errorf("%w: total of %s, %s: %w", ErrPage, c, o, err)
		}
		if out.Totals[c] == nil {
			out.Totals[c] = map[string]uint64{}
		}
		if _, twice := out.Totals[c][o]; twice {
			return Shown{}, fmt.Errorf("%w: the total of %s, %s is there twice", ErrPage, c, o)
		}
		out.Totals[c][o] = n
	}
	if _, rest, found := bytes.Cut(raw, openForm); found {
		inner, _, closed := bytes.Cut(rest, endForm)
		if !closed || bytes.Contains(rest, openForm) {
			return Shown{}, fmt.Errorf("%w: the publication in it is cut off or there twice", ErrPage)
		}
		out.Publication = bytes.ReplaceAll(inner, []byte(`\u003c`), []byte("<"))
	}
	if len(out.Totals) == 0 {
		return Shown{}, ErrPage
	}
	return out, nil
}
