package markdown_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/sample"
	"scrutineer/reports/markdown"
	"scrutineer/reports/run"
)

var update = flag.Bool("update", false, "write the golden files again")

func render(t *testing.T, write func(dir string) error) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := markdown.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	if b.Len() > markdown.MaxSize {
		t.Errorf("%d bytes", b.Len())
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	for name, kind := range map[string]sample.Kind{"small": sample.Small, "troubled": sample.Troubled} {
		got := render(t, func(dir string) error { return sample.Write(dir, kind) })
		path := filepath.Join("testdata", name+".md")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs: run the test with -update and read the diff", path)
		}
	}
}

// shape lists what a Markdown reader with GitHub's extensions sees besides
// text.
func shape(t *testing.T, source []byte) map[string]int {
	t.Helper()
	seen := map[string]int{}
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link, *ast.AutoLink, *ast.Image, *ast.Heading, *ast.CodeBlock, *ast.FencedCodeBlock, *ast.Blockquote:
			seen[n.Kind().String()]++
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil // in which nobody is mentioned
		case *ast.Text:
			if bytes.Contains(n.Segment.Value(source), []byte("@everyone")) {
				seen["mention"]++
			}
		case *ast.RawHTML:
			seen["html "+string(n.Segments.Value(source))]++
		case *ast.HTMLBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				seen["html "+strings.TrimSpace(string(line.Value(source)))]++
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// Hostile strings stay text: a reader sees the same headings and the same HTML
// as in a harmless run, and no link at all.
func TestHostile(t *testing.T) {
	plain := shape(t, render(t, func(dir string) error {
		return sample.Hostile(dir, sample.Troubled, func(int) string { return "harmless" })
	}))
	payloads := append(sample.Payloads(), "@everyone #1 [x](https://evil.invalid) ![x](y)", "# heading", "- item", "1. item", "> quote",
		"```\ncode", "`", "a | b |", "https://evil.invalid www.evil.invalid me@evil.invalid", "    indented", "<details open>", "***", "Title\n===")
	// Each string gets each payload once in as many turns as there are; a few
	// turns of many strings put each payload into nearly every place.
	for turn := range 6 {
		got := render(t, func(dir string) error {
			return sample.Hostile(dir, sample.Troubled, func(n int) string { return payloads[(n+turn*7)%len(payloads)] })
		})
		for what, n := range shape(t, got) {
			if n != plain[what] && !strings.HasPrefix(what, "html <sub>") { // the last line, in which the command stands
				t.Errorf("turn %d: %d of %s instead of %d", turn, n, what, plain[what])
			}
		}
		if bytes.ContainsAny(got, "\x1b\u202e") {
			t.Errorf("turn %d: control characters got through", turn)
		}
	}
}

func TestWaiverAndCut(t *testing.T) {
	got := string(render(t, func(dir string) error {
		events := []event.Event{{RunStarted: &event.RunStarted{Seed: "1"}}}
		for range 1000 {
			events = append(events, event.Event{Verdict: &event.Verdict{Scenario: "A03", SubCase: "x", Run: event.Attack, Judgement: event.Undetected,
				Expected: event.Prevented, Summary: strings.Repeat("long ", 50)}})
		}
		events = append(events, event.Event{RunFinished: &event.RunFinished{Unexpected: 1000, ExitCode: 1}})
		return sample.WriteEvents(dir, events)
	}))
	if !strings.Contains(got, "0 of 1000 verdicts as expected") || !strings.Contains(got, "more than fits here") || !strings.HasSuffix(got, "</sub>\n") {
		t.Errorf("cut to %d bytes: …%s", len(got), got[len(got)-300:])
	}
	got = string(render(t, func(dir string) error {
		return sample.WriteEvents(dir, []event.Event{{RunStarted: &event.RunStarted{Seed: "1"}},
			{Verdict: &event.Verdict{Scenario: "A03", SubCase: "x", Run: event.Attack, Judgement: event.Undetected, Expected: event.Undetected,
				AsExpected: true, Waiver: &event.Waiver{Reason: "known since May", Expires: "2027-01-31"}}}})
	}))
	if !strings.Contains(got, "### Waived") || !strings.Contains(got, "known since May") {
		t.Error(got)
	}
}
