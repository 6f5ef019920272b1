package scenario

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"scrutineer/harness/strictyaml"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
)

// Forms of names.
var (
	idForm   = regexp.MustCompile(`^[A-Z]{1,8}[0-9]{2,4}$`)
	nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
)

// checker finds out whether a decoded scenario makes sense, and makes its
// plans on the way.
type checker struct {
	doc   *strictyaml.Document
	s     *Scenario
	words Vocabulary
}

func (c *checker) check() {
	s := c.s
	c.form("id", s.ID, idForm, "a scenario id is capital letters with two to four digits, like A03")
	c.form("slug", s.Slug, nameForm, "a slug is lower-case letters, digits and hyphens")
	c.filled("title", s.Title)
	c.filled("mechanism", s.Mechanism)
	c.filled("defence", s.Defence)
	distinct(c, "actor", s.Actor)
	distinct(c, "property", s.Property)
	c.references()
	c.known("needs", "ability", s.Needs, vocabulary.Abilities)
	c.known("oracles", "oracle", s.Oracles, vocabulary.Oracles)
	if len(s.Oracles) == 0 {
		c.doc.Add("oracles", "the list is empty", "name the oracles that establish the damage")
	}
	if len(s.Cases) == 0 {
		c.doc.Add("cases", "the list is empty", "a scenario has at least one sub-case")
	}
	fill(&s.Evidence, ThirdParty)
	for i := range s.Requirements {
		fill(&s.Requirements[i].Basis, "seen")
	}
	s.plans = map[planKey]*Plan{}
	c.election("election", s.Election.filled())
	c.stepForms("steps", s.Steps)
	for i := range s.Cases {
		c.oneCase(i)
	}
}

func (c *checker) references() {
	for i, r := range c.s.References {
		at := fmt.Sprintf("references[%d]", i)
		c.filled(at+".text", r.Text)
		u, err := url.Parse(r.URL)
		if r.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
			c.doc.Add(at+".url", fmt.Sprintf("%q is not a web address", r.URL), "write https://…")
		}
	}
	for i, r := range c.s.Requirements {
		at := fmt.Sprintf("requirements[%d]", i)
		c.filled(at+".standard", r.Standard)
		c.filled(at+".clause", r.Clause)
	}
}

// oneCase checks a sub-case and makes its two plans.
func (c *checker) oneCase(i int) {
	k := &c.s.Cases[i]
	at := fmt.Sprintf("cases[%d]", i)
	c.form(at+".id", k.ID, nameForm, "a sub-case id is lower-case letters, digits and hyphens")
	for _, other := range c.s.Cases[:i] {
		if other.ID == k.ID {
			c.doc.Add(at+".id", fmt.Sprintf("sub-case %q is there twice", k.ID), "give it another id")
		}
	}
	c.filled(at+".title", k.Title)
	c.known(at+".needs", "ability", k.Needs, vocabulary.Abilities)
	c.known(at+".oracles", "oracle", k.Oracles, vocabulary.Oracles)
	c.known(at+".planted", "weakness", k.Planted, vocabulary.Weaknesses)
	c.expect(at, k)
	if k.Opaque != nil {
		c.known(at+".opaque.oracles", "oracle", k.Opaque.Oracles, vocabulary.Oracles)
	}
	c.stepForms(at+".steps", k.Steps)
	c.stepNames(at, k)

	e := c.s.Election.with(k.Election).filled()
	if k.Election != nil {
		c.election(at+".election", e)
	}
	c.roles(e)
	for _, run := range []event.RunKind{event.Attack, event.Twin} {
		c.s.plans[planKey{id: k.ID, run: run}] = c.plan(i, run, e)
		if k.Opaque != nil {
			c.s.plans[planKey{id: k.ID, run: run, opaque: true}] = c.opaquePlan(i, run)
		}
		if deeper := c.s.Election.with(k.Election).deepened(); deeper.Games > e.Games {
			c.s.plans[planKey{id: k.ID, run: run, deep: true}] = c.plan(i, run, deeper.filled())
		}
	}
}

// expect checks what a sub-case expects.
func (c *checker) expect(at string, k *Case) {
	x := k.Expect
	distinct(c, at+".expect.by", x.By)
	switch {
	case x.Verdict != "undetected" && len(x.By) == 0:
		c.doc.Add(at+".expect", "it is not said who prevents or detects the attack", "add by: [role]")
	case x.Verdict == "detected" && x.Proof == nil:
		c.doc.Add(at+".expect", "it is not said who can prove the attack to whom", "add proof: {who: …, to: …, what: …}")
	case x.Verdict != "detected" && x.Proof != nil:
		c.doc.Add(at+".expect.proof", "only a detected attack has a proof", "remove it")
	}
}

