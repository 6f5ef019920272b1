// Package scenario reads attack scenarios from YAML files and turns each of
// their sub-cases into plans: the list of steps of the attack run and that of
// its honest twin, every argument typed and checked.
//
// The format is published as a JSON schema ([Schema]); a test holds it and the
// structs here together. A file with any fault is rejected with one error that
// names file, line, column and a mend. Which actions, oracles, abilities and
// weaknesses there are is not this package's business: a [Vocabulary] says so.
//
// Plans carry everything that the runner and the judge need and nothing about
// planted weaknesses; those stand in [Case] alone, for whoever sets up the
// target.
package scenario

import (
	"strings"

	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
)

// Vocabulary tells which words a scenario may use; *vocabulary.Set is one.
type Vocabulary interface {
	Action(name string) (vocabulary.Action, bool)
	Names(vocabulary.List) []string
}

var _ Vocabulary = (*vocabulary.Set)(nil)

// Scenario is one file.
type Scenario struct {
	// ID is the attack's id in the catalogue, or one of the user's own.
	ID    string `yaml:"id" need:"yes"`
	Slug  string `yaml:"slug" need:"yes"`
	Title string `yaml:"title" need:"yes"`

	Stage    Stage      `yaml:"stage" need:"yes"`
	Vector   Vector     `yaml:"vector" need:"yes"`
	Actor    []Actor    `yaml:"actor" need:"yes"`
	Property []Property `yaml:"property" need:"yes"`
	Severity Severity   `yaml:"severity" need:"yes"`
	// Basis says how well the attack is known to work.
	Basis Basis `yaml:"basis" need:"yes"`

	// Mechanism says how the attack works, Defence what stops it.
	Mechanism    string        `yaml:"mechanism" need:"yes"`
	Defence      string        `yaml:"defence" need:"yes"`
	References   []Reference   `yaml:"references" need:"yes"`
	Requirements []Requirement `yaml:"requirements"`

	// Needs are abilities of the target, Roles who plays what.
	Needs []string          `yaml:"needs" need:"yes"`
	Roles map[string]Player `yaml:"roles"`

	Judged   Judged   `yaml:"judged" need:"yes"`
	Evidence Evidence `yaml:"evidence"`
	// Oracles are those that establish the damage that the scenario is about.
	Oracles []string `yaml:"oracles" need:"yes"`

	Election Election `yaml:"election" need:"yes"`
	Steps    []Step   `yaml:"steps" need:"yes"`
	Cases    []Case   `yaml:"cases" need:"yes"`

	plans map[planKey]*Plan
}

// Reference is a publication that describes the attack or where it happened.
type Reference struct {
	Text string `yaml:"text" need:"yes"`
	URL  string `yaml:"url"`
}

// Requirement is a clause of a standard that the scenario touches.
type Requirement struct {
	Standard string `yaml:"standard" need:"yes"`
	Clause   string `yaml:"clause" need:"yes"`
	// Basis is seen where the clause was read, recalled where its number is
	// from memory and must be checked before it is quoted.
	Basis ClauseBasis `yaml:"basis"`
}

// Step is one action, or several at once.
type Step struct {
	// Name is how later steps and sub-cases refer to the step.
	Name string         `yaml:"name"`
	Do   string         `yaml:"do"`
	With map[string]any `yaml:"with"`
	// Twin is what happens in this place of the honest twin. Without it the
	// step is the same there.
	Twin *Twin `yaml:"twin"`
	// OnRefusal says how an attack run goes on when the step is refused.
	OnRefusal OnRefusal `yaml:"on_refusal"`
	// Says tells a reader of the report what happens here, in one sentence.
	Says string `yaml:"says"`
	// Par are steps that start together; the group ends when all have ended.
	Par []Step `yaml:"par"`
}

// Twin replaces a step in the honest twin: with another action, with the same
// action and other parameters where Do is empty, or with nothing.
type Twin struct {
	Do   string         `yaml:"do"`
	With map[string]any `yaml:"with"`
	Omit bool           `yaml:"omit"`
}

