// Package expect reads a file of expected verdicts and compares a run with
// it, so that a CI job fails on any change: an attack that goes further than
// it did, one that no longer gets as far, a run that is missing or new.
//
// A system's known weakness is a waiver: an entry with a bad verdict, the
// reason why it is put up with, and a day after which it no longer is.
package expect

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"scrutineer/harness/strictyaml"
	"scrutineer/reports/event"
)

// File is a file of expectations. The zero File expects nothing.
type File struct {
	// Version of the format: 1.
	Version int `yaml:"version" need:"yes"`
	// Verdicts are the entries, one for a run.
	Verdicts []Entry `yaml:"verdicts" need:"yes"`
}

// Version is the version of the format that this package reads and writes.
const Version = 1

// Entry is what one run must come to.
type Entry struct {
	Scenario string `yaml:"scenario" need:"yes"`
	Case     string `yaml:"case"`
	// Run is the attack where it is not given.
	Run     Run     `yaml:"run"`
	Verdict Verdict `yaml:"verdict" need:"yes"`
	Waiver  *Waiver `yaml:"waiver"`
}

// Waiver says why a bad verdict is put up with, and until when.
type Waiver struct {
	Reason string `yaml:"reason" need:"yes"`
	// Expires is the last day on which the waiver holds, 2027-01-31, in UTC.
	Expires string `yaml:"expires" need:"yes"`
}

// Run is a kind of run.
type Run string

func (Run) Words() []string {
	return []string{string(event.Attack), string(event.Planted), string(event.Twin)}
}

// Verdict is a judgement.
type Verdict string

func (Verdict) Words() []string {
	return []string{string(event.Prevented), string(event.Detected), string(event.Undetected), string(event.Inapplicable),
		string(event.Inconclusive), string(event.Clean), string(event.FalseAlarm)}
}

// good says whether the verdict needs no excuse.
func (e Entry) good() bool {
	switch event.RunKind(e.Run) {
	case event.Twin:
		return e.Verdict == Verdict(event.Clean) || e.Verdict == Verdict(event.Inapplicable)
	case event.Planted:
		return e.Verdict == Verdict(event.Undetected) || e.Verdict == Verdict(event.Inapplicable)
	}
	return e.Verdict == Verdict(event.Prevented) || e.Verdict == Verdict(event.Detected) || e.Verdict == Verdict(event.Inapplicable)
}

// name is what the entry is about.
func (e Entry) name() string { return name(e.Scenario, e.Case, string(e.Run)) }

func name(scenario, sub, run string) string {
	if sub != "" {
		scenario += "/" + sub
	}
	return scenario + " " + run
}

// dayForm is how days are written.
const dayForm = "2006-01-02"

// Parse reads a file of expectations, YAML or JSON; fileName stands in errors,
// which are *strictyaml.Fault.
func Parse(fileName string, data []byte) (*File, error) {
	f := new(File)
	doc, err := strictyaml.Decode(fileName, data, f)
	if err != nil {
		return nil, err
	}
	if f.Version != Version {
		doc.Add("version", fmt.Sprintf("version %d is not known", f.Version), fmt.Sprintf("this build reads version %d", Version))
	}
	seen := map[string]bool{}
	for i := range f.Verdicts {
		f.Verdicts[i].check(doc, fmt.Sprintf("verdicts[%d]", i), seen)
	}
	if err := doc.First(); err != nil {
		return nil, err
	}
	return f, nil
}

func (e *Entry) check(doc *strictyaml.Document, at string, seen map[string]bool) {
	if e.Run == "" {
		e.Run = Run(event.Attack)
	}
	twinOnly := e.Verdict == Verdict(event.Clean) || e.Verdict == Verdict(event.FalseAlarm)
	switch {
	case strings.TrimSpace(e.Scenario) == "":
		doc.Add(at+".scenario", "the text is empty", "")
	case seen[e.name()]:
		doc.Add(at, e.name()+" is there twice", "remove one")
	case twinOnly && e.Run != Run(event.Twin):
		doc.Add(at+".verdict", fmt.Sprintf("an attack is never %s", e.Verdict), "that is a verdict of a twin")
	case !e.good() && e.Waiver == nil:
		doc.Add(at+".verdict", fmt.Sprintf("%s is expected to be %s, and nobody says why", e.name(), e.Verdict),
			"add waiver: {reason: …, expires: YYYY-MM-DD}")
	case e.good() && e.Waiver != nil:
		doc.Add(at+".waiver", "a good verdict needs no waiver", "remove it")
	}
	seen[e.name()] = true
	if e.Waiver == nil {
		return
	}
	if strings.TrimSpace(e.Waiver.Reason) == "" {
		doc.Add(at+".waiver.reason", "the text is empty", "say why this is put up with")
	}
	if _, err := time.Parse(dayForm, e.Waiver.Expires); err != nil {
		doc.Add(at+".waiver.expires", fmt.Sprintf("%q is not a day", e.Waiver.Expires), `write it like "2027-01-31"`)
	}
}

// Read reads the file of expectations at path.
func Read(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, strictyaml.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return Parse(path, data)
}

// Change is a difference between a run and what was expected of it. Every
// change fails.
type Change struct {
	Scenario, Case, Run string
	// Expected and Got are judgements; empty where there is none.
	Expected, Got string
	// What says in words what is different.
	What string
}