// stepForms checks what can be said of a step without its action.
func (c *checker) stepForms(at string, steps []Step) {
	for i, st := range steps {
		here := fmt.Sprintf("%s[%d]", at, i)
		if len(st.Par) == 0 {
			c.stepForm(here, st)
			continue
		}
		if st.Do != "" || st.Name != "" || st.With != nil || st.Twin != nil || st.OnRefusal != "" || st.Says != "" {
			c.doc.Add(here, "a step with par has no other keys", "move them to the steps in par")
		}
		if len(st.Par) < 2 {
			c.doc.Add(here+".par", "a group of one step is no group", "write the step without par")
		}
		for j, m := range st.Par {
			inner := fmt.Sprintf("%s.par[%d]", here, j)
			c.stepForm(inner, m)
			if len(m.Par) > 0 {
				c.doc.Add(inner, "groups do not nest", "put the steps into the outer group")
			}
			if m.Do == vocabulary.Judge {
				c.doc.Add(inner, "judge cannot stand in a group", "put it after the group")
			}
		}
	}
}

func (c *checker) stepForm(here string, st Step) {
	if st.Name != "" {
		c.form(here+".name", st.Name, nameForm, "a step's name is lower-case letters, digits and hyphens")
	}
	if st.Do == "" && len(st.Par) == 0 {
		c.doc.Add(here, `key "do" is missing`, "say which action the step is")
	}
	t := st.Twin
	switch {
	case t == nil:
	case t.Omit && (t.Do != "" || t.With != nil):
		c.doc.Add(here+".twin", "what is omitted has no action and no parameters", "remove omit, or everything else")
	case !t.Omit && t.Do == "" && t.With == nil:
		c.doc.Add(here+".twin", "the twin changes nothing", "add do, with or omit, or remove twin")
	}
}

// stepNames checks that a sub-case changes only steps that there are.
func (c *checker) stepNames(at string, k *Case) {
	var names []string
	steps := c.s.Steps
	if len(k.Steps) > 0 {
		steps = k.Steps
	}
	for _, st := range steps {
		for _, m := range append([]Step{st}, st.Par...) {
			if m.Name != "" {
				names = append(names, m.Name)
			}
		}
	}
	for _, part := range []struct {
		place string
		keys  map[string]map[string]any
	}{{at + ".with", k.With}, {at + ".twin", k.Twin}} {
		for _, name := range slices.Sorted(maps.Keys(part.keys)) {
			if !slices.Contains(names, name) {
				c.doc.Add(part.place+"."+name, fmt.Sprintf("no step is called %q", name), suggest(name, names))
			}
		}
	}
	for i, name := range k.Skip {
		if !slices.Contains(names, name) {
			c.doc.Add(fmt.Sprintf("%s.skip[%d]", at, i), fmt.Sprintf("no step is called %q", name), suggest(name, names))
		}
	}
}

// roles checks the keys of roles: a role, or role/name of one voter, voter
// group, trustee or witness.
func (c *checker) roles(e Election) {
	for _, key := range slices.Sorted(maps.Keys(c.s.Roles)) {
		at := "roles." + key
		role, name, one := strings.Cut(key, "/")
		if !slices.Contains(Role("").Words(), role) {
			c.doc.Add(at, fmt.Sprintf("unknown role %q", role), suggest(role, Role("").Words()))
			continue
		}
		if !one {
			continue
		}
		n, err := strconv.Atoi(name)
		switch role {
		case "voter":
			if e.members(name) == nil {
				c.doc.Add(at, fmt.Sprintf("there is no voter or group %q", name), suggest(name, e.groupNames()))
			}
		case "trustee", "witness":
			if limit := map[string]int{"trustee": e.Trustees, "witness": e.Witnesses}[role]; err != nil || n < 1 || n > limit || name != strconv.Itoa(n) {
				c.doc.Add(at, fmt.Sprintf("there is no %s %q", role, name), fmt.Sprintf("1 to %d", limit))
			}
		default:
			c.doc.Add(at, fmt.Sprintf("there is only one %s", role), "write "+role+" alone")
		}
	}
}

// form checks a name against a regular expression.
func (c *checker) form(at, value string, form *regexp.Regexp, mend string) {
	if !form.MatchString(value) {
		c.doc.Add(at, fmt.Sprintf("%q is not well-formed", value), mend)
	}
}

func (c *checker) filled(at, value string) {
	if strings.TrimSpace(value) == "" {
		c.doc.Add(at, "the text is empty", "")
	}
}

// known checks names against a list of the vocabulary.
func (c *checker) known(at, what string, got []string, l vocabulary.List) {
	names := c.words.Names(l)
	distinct(c, at, got)
	for i, name := range got {
		if !slices.Contains(names, name) {
			c.doc.Add(fmt.Sprintf("%s[%d]", at, i), fmt.Sprintf("unknown %s %q", what, name), suggest(name, names))
		}
	}
}

// distinct checks that no item of a list is there twice. The words of the
// items' own type were checked when they were decoded.
func distinct[T ~string](c *checker, at string, list []T) {
	for i, v := range list {
		if slices.Contains(list[:i], v) {
			c.doc.Add(fmt.Sprintf("%s[%d]", at, i), fmt.Sprintf("%q is there twice", string(v)), "remove one")
		}
	}
}
