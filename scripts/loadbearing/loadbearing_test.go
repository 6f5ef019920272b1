package main

import (
	"context"
	"go/parser"
	"go/token"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const example = `package p

type Fault struct{ Check string }

func broken(check string) *Fault { return &Fault{Check: check} }

func plain(ok bool) *Fault {
	if !ok {
		return broken("V-01")
	}
	return nil
}

func cases(n int) *Fault {
	switch {
	case n < 0, n > 9:
		return broken("V-02")
	default:
		return broken("V-03")
	}
}

func last(n int) (int, *Fault) {
	return n, broken("V-04")
}

func variable(ok bool) *Fault {
	f := broken("V-05")
	if ok {
		f = nil
	}
	return f
}

func field(f *Fault, late bool) {
	if late {
		f.Check = "V-06"
	}
}

func literal(ok bool) *Fault {
	if ok {
		return nil
	}
	return &Fault{Check: "V-07"}
}

func counted(see func(string)) { see("V-08") }

func chosen(late bool) *Fault {
	check := "V-09"
	if late {
		check = "V-10"
	}
	return broken(check)
}

func inside(bad, late bool) *Fault {
	if bad {
		check := "V-11"
		return broken(check)
	}
	return nil
}
`

// Every report is found and can be switched off, and what remains is Go.
func TestMutator(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := sites(dir, []string{"."}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"V-01": "if false && (!ok) {",
		"V-02": "case false && (n < 0), false && (n > 9):",
		"V-03": "if false {\nreturn broken(\"V-03\")\n}\nreturn nil",
		"V-04": "if false {\nreturn n, broken(\"V-04\")\n}\nreturn n, nil",
		"V-05": "f := broken(\"V-05\")\nf = nil",
		"V-06": "if false && (late) {",
		"V-07": "if false {\nreturn &Fault{Check: \"V-07\"}\n}\nreturn nil",
		"V-09": "if check != \"V-09\" {\nreturn broken(check)\n}\nreturn nil",
		"V-11": "check := \"V-11\"\n\t\tif check != \"V-11\" {\nreturn broken(check)\n}\n\t}\n\treturn nil",
		"V-10": "if check != \"V-10\" {\nreturn broken(check)\n}\nreturn nil",
	}
	if len(all) != len(want) {
		t.Errorf("%d sites: %+v", len(all), all)
	}
	for _, s := range all {
		src, err := apply(dir, s.file, []site{s}, false)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(src), want[s.check]) {
			t.Errorf("%s becomes\n%s", s.check, src)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "p.go", src, 0); err != nil {
			t.Errorf("%s: %v", s.check, err)
		}
	}
}

// Every check of both sides has a place, or a reason why it has none, and each
// place can be switched off.
func TestEverySideIsCovered(t *testing.T) {
	all, err := mutants(filepath.Join("..", ".."), options{side: "both"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if len(m.sites) == 0 && survivors[m.name()] == "" {
			t.Errorf("%s is reported nowhere, and nobody says why", m.name())
		}
		for _, s := range m.sites {
			if len(s.edits) == 0 {
				t.Errorf("%s at %s:%d cannot be switched off", m.name(), s.file, s.line)
			}
		}
	}
	if _, err := mutants(filepath.Join("..", ".."), options{side: "left"}); err == nil {
		t.Error("a side that there is not")
	}
}

// The page has a row for each check of each side, and the reason of each
// survivor.
func TestPage(t *testing.T) {
	all, err := mutants(filepath.Join("..", ".."), options{side: "both"})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "loadbearing.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for line := range strings.Lines(string(raw)) {
		for _, m := range all {
			if strings.HasPrefix(line, "| "+m.check+" |") && !strings.HasSuffix(line, "| survives |\n") {
				rows[m.check]++
				break
			}
		}
	}
	for _, m := range all {
		if why := survivors[m.name()]; why != "" {
			rows[m.check]++
			if !strings.Contains(string(raw), "- "+m.check+" survives: "+why+".\n") {
				t.Errorf("the page does not say why %s survives", m.name())
			}
		}
	}
	for _, m := range all {
		if rows[m.check] != 2 {
			t.Errorf("the page has %d outcomes for %s, want 2: write it again by a full run, go run ./scripts/loadbearing -page docs/loadbearing.md", rows[m.check], m.check)
		}
	}
	if _, err := run(t.Context(), options{side: "both", sample: 1, page: "page.md"}, io.Discard); err == nil {
		t.Error("a page of a sample")
	}
}

// A sample of the mutants is killed. All of them take an hour and are a command
// of their own.
func TestSample(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv("SCRUTINEER_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 0, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d", seed)
	t.Chdir(filepath.Join("..", ".."))
	var out strings.Builder
	code, err := run(context.Background(), options{side: "both", sample: 2, seed: seed, timeout: 10 * time.Minute}, &out)
	if err != nil || code != 0 {
		t.Errorf("seed %d: status %d, %v\n%s", seed, code, err, out.String())
	}
	t.Log(out.String())
}