// Case is one variant of the attack. What it does not say is as the scenario
// says.
type Case struct {
	ID    string `yaml:"id" need:"yes"`
	Title string `yaml:"title" need:"yes"`
	// Deep says that the variant is part of runs of full depth alone, because
	// it takes long.
	Deep bool `yaml:"deep"`

	// Steps replaces the scenario's; With and Twin change parameters of named
	// steps, in the attack and in the twin's replacement; Skip leaves steps out.
	Steps []Step                    `yaml:"steps"`
	With  map[string]map[string]any `yaml:"with"`
	Twin  map[string]map[string]any `yaml:"twin"`
	Skip  []string                  `yaml:"skip"`

	// Election replaces the settings that it gives.
	Election *Overlay `yaml:"election"`
	Needs    []string `yaml:"needs"`
	Judged   Judged   `yaml:"judged"`
	Evidence Evidence `yaml:"evidence"`
	Oracles  []string `yaml:"oracles"`

	Expect Expect `yaml:"expect" need:"yes"`
	// Planted is the minimal set of weaknesses that lets this variant through
	// unnoticed.
	Planted []string `yaml:"planted"`
	// Opaque is how the variant is played on a target that speaks no dialect
	// of ours; without it the variant does not apply there.
	Opaque *Opaque `yaml:"opaque"`
}

// Opaque plays a variant on ballots that only the target can read: the same
// steps, each in its form for such ballots. The whole election is held, and
// judged by its result. What it does not say is as the sub-case says.
type Opaque struct {
	Skip     []string `yaml:"skip"`
	Election *Overlay `yaml:"election"`
	Oracles  []string `yaml:"oracles"`
}

// Expect is what a sound system does about the attack.
type Expect struct {
	Verdict Verdict `yaml:"verdict" need:"yes"`
	// By are the roles of which each must refuse or raise an alarm.
	By []Role `yaml:"by"`
	// Proof is who can prove what to whom, of a detected attack.
	Proof *Proof `yaml:"proof"`
}

// Proof says that Who can convince To of What.
type Proof struct {
	Who  string `yaml:"who" need:"yes"`
	To   string `yaml:"to" need:"yes"`
	What string `yaml:"what" need:"yes"`
	// Check is the number of the check in the specification that repeats it.
	Check string `yaml:"check"`
}

// Case returns the sub-case of that id.
func (s *Scenario) Case(id string) (*Case, bool) {
	for i := range s.Cases {
		if s.Cases[i].ID == id {
			return &s.Cases[i], true
		}
	}
	return nil, false
}

// Info is what a report tells about the scenario.
func (s *Scenario) Info() event.ScenarioInfo {
	info := event.ScenarioInfo{
		ID: s.ID, Slug: s.Slug, Title: s.Title, Stage: string(s.Stage), Vector: string(s.Vector),
		Severity: string(s.Severity), Mechanism: oneLine(s.Mechanism), Defence: oneLine(s.Defence), JudgedAt: string(s.Judged),
		Expect: event.Judgement(s.Cases[0].Expect.Verdict),
	}
	for i, a := range s.Actor {
		if i > 0 {
			info.Actor += "+"
		}
		info.Actor += string(a)
	}
	for _, p := range s.Property {
		info.Properties = append(info.Properties, string(p))
	}
	for _, r := range s.References {
		info.References = append(info.References, event.Reference{Text: oneLine(r.Text), URL: r.URL})
	}
	for _, r := range s.Requirements {
		info.Requirements = append(info.Requirements, event.Requirement{Standard: r.Standard, Clause: r.Clause, Basis: string(r.Basis)})
	}
	for _, c := range s.Cases {
		sub := event.SubCase{ID: c.ID, Title: c.Title, Expect: event.Judgement(c.Expect.Verdict)}
		if len(c.Planted) > 0 {
			sub.Planted = [][]string{c.Planted}
		}
		info.SubCases = append(info.SubCases, sub)
	}
	return info
}

// oneLine puts a text of several lines into one: how a file breaks its lines
// is no business of a report.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
