package api

import (
	"bytes"
	"html/template"
	"net/http"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/web"
)

// typeHTML is the media type of the page.
const typeHTML = "text/html; charset=utf-8"

// page asks for itself again and runs nothing: whoever watches an election sees
// what GET /v1/status tells everybody.
const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>{{.Title}}</title></head><body>
<h1>{{.Title}}</h1>
{{if .Test}}<p>This is a test election.</p>{{end}}
<table>
<tr><th align="left">Phase</th><td>{{.Status.Phase}}{{with .Status.Stalled}}: {{.}}{{end}}</td></tr>
<tr><th align="left">Entries on the board</th><td>{{.Status.Size}}</td></tr>
<tr><th align="left">Fingerprint</th><td><code>{{.Fingerprint}}</code></td></tr>
</table>
<p>The board: <a href="/checkpoint">published head</a>, <a href="/checkpoint.pending">next head</a>.
The server: <a href="/v1/status">status</a>, <a href="/metrics">figures</a>, <a href="/openapi.yaml">interface</a>.</p>
</body></html>
`

// watched is what the page shows.
type watched struct {
	Title       string
	Test        bool
	Status      message.Status
	Fingerprint string
}

// watch is the page of an election for people.
func (a *API) watch(w http.ResponseWriter, _ *http.Request) error {
	t, err := template.New("watch").Parse(page)
	if err != nil {
		return err
	}
	e := a.current()
	st := e.Authority.Status()
	var b bytes.Buffer
	m := e.Manifest.Manifest
	if err := t.Execute(&b, watched{Title: m.Title, Test: m.Test, Status: st, Fingerprint: st.Fingerprint.String()}); err != nil {
		return err
	}
	return web.ReplyBytes(w, http.StatusOK, typeHTML, b.Bytes())
}
