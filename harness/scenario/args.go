package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"scrutineer/harness/nearest"
	"scrutineer/harness/vocabulary"
)

// arguments checks the parameters of a draft against its action and returns
// them typed, with defaults.
func (c *checker) arguments(d draft, a vocabulary.Action, e Election, made map[string]vocabulary.Product) vocabulary.Args {
	args := vocabulary.Args{}
	var known []string
	for _, p := range a.Params {
		known = append(known, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(d.with)) {
		if !slices.Contains(known, name) {
			c.doc.Add(d.withPlaces[name], fmt.Sprintf("action %s has no parameter %q", a.Name, name), suggest(name, known))
		}
	}
	for _, p := range a.Params {
		raw, ok := d.with[p.Name]
		switch {
		case ok:
			if v := c.argument(d.withPlaces[p.Name], p, raw, e, made, args); v != nil {
				args[p.Name] = v
			}
		case p.Required:
			c.doc.Add(d.doPlace, fmt.Sprintf("action %s needs parameter %q: %s", a.Name, p.Name, p.Doc), "add it below with")
		case p.Default != nil:
			args[p.Name] = p.Default
		}
	}
	return args
}

// argument returns the typed value of one parameter, or nil after a fault.
func (c *checker) argument(place string, p vocabulary.Param, raw any, e Election, made map[string]vocabulary.Product, before vocabulary.Args) any {
	switch p.Kind {
	case vocabulary.Bool:
		return typed[bool](c, place, raw, "true or false")
	case vocabulary.Int:
		return c.integer(place, raw, p.Min, p.Max)
	case vocabulary.Trustee:
		return c.integer(place, raw, 1, int64(e.Trustees))
	case vocabulary.Trustees:
		return c.trustees(place, raw, e)
	case vocabulary.Voters:
		return c.voters(place, raw, e)
	case vocabulary.Words:
		return c.wordList(place, raw, p.Words)
	case vocabulary.Choices:
		return c.choices(place, raw, e)
	}
	s, ok := raw.(string)
	if !ok {
		c.doc.Add(place, "expected a name, found "+describe(raw), "")
		return nil
	}
	switch p.Kind {
	case vocabulary.Word:
		return c.member(place, "word", s, p.Words)
	case vocabulary.Voter:
		return c.member(place, "voter", s, e.voterNames())
	case vocabulary.Contest:
		return c.member(place, "contest", s, e.contestIDs())
	case vocabulary.Style:
		return c.member(place, "ballot style", s, e.styleIDs())
	case vocabulary.Unit:
		return c.member(place, "unit", s, e.Units)
	case vocabulary.Option:
		k, ok := e.contest(before.Text(p.Within))
		if !ok {
			return nil // the contest was a fault of its own
		}
		return c.member(place, "option", s, k.Options)
	}
	return c.reference(place, s, p.Of, made)
}

// reference checks that s names an earlier step that makes what is wanted.
func (c *checker) reference(place, s string, of vocabulary.Product, made map[string]vocabulary.Product) any {
	got, ok := made[s]
	var fitting []string
	for _, name := range slices.Sorted(maps.Keys(made)) {
		if made[name] == of {
			fitting = append(fitting, name)
		}
	}
	switch {
	case !ok:
		mend := suggest(s, fitting)
		if mend == "" && len(fitting) > 0 {
			mend = "one of " + strings.Join(fitting, ", ")
		}
		c.doc.Add(place, fmt.Sprintf("no earlier step is called %q", s), mend)
		return nil
	case got != of:
		c.doc.Add(place, fmt.Sprintf("step %q makes %s, but %s is wanted here", s, product(got), product(of)), "")
		return nil
	}
	return s
}

func product(p vocabulary.Product) string {
	if p == vocabulary.NoProduct {
		return "nothing"
	}
	return string(p)
}

// typed returns raw as a T, or nil after a fault.
func typed[T any](c *checker, place string, raw any, wanted string) any {
	v, ok := raw.(T)
	if !ok {
		c.doc.Add(place, fmt.Sprintf("expected %s, found %s", wanted, describe(raw)), "")
		return nil
	}
	return v
}

func (c *checker) integer(place string, raw any, low, high int64) any {
	v, ok := raw.(int64)
	if !ok || v < low || v > high {
		c.doc.Add(place, fmt.Sprintf("expected a whole number from %d to %d, found %s", low, high, describe(raw)), "")
		return nil
	}
	return v
}

func (c *checker) member(place, what, s string, known []string) any {
	if !slices.Contains(known, s) {
		mend := suggest(s, known)
		if mend == "" && len(known) > 0 && len(known) <= 12 {
			mend = "one of " + strings.Join(known, ", ")
		}
		c.doc.Add(place, fmt.Sprintf("there is no %s %q here", what, s), mend)
		return nil
	}
	return s
}

// list returns raw as a list, or nil after a fault.
func (c *checker) list(place string, raw any) []any {
	l, ok := raw.([]any)
	if !ok || len(l) == 0 {
		c.doc.Add(place, "expected a list with at least one item, found "+describe(raw), "")
		return nil
	}
	return l
}

func (c *checker) wordList(place string, raw any, words []string) any {
	var out []string
	for i, item := range c.list(place, raw) {
		at := fmt.Sprintf("%s[%d]", place, i)
		s, ok := item.(string)
		if !ok {
			c.doc.Add(at, "expected a word, found "+describe(item), "")
			return nil
		}
		if slices.Contains(out, s) {
			c.doc.Add(at, fmt.Sprintf("%q is there twice", s), "remove one")
			return nil
		}
		if c.member(at, "word", s, words) == nil {
			return nil
		}
		out = append(out, s)
	}
	return orNil(out)
}

// orNil keeps a nil slice from becoming a value that is not nil.
func orNil[T any](l []T) any {
	if len(l) == 0 {
		return nil
	}
	return l
}

func (c *checker) trustees(place string, raw any, e Election) any {
	var out []int64
	for i, item := range c.list(place, raw) {
		at := fmt.Sprintf("%s[%d]", place, i)
		v, ok := c.integer(at, item, 1, int64(e.Trustees)).(int64)
		if !ok {
			return nil
		}
		if slices.Contains(out, v) {
			c.doc.Add(at, fmt.Sprintf("trustee %d is there twice", v), "remove one")
			return nil
		}
		out = append(out, v)
	}
	return orNil(out)
}

// voters expands groups to their members.
func (c *checker) voters(place string, raw any, e Election) any {
	var out []string
	seen := map[string]bool{}
	for i, item := range c.list(place, raw) {
		at := fmt.Sprintf("%s[%d]", place, i)
		s, ok := item.(string)
		if !ok {
			c.doc.Add(at, "expected a voter or a group of voters, found "+describe(item), "")
			return nil
		}
		members := e.members(s)
		if members == nil {
			c.member(at, "voter or group", s, append(e.groupNames(), e.voterNames()...))
			return nil
		}
		for _, m := range members {
			if seen[m] {
				c.doc.Add(at, fmt.Sprintf("voter %q is there twice", m), "remove one")
				return nil
			}
			seen[m] = true
			out = append(out, m)
		}
	}
	return orNil(out)
}

// choices checks a mapping from contests to options.
func (c *checker) choices(place string, raw any, e Election) any {
	m, ok := raw.(map[string]any)
	if !ok || len(m) == 0 {
		c.doc.Add(place, "expected contests with lists of options, found "+describe(raw), "")
		return nil
	}
	out := map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(m)) {
		at := place + "." + id
		l, ok := m[id].([]any)
		if !ok {
			c.doc.Add(at, "expected a list of options, found "+describe(m[id]), "[blank] is a blank vote, [] selects nothing")
			return nil
		}
		options := []string{}
		for _, item := range l {
			s, ok := item.(string)
			if !ok {
				c.doc.Add(at, "expected a list of options, found "+describe(item)+" in it", "")
				return nil
			}
			options = append(options, s)
		}
		out[id] = options
	}
	if !c.lawful(place, out, e) {
		return nil
	}
	return out
}

