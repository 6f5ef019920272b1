// Package vocabulary says which words a scenario may use and what they mean:
// actions with typed parameters, oracles, abilities of a target, and planted
// weaknesses. It is the contract between those who write scenarios and those
// who implement actions, and does nothing itself: harness/action and the
// dialects carry the actions out, harness/oracle judges.
//
// A [Set] is built once by whoever wires a program together and is never
// changed. [Standard] is the set that comes with the tool.
package vocabulary

import (
	"errors"
	"fmt"
	"slices"
)

// Kind is the type of a parameter.
type Kind int

// The kinds of parameters, and the Go type by which [Args] gives them back.
const (
	_ Kind = iota
	// Bool is true or false: bool.
	Bool
	// Int is a whole number between Min and Max: int64.
	Int
	// Word is one of Words: string.
	Word
	// Words is a list of distinct words, each one of Words: []string.
	Words
	// Voter names one voter of the election: string.
	Voter
	// Voters is a list of voters or groups of voters; plans hold the names of
	// the single voters: []string.
	Voters
	// Contest, Style and Unit name one of the election's: string.
	Contest
	Style
	Unit
	// Option names an option of the contest in parameter Within: string.
	Option
	// Trustee is a trustee's index from 1: int64.
	Trustee
	// Trustees is a list of distinct trustee indices: []int64.
	Trustees
	// Choices maps contests to lists of options; the option "blank" is a
	// blank vote, the empty list selects nothing: map[string][]string.
	Choices
	// Ref names an earlier step whose action makes Of: string.
	Ref
)

// Product is what a step leaves behind for later steps to refer to.
type Product string

// The products of the standard actions.
const (
	// NoProduct is that of an action nothing can refer to.
	NoProduct Product = ""
	// Election is an election that was set up, open or aborted.
	Election Product = "election"
	// Body is the body of a ballot that somebody made and has not yet sent.
	Body Product = "body"
	// Casts are ballots that were sent with their decisions, by voter, with
	// all bytes that the sender knows.
	Casts Product = "casts"
)

// Phase is the part of an election that an action belongs to, in order.
type Phase int

// The phases. Anywhere is that of actions that fit into any.
const (
	Anywhere Phase = iota
	Setup
	Cast
	Close
	Tally
	Publish
)

// Param is one parameter of an action.
type Param struct {
	Name     string
	Kind     Kind
	Required bool
	// Words are the allowed words of Word and Words.
	Words []string
	// Min and Max bound Int.
	Min, Max int64
	// Within names the parameter that holds an Option's contest.
	Within string
	// Of is what the step that a Ref names must make.
	Of Product
	// Default is the value where the scenario gives none, of the kind's Go
	// type; nil means absent.
	Default any
	Doc     string
}

// Action is something that a step can do.
type Action struct {
	Name string
	Doc  string
	// Adversarial actions are what no honest participant does; a step with one
	// must say what happens in its place in the honest twin.
	Adversarial bool
	Phase       Phase
	Params      []Param
	// Makes is what later steps may refer to by this step's name.
	Makes Product
	// Needs are the abilities that a target must have.
	Needs []string
	// Opaque is how the action is played on ballots that only the target can
	// read; nil where it cannot be.
	Opaque *Form
}

// Term is a word with its meaning: an oracle, an ability, a weakness.
type Term struct{ Name, Doc string }

// Set is a vocabulary.
type Set struct {
	actions    []Action
	oracles    []Term
	abilities  []Term
	weaknesses []Term
}

// ErrVocabulary means that the words given to New contradict each other.
var ErrVocabulary = errors.New("inconsistent vocabulary")

// New returns a Set after checking it: no name twice, known abilities and
// products, parameters complete for their kind.
func New(actions []Action, oracles, abilities, weaknesses []Term) (*Set, error) {
	s := &Set{slices.Clone(actions), slices.Clone(oracles), slices.Clone(abilities), slices.Clone(weaknesses)}
	for _, l := range []List{Actions, Oracles, Abilities, Weaknesses} {
		names := s.Names(l)
		slices.Sort(names)
		if len(slices.Compact(slices.Clone(names))) != len(names) {
			return nil, fmt.Errorf("%w: a name of the %s is there twice", ErrVocabulary, l)
		}
	}
	for _, a := range s.actions {
		if err := s.checkAction(a); err != nil {
			return nil, fmt.Errorf("%w: action %s: %w", ErrVocabulary, a.Name, err)
		}
	}
	return s, nil
}

func (s *Set) checkAction(a Action) error {
	for _, n := range a.Needs {
		if !slices.Contains(s.Names(Abilities), n) {
			return fmt.Errorf("unknown ability %s", n)
		}
	}
	seen := map[string]bool{}
	for _, p := range a.Params {
		switch {
		case seen[p.Name]:
			return fmt.Errorf("parameter %s twice", p.Name)
		case p.Kind == 0:
			return fmt.Errorf("parameter %s has no kind", p.Name)
		case (p.Kind == Word || p.Kind == Words) != (len(p.Words) > 0):
			return fmt.Errorf("parameter %s: words and kind disagree", p.Name)
		case p.Kind == Int && p.Min > p.Max:
			return fmt.Errorf("parameter %s: bounds", p.Name)
		case p.Kind == Option && !seen[p.Within]:
			return fmt.Errorf("parameter %s: no contest before it", p.Name)
		case (p.Kind == Ref) != (p.Of != NoProduct):
			return fmt.Errorf("parameter %s: reference to nothing", p.Name)
		case p.Required && p.Default != nil:
			return fmt.Errorf("parameter %s is required and has a default", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

// List is one of the lists of names in a vocabulary.
type List int

// The lists.
const (
	_ List = iota
	Actions
	Oracles
	Abilities
	Weaknesses
)

// String names the list in the plural.
func (l List) String() string {
	return [...]string{"nothing", "actions", "oracles", "abilities", "weaknesses"}[l]
}

// Names returns the names of a list in its order; the caller may change it.
func (s *Set) Names(l List) []string {
	var out []string
	switch l {
	case Actions:
		for _, a := range s.actions {
			out = append(out, a.Name)
		}
	case Oracles:
		out = names(s.oracles)
	case Abilities:
		out = names(s.abilities)
	case Weaknesses:
		out = names(s.weaknesses)
	}
	return out
}

func names(terms []Term) []string {
	var out []string
	for _, t := range terms {
		out = append(out, t.Name)
	}
	return out
}

// Action returns the action of that name.
func (s *Set) Action(name string) (Action, bool) {
	for _, a := range s.actions {
		if a.Name == name {
			return a, true
		}
	}
	return Action{}, false
}

// Terms returns the terms of a list other than Actions.
func (s *Set) Terms(l List) []Term {
	switch l {
	case Oracles:
		return slices.Clone(s.oracles)
	case Abilities:
		return slices.Clone(s.abilities)
	case Weaknesses:
		return slices.Clone(s.weaknesses)
	}
	return nil
}

// Param returns the parameter of that name.
func (a Action) Param(name string) (Param, bool) {
	for _, p := range a.Params {
		if p.Name == name {
			return p, true
		}
	}
	return Param{}, false
}
