package html_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"
	"pgregory.net/rapid"

	"scrutineer/reports/html"
	"scrutineer/reports/internal/sample"
	"scrutineer/reports/run"
)

func render(t *testing.T, dir string) []byte {
	t.Helper()
	page, err := write(dir)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func write(dir string) ([]byte, error) {
	r, err := run.Open(dir)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = html.Write(&b, r)
	return b.Bytes(), err
}

// hostile renders a run in which every free string is text.
func hostile(dir string, text func(int) string) ([]byte, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	if err := sample.Hostile(dir, sample.Small, text); err != nil {
		return nil, err
	}
	return write(dir)
}

// parsed is what a parser makes of a report.
type parsed struct {
	// names are the elements and their attributes.
	names map[string]bool
	links []string
	text  strings.Builder
}

func parse(b []byte) (*parsed, error) {
	root, err := xhtml.Parse(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	p := &parsed{names: map[string]bool{}}
	for n := range root.Descendants() {
		switch n.Type {
		case xhtml.TextNode:
			p.text.WriteString(n.Data)
		case xhtml.CommentNode:
			p.names["a comment"] = true
		case xhtml.ElementNode:
			p.names[n.Data] = true
			for _, a := range n.Attr {
				p.names[n.Data+" "+a.Key] = true
				if a.Key == "href" || a.Key == "src" {
					p.links = append(p.links, a.Val)
				}
			}
		}
	}
	return p, nil
}

// harmless are the forms of links that the page may hold.
func harmless(link string) bool {
	return slices.ContainsFunc([]string{"#", "./", "https://", "http://"}, func(p string) bool {
		return strings.HasPrefix(link, p)
	}) || link == "data:,"
}

// Whatever a target says, the page has the elements and attributes that it
// has with harmless strings, and no others.
func TestAnyStringStaysText(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	plain, err := hostile(dir, func(n int) string { return "plain" })
	if err != nil {
		t.Fatal(err)
	}
	want, err := parse(plain)
	if err != nil {
		t.Fatal(err)
	}
	if want.names["script"] || want.names["a comment"] {
		t.Fatal("the page has a script or a comment of its own")
	}
	payloads := sample.Payloads()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.SampledFrom(payloads),
			rapid.StringOf(rapid.RuneFrom([]rune("<>\"'&/=`{}()!-;:#\\\x00\n ascript")))).Filter(func(s string) bool { return s != "" }).Draw(t, "s")
		text, err := hostile(dir, func(int) string { return s })
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for name := range got.names {
			if !want.names[name] && name != "a href" && name != "a rel" {
				t.Fatalf("%q made %s", s, name)
			}
		}
		for _, link := range got.links {
			if !harmless(link) {
				t.Fatalf("%q made a link to %s", s, link)
			}
		}
	})
}

func TestPageIsSelfContained(t *testing.T) {
	dir := t.TempDir()
	if err := sample.Write(dir, sample.Good); err != nil {
		t.Fatal(err)
	}
	text := render(t, dir)
	p, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"script", "img", "iframe", "object", "embed", "link src", "a onclick", "form", "base", "div style"} {
		if p.names[name] {
			t.Errorf("the page holds %s", name)
		}
	}
	for _, phrase := range []string{"@import", "url(http", "src="} {
		if bytes.Contains(text, []byte(phrase)) {
			t.Errorf("the page holds %s", phrase)
		}
	}
}

// The files that a report links to are there, seen from where it lies.
func TestLinksLeadToFilesOfTheRun(t *testing.T) {
	dir := t.TempDir()
	if err := sample.Write(dir, sample.Good); err != nil {
		t.Fatal(err)
	}
	p, err := parse(render(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, link := range p.links {
		if !strings.HasPrefix(link, "./") {
			continue
		}
		files++
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(link))); err != nil {
			t.Error(err)
		}
	}
	if files == 0 {
		t.Error("no files are linked")
	}
}

// What the report is for stands in it.
func TestContents(t *testing.T) {
	dir := t.TempDir()
	if err := sample.Write(dir, sample.Troubled); err != nil {
		t.Fatal(err)
	}
	p, err := parse(render(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(p.text.String()), " ")
	for _, phrase := range []string{
		"The run was interrupted", "67 of 70", "2 more have no verdict", "trustee-2 did not answer within 5 s",
		"ASIACRYPT 2012", "CoE CM/Rec(2017)5: 15, 17", "tallied as recorded",
		"voter-w to anyone with the board's public key", "scrutineer run --seed 6f1d4c2a90b7e835 --scenario B05 --sub-case shared-body",
		"expected prevented", "16 racers cast 1 ok 15 refused", "44 of 44 checks passed",
	} {
		if !strings.Contains(text, phrase) {
			t.Errorf("the report lacks %q", phrase)
		}
	}
}
