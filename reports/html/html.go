// Package html renders a run as one self-contained HTML page, the document
// that a vendor hands to a laboratory. Style, pictures and symbols are inside;
// the page has no script, makes no request and works from a file.
//
// Strings of the run go through package plain and then through html/template,
// and a content security policy in the page forbids everything but the one
// style sheet, so that hostile text stays text even if one of them failed.
//
// The page shows what the run's files say. It judges nothing: whether a verdict
// is as expected, a proof convinces or a matrix cell is right was decided when
// the run was made.
package html

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"scrutineer/reports/internal/plain"
	"scrutineer/reports/run"
)

//go:embed page.tmpl
var pageTemplate string

//go:embed figures.tmpl
var figuresTemplate string

//go:embed flow.tmpl
var flowTemplate string

//go:embed scenario.tmpl
var scenarioTemplate string

//go:embed symbols.tmpl
var symbolsTemplate string

//go:embed style.css
var style string

// Write renders r to w.
func Write(w io.Writer, r *run.Run) error {
	t, err := templates(pageTemplate)
	if err != nil {
		return fmt.Errorf("html report: %w", err)
	}
	if err := t.ExecuteTemplate(w, "page", newPage(plain.Deep(r))); err != nil {
		return fmt.Errorf("html report: %w", err)
	}
	return nil
}

// templates parses what the report and the live page share, and the page itself.
func templates(page string) (*template.Template, error) {
	t := template.New("report").Funcs(functions())
	for _, text := range []string{symbolsTemplate, figuresTemplate, flowTemplate, scenarioTemplate, page} {
		if _, err := t.Parse(text); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// policy allows the one style sheet by its hash and nothing else.
func policy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}
