package docs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"scrutineer/harness/scenario"
	"scrutineer/harness/vocabulary"
)

// schema is the part of JSON schema that the scenario format uses.
type schema struct {
	Ref                  string            `json:"$ref"`
	Type                 any               `json:"type"`
	Description          string            `json:"description"`
	Enum                 []any             `json:"enum"`
	Required             []string          `json:"required"`
	Properties           map[string]schema `json:"properties"`
	AdditionalProperties any               `json:"additionalProperties"`
	Items                *schema           `json:"items"`
	Defs                 map[string]schema `json:"$defs"`
}

func formatPage(words *vocabulary.Set) (string, error) {
	var s schema
	if err := json.Unmarshal(scenario.Schema, &s); err != nil {
		return "", fmt.Errorf("the scenario schema: %w", err)
	}
	p := newPage("Scenarios", "A scenario is a YAML (or JSON) file. `scrutineer validate FILE` checks one, and\n`scrutineer run --scenarios FOLDER` runs those of a folder beside our own. The\nschema for editors is [schema.json](../harness/scenario/schema.json); examples\nare in [harness/scenarios](../harness/scenarios).")
	p.line("## The file")
	p.line("")
	p.keys(s)
	for _, name := range slices.Sorted(maps.Keys(s.Defs)) {
		if d := s.Defs[name]; len(d.Properties) > 0 {
			p.line("## %s", strings.ToUpper(name[:1])+name[1:])
			p.line("")
			if d.Description != "" {
				p.line("%s", d.Description)
				p.line("")
			}
			p.keys(d)
		}
	}
	p.actions(words)
	for _, l := range []vocabulary.List{vocabulary.Oracles, vocabulary.Abilities, vocabulary.Weaknesses} {
		name := l.String()
		p.line("## %s", strings.ToUpper(name[:1])+name[1:])
		p.line("")
		p.table("name", "meaning")
		for _, t := range words.Terms(l) {
			p.row("`"+t.Name+"`", t.Doc)
		}
		p.line("")
	}
	return p.String(), nil
}

// keys is the table of an object's keys.
func (p *page) keys(s schema) {
	p.table("key", "kind", "meaning")
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		k := s.Properties[name]
		shown := "`" + name + "`"
		if slices.Contains(s.Required, name) {
			shown += " (required)"
		}
		p.row(shown, kind(k), k.Description)
	}
	p.line("")
}

// kind says what a value is.
func kind(s schema) string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case len(s.Enum) > 0:
		var words []string
		for _, w := range s.Enum {
			words = append(words, fmt.Sprintf("`%v`", w))
		}
		return strings.Join(words, " ")
	case s.Items != nil:
		return "list of " + kind(*s.Items)
	}
	return fmt.Sprint(s.Type)
}

// kinds are the words for the kinds of parameters.
var kinds = map[vocabulary.Kind]string{
	vocabulary.Bool: "true or false", vocabulary.Int: "number", vocabulary.Word: "word", vocabulary.Words: "words",
	vocabulary.Voter: "voter", vocabulary.Voters: "voters", vocabulary.Contest: "contest", vocabulary.Style: "style",
	vocabulary.Unit: "unit", vocabulary.Option: "option", vocabulary.Trustee: "trustee", vocabulary.Trustees: "trustees",
	vocabulary.Choices: "choices", vocabulary.Ref: "step",
}

func (p *page) actions(words *vocabulary.Set) {
	p.line("## Actions")
	p.line("")
	for _, name := range words.Names(vocabulary.Actions) {
		a, _ := words.Action(name)
		title := "### " + a.Name
		if a.Adversarial {
			title += " (adversarial)"
		}
		p.line("%s", title)
		p.line("")
		p.line("%s", a.Doc)
		if len(a.Needs) > 0 {
			p.line("Needs: %s.", strings.Join(a.Needs, ", "))
		}
		p.line("")
		if len(a.Params) == 0 {
			continue
		}
		p.table("parameter", "kind", "meaning")
		for _, x := range a.Params {
			p.row(parameter(x), kinds[x.Kind], x.Doc+span(x))
		}
		p.line("")
	}
}

func parameter(x vocabulary.Param) string {
	if x.Required {
		return "`" + x.Name + "` (required)"
	}
	return "`" + x.Name + "`"
}

// span says which values are allowed, and the default.
func span(x vocabulary.Param) string {
	out := ""
	if x.Kind == vocabulary.Int {
		out = fmt.Sprintf(" (%d to %d)", x.Min, x.Max)
	}
	if x.Default != nil {
		out += fmt.Sprintf("; default %v", x.Default)
	}
	return out
}

// commands is the reference of the command line.
func commands(root *cobra.Command) string {
	p := newPage("Commands", "What `scrutineer help` says, on one page.")
	var each func(c *cobra.Command)
	each = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			return
		}
		p.command(c)
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(root)
	return p.String()
}

func (p *page) command(c *cobra.Command) {
	p.line("## %s", c.CommandPath())
	p.line("")
	text := c.Long
	if text == "" {
		text = strings.ToUpper(c.Short[:1]) + c.Short[1:] + "."
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		p.line("%s", line)
	}
	p.line("")
	p.line("```\n%s\n```", strings.TrimRight(c.UseLine()+"\n\n"+c.Example, "\n "))
	p.line("")
	if !c.HasLocalFlags() {
		return
	}
	p.table("flag", "default", "meaning")
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		name, usage := pflag.UnquoteUsage(f)
		p.row("`--"+f.Name+" "+name+"`", value(f), usage)
	})
	p.line("")
}

// value shows a default, unless it is that of this machine.
func value(f *pflag.Flag) string {
	switch {
	case f.Name == "parallel":
		return "16 a processor"
	case f.DefValue == "" || f.DefValue == "[]" || f.DefValue == "false":
		return ""
	}
	return "`" + f.DefValue + "`"
}