// String returns the change in one line.
func (c Change) String() string { return name(c.Scenario, c.Case, c.Run) + ": " + c.What }

// Compare returns what is not as expected, sorted by scenario, sub-case and
// run. Verdicts of one sub-case and run (the twin has two) must all be as
// expected. Selected says which entries the run was meant to cover; nil means
// all. Now decides which waivers still hold.
func Compare(f *File, verdicts []event.Verdict, selected func(scenario, sub string) bool, now time.Time) []Change {
	expected := map[string]Entry{}
	for _, e := range f.Verdicts {
		expected[e.name()] = e
	}
	var out []Change
	ran := map[string]bool{}
	for _, v := range verdicts {
		e, ok := expected[name(v.Scenario, v.SubCase, string(v.Run))]
		ran[name(v.Scenario, v.SubCase, string(v.Run))] = true
		c := Change{Scenario: v.Scenario, Case: v.SubCase, Run: string(v.Run), Expected: string(e.Verdict), Got: string(v.Judgement)}
		switch {
		case !ok:
			c.What = "is " + c.Got + ", and nothing was expected of it"
		case c.Got != c.Expected:
			c.What = fmt.Sprintf("was expected to be %s and is %s", c.Expected, c.Got)
		case e.Waiver != nil && e.Waiver.over(now):
			c.What = fmt.Sprintf("is %s, and the waiver ended on %s (%s)", c.Got, e.Waiver.Expires, e.Waiver.Reason)
		default:
			continue
		}
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	for _, e := range f.Verdicts {
		if !ran[e.name()] && (selected == nil || selected(e.Scenario, e.Case)) {
			out = append(out, Change{Scenario: e.Scenario, Case: e.Case, Run: string(e.Run), Expected: string(e.Verdict),
				What: fmt.Sprintf("was expected to be %s and did not run", e.Verdict)})
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.Case, b.Case), cmp.Compare(a.Run, b.Run))
	})
	return out
}

// Apply puts what the file says of a run into its verdict: what was expected,
// whether it is so, and the waiver that excuses it. A verdict of which the file
// says nothing is not as expected.
func (f *File) Apply(v *event.Verdict, now time.Time) {
	i := slices.IndexFunc(f.Verdicts, func(e Entry) bool { return e.name() == name(v.Scenario, v.SubCase, string(v.Run)) })
	if i < 0 {
		v.AsExpected, v.Why = false, cmp.Or(v.Why, "the file of expected verdicts says nothing of it")
		return
	}
	e := f.Verdicts[i]
	v.Expected = event.Judgement(e.Verdict)
	v.AsExpected = v.Judgement == v.Expected
	if e.Waiver == nil || !v.AsExpected {
		return
	}
	v.Waiver = &event.Waiver{Reason: e.Waiver.Reason, Expires: e.Waiver.Expires}
	if e.Waiver.over(now) {
		v.AsExpected, v.Why = false, cmp.Or(v.Why, "the waiver ended on "+e.Waiver.Expires)
	}
}

// over says whether the waiver's last day has passed.
func (w Waiver) over(now time.Time) bool {
	last, err := time.Parse(dayForm, w.Expires)
	return err != nil || !now.UTC().Before(last.AddDate(0, 0, 1))
}

// Of returns the file that expects these verdicts: a starting point for a
// system of which the verdicts are not known yet. Bad verdicts get a waiver
// with the reason and the day given.
func Of(verdicts []event.Verdict, reason string, expires time.Time) *File {
	f := &File{Version: Version}
	seen := map[string]bool{}
	for _, v := range verdicts {
		e := Entry{Scenario: v.Scenario, Case: v.SubCase, Run: Run(v.Run), Verdict: Verdict(v.Judgement)}
		if seen[e.name()] {
			continue
		}
		seen[e.name()] = true
		if !e.good() {
			e.Waiver = &Waiver{Reason: reason, Expires: expires.UTC().Format(dayForm)}
		}
		f.Verdicts = append(f.Verdicts, e)
	}
	slices.SortStableFunc(f.Verdicts, func(a, b Entry) int { return cmp.Compare(a.name(), b.name()) })
	return f
}

// Marshal returns the file as YAML, one line an entry.
func (f *File) Marshal() ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "version: %d\nverdicts:\n", f.Version)
	for _, e := range f.Verdicts {
		fields := []string{"scenario", e.Scenario}
		if e.Case != "" {
			fields = append(fields, "case", e.Case)
		}
		fields = append(fields, "run", string(e.Run), "verdict", string(e.Verdict))
		b.WriteString("  - {")
		for i := 0; i < len(fields); i += 2 {
			if i > 0 {
				b.WriteString(", ")
			}
			text, err := scalar(fields[i+1])
			if err != nil {
				return nil, err
			}
			b.WriteString(fields[i] + ": " + text)
		}
		if e.Waiver != nil {
			fmt.Fprintf(&b, ", waiver: {reason: %s, expires: %q}", strconv.QuoteToASCII(e.Waiver.Reason), e.Waiver.Expires)
		}
		b.WriteString("}\n")
	}
	return []byte(b.String()), nil
}

// scalar writes a word so that YAML reads it back as text.
func scalar(s string) (string, error) {
	b, err := yaml.Dump(s)
	return strings.TrimSpace(string(b)), err
}