// members returns the voters that a name of a voter or group stands for.
func (e Election) members(name string) []string {
	for _, g := range e.Voters {
		members := g.Members()
		if g.Name == name {
			return members
		}
		if slices.Contains(members, name) {
			return []string{name}
		}
	}
	return nil
}

func (e Election) groupNames() []string {
	var out []string
	for _, g := range e.Voters {
		out = append(out, g.Name)
	}
	return out
}

func (e Election) voterNames() []string {
	var out []string
	for _, g := range e.Voters {
		out = append(out, g.Members()...)
	}
	return out
}

func (e Election) contestIDs() []string {
	var out []string
	for _, k := range e.Contests {
		out = append(out, k.ID)
	}
	return out
}

func (e Election) styleIDs() []string {
	var out []string
	for _, s := range e.Styles {
		out = append(out, s.ID)
	}
	return out
}

func (e Election) contest(id string) (Contest, bool) {
	for _, k := range e.Contests {
		if k.ID == id {
			return k, true
		}
	}
	return Contest{}, false
}

func describe(raw any) string {
	switch v := raw.(type) {
	case string:
		return fmt.Sprintf("the text %q", v)
	case int64:
		return fmt.Sprintf("the number %d", v)
	case bool:
		return fmt.Sprintf("the truth value %t", v)
	case []any:
		if len(v) == 0 {
			return "an empty list"
		}
		return "a list"
	}
	return "keys with values"
}

func suggest(name string, known []string) string {
	if s := nearest.Name(name, known); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}
