package scenario

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scrutineer/harness/strictyaml"
	"scrutineer/harness/vocabulary"
)

// Each fault is made by replacing one piece of the good file; the error must
// begin at the place of mark (the replacement, where mark is empty) and say
// want.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, old, new, mark, want string }{
		// The form of the file.
		{"unknown key", "severity: high", "severety: high", "", `unknown key "severety"; did you mean "severity"?`},
		{"doubled key", "slug: an-example", "id: Z98", "", `key "id" is there twice`},
		{"missing key", "basis: read\n", "", "id:", `key "basis" is missing`},
		{"wrong type", "title: An example", "title: 7", "7", `expected text, found the number 7; write it in quotes: "7"`},
		{"clause as number", `clause: "15"`, "clause: 15", "15", "expected text, found the number 15"},
		{"alias", "mechanism: What", "mechanism: *x What", "*x", "not YAML"},
		{"anchor", "title: An example", "title: &t An example", "&t", "anchors and aliases"},
		{"unknown word", "vector: protocol", "vector: protocoll", "protocoll", `did you mean "protocol"?`},
		{"bad stage", "stage: voting/cast", "stage: voting", "voting\n", `"voting" is not one of the words`},
		{"bad evidence", "judged: accepted", "evidence: nobody\njudged: accepted", "nobody", "one of third-party, voter"},
		{"unknown key in a step", "{do: close}", "{do: close, wiht: {}}", "wiht", `did you mean "with"?`},
		{"zero", "count: 3", "count: 0", "0}", `"count" must be at least 1`},

		// The scenario.
		{"bad id", "id: Z99", "id: z99", "z99", `"z99" is not well-formed; a scenario id is capital`},
		{"long id", "id: Z99", "id: Z99999", "Z99999", "not well-formed"},
		{"bad slug", "slug: an-example", "slug: An Example", "An Example", "a slug is lower-case"},
		{"empty text", "title: An example", `title: " "`, `" "`, "the text is empty"},
		{"actor twice", "actor: [voter, server]", "actor: [voter, voter]", "voter]", `"voter" is there twice`},
		{"bad address", "url: https://example.org/paper", "url: ftp://example.org", "ftp:", `"ftp://example.org" is not a web address`},
		{"unknown ability", "[ceremony,", "[ceremonny,", "ceremonny", `unknown ability "ceremonny"; did you mean "ceremony"?`},
		{"ability twice", "[ceremony,", "[open,", "open, client", `"open" is there twice`},
		{"unknown oracle", "oracles: [O.accept]", "oracles: [O.acept]", "O.acept", `did you mean "O.accept"?`},
		{"no oracle", "oracles: [O.accept]", "oracles: []", "[]", "the list is empty; name the oracles"},
		{"unknown weakness", "planted: [weak.fs.commitmentsOnly]", "planted: [weak.fs.commitments]", "weak.fs.commitments", `did you mean "weak.fs.commitmentsOnly"?`},
		{"unknown role", "trustee/2: harness", "truste/2: harness", "harness\njudged", `unknown role "truste"; did you mean "trustee"?`},
		{"no such trustee", "trustee/2: harness", "trustee/9: harness", "harness\njudged", `there is no trustee "9"; 1 to 3`},
		{"trustee by another spelling", "trustee/2: harness", "trustee/02: harness", "harness\njudged", `there is no trustee "02"`},
		{"no such voter's role", "voter/crowd: harness", "voter/cro: harness", "harness\n  trustee", `there is no voter or group "cro"; did you mean "crowd"?`},
		{"only one authority", "trustee/2: harness", "authority/1: harness", "harness\njudged", "there is only one authority"},
		{"unknown player", "trustee/2: harness", "trustee/2: harnes", "harnes\n", `did you mean "harness"?`},

		// The election.
		{"contest twice", "id: motion", "id: seat", "seat, options: [\"yes\"", `contest "seat" is there twice`},
		{"option twice", "[ana, bo]", "[ana, ana]", "ana]", `"ana" is there twice`},
		{"option called blank", "[ana, bo]", "[ana, blank]", "blank]", "no option may be called blank"},
		{"max above options", "max: 1", "max: 3", "3}", "3 is out of range, 1 to 2 is allowed"},
		{"min above max", "min: 1", "min: 2", "2, blank", "2 is out of range, 0 to 1 is allowed"},
		{"too few voters", "count: 3", "count: 30000", "30000", "out of range"},
		{"voter twice", "{name: crowd, count: 3}", "{name: crowd, count: 3}\n    - {name: mallory}", "mallory}\n", `voter "mallory" is there twice`},
		{"group like a member", "{name: crowd, count: 3}", "{name: crowd, count: 3}\n    - {name: crowd-2}", "crowd-2", `voter "crowd-2" is there twice`},
		{"unlawful choice", "seat: [bo]", "seat: [blank]", "[blank], motion", `contest "seat" allows no blank vote`},
		{"too many choices", "seat: [bo]", "seat: [bo, ana]", "[bo, ana]", "at most 1 are allowed"},
		{"unknown choice", "seat: [bo]", "seat: [boo]", "[boo]", `contest "seat" has no option "boo"`},
		{"unknown contest in choices", "seat: [bo]", "seet: [bo]", "[bo]", `there is no contest "seet" here; did you mean "seat"?`},
		{"unknown style", "{name: crowd, count: 3}", "{name: crowd, count: 3, style: al}", "al}", `there is no ballot style "al" here; did you mean "all"?`},
		{"unknown unit", "{name: crowd, count: 3}", "{name: crowd, count: 3, unit: x}", "x}", `there is no unit "x" here; one of all`},
		{"heavy voter", "{name: crowd, count: 3}", "{name: crowd, weight: 1000001}", "1000001", "is above 1000000"},
		{"threshold", "threshold: 4", "threshold: 2", "2}", "threshold 2 does not fit 5 trustees; take more than half"},
		{"quorum", "revote: none", "quorum: 4", "4,", "quorum 4 does not fit 3 witnesses"},

		// Steps.
		{"unknown action", "{do: close}", "{do: cloze}", "cloze", `unknown action "cloze"; did you mean "close"?`},
		{"no action", "{do: close}", "{name: x}", "{name: x}", `key "do" is missing`},
		{"unknown parameter", "trustees: [1, 3], in: election", "trustees: [1, 3], inn: election", "election}}", `action follow has no parameter "inn"; did you mean "in"?`},
		{"missing parameter", "with: {voter: mallory, body: forged}", "with: {voter: mallory}", "cast-body", `action cast-body needs parameter "body"`},
		{"wrong type of parameter", "voter: mallory, body: forged", "voter: 3, body: forged", "3, body", "expected a name, found the number 3"},
		{"unknown voter", "voter: mallory, body", "voter: malory, body", "malory", `there is no voter "malory" here; did you mean "mallory"?`},
		{"group for one voter", "voter: mallory, body", "voter: crowd, body", "crowd, body", `there is no voter "crowd" here`},
		{"unknown group", "voters: [crowd]", "voters: [crwd]", "crwd", `there is no voter or group "crwd" here; did you mean "crowd"?`},
		{"voter listed twice", "voters: [crowd]", "voters: [crowd, crowd-1]", "crowd-1]", `voter "crowd-1" is there twice`},
		{"no list of voters", "voters: [crowd]", "voters: crowd", "crowd, oddities", "expected a list with at least one item, found the text"},
		{"empty list of voters", "voters: [crowd]", "voters: []", "[],", "expected a list with at least one item, found an empty list"},
		{"unknown word in a list", "oddities: [retry]", "oddities: [rety]", "rety", `did you mean "retry"?`},
		{"word twice", "oddities: [retry]", "oddities: [retry, retry]", "retry]", `"retry" is there twice`},
		{"unknown word", "shape: pair", "shape: pear", "pear", `there is no word "pear" here; did you mean "pair"?`},
		{"unknown contest", "contest: seat", "contest: seta", "seta", `there is no contest "seta" here`},
		{"no such trustee to follow", "trustees: [1, 3]", "trustees: [1, 4]", "4]", "expected a whole number from 1 to 3, found the number 4"},
		{"trustee twice", "trustees: [1, 3]", "trustees: [1, 1]", "1], in", "trustee 1 is there twice"},
		{"choices of a step", "choices: {motion: [blank]}", "choices: {motion: blank}", "blank}}", "expected a list of options, found the text"},
		{"unlawful choices of a step", "choices: {motion: [blank]}", "choices: {motion: []}", "[]}}", "at least 1 are needed"},
		{"unknown step", "body: forged", "body: forgd", "forgd", `no earlier step is called "forgd"; did you mean "forged"?`},
		{"later step", "in: election", "in: late", "late}", `no earlier step is called "late"; one of election`},
		{"step of another kind", "body: forged", "body: voting", "voting}", `step "voting" makes casts, but body is wanted here`},
		{"step of the same group", "voters: [crowd], oddities", "voters: [crowd], in: forged, oddities", "forged, odd", `no earlier step is called "forged"`},
		{"step name twice", "name: watch", "name: sent", "sent, do", `step name "sent" is there twice`},
		{"bad step name", "name: watch", "name: Watch", "Watch", "a step's name is lower-case"},
		{"group with an action", "  - par:", "  - do: close\n    par:", "do: close\n    par", "a step with par has no other keys"},
		{"judge in a group", "{name: voting, do: vote, with: {voters: [crowd], oddities: [retry]}}", "{do: judge, with: {at: sealed}}", "{do: judge, with: {at: sealed}}\n      -", "judge cannot stand in a group"},
		{"attack without twin", ", twin: {do: make-ballot, with: {voter: mallory, choices: {motion: [blank]}}}", "", "forge-weak-fs-ballot", "the honest twin would carry out the attack forge-weak-fs-ballot; add twin"},
		{"dishonest twin", "twin: {do: make-ballot", "twin: {do: forge-weak-fs-ballot", "{do: forge-weak-fs-ballot, with: {voter: mallory, choices", "the honest twin would carry out the attack"},
		{"empty twin", "twin: {do: make-ballot, with: {voter: mallory, choices: {motion: [blank]}}}", "twin: {omit: false}", "{omit", "the twin changes nothing"},
		{"omitted and replaced", "twin: {do: make-ballot,", "twin: {omit: true, do: make-ballot,", "{omit", "what is omitted has no action"},
		{"omitted but referred to", "twin: {do: make-ballot, with: {voter: mallory, choices: {motion: [blank]}}}", "twin: {omit: true}", "forged}\n", `no earlier step is called "forged"`},
		{"ability not asked for", ", dialect]", "]", "forge-weak-fs-ballot", `needs the ability "dialect", which needs does not list`},
		{"no judge", "{do: judge, with: {at: sealed}}", "{do: follow, with: {trustees: [1]}}", "id: two", `sub-case "two" is judged at stage sealed, but no step judges there`},
		{"judged before the attack", "  - par:", "  - {do: judge, with: {at: accepted}}\n  - par:", "judge, with", "nothing was attacked before this judgement"},
		{"sealed before the close", "{do: judge, with: {at: accepted}}", "{do: judge, with: {at: sealed}}", "judge, with", "there is nothing sealed yet at this judgement; move it behind the step close"},

		// Sub-cases.
		{"bad case id", "id: one", "id: One", "One", "a sub-case id is lower-case"},
		{"case twice", "id: two", "id: one", "one\n    title: The second", `sub-case "one" is there twice`},
		{"change of no step", "with: {forged: {shape: reuse}}", "with: {forgd: {shape: reuse}}", "{shape: reuse", `no step is called "forgd"; did you mean "forged"?`},
		{"skip of no step", "skip: [watch]", "skip: [wach]", "wach", `no step is called "wach"; did you mean "watch"?`},
		{"wrong change", "shape: reuse", "shape: reused", "reused", `did you mean "reuse"?`},
		{"skipped but needed", "skip: [watch]", "skip: [forged]", "forged}\n", `no earlier step is called "forged"`},
		{"prevented by nobody", "{verdict: prevented, by: [authority]}", "{verdict: prevented}", "{verdict: prevented}", "it is not said who prevents or detects"},
		{"detected without proof", "      proof: {who: a voter, to: anyone, what: the receipt, check: V-26}\n", "", "verdict: detected", "it is not said who can prove"},
		{"prevented with proof", "by: [authority]}", "by: [authority], proof: {who: a, to: b, what: c}}", "{who", "only a detected attack has a proof"},
		{"unknown role of a verdict", "by: [authority]", "by: [authorty]", "authorty", `did you mean "authority"?`},
		{"no sub-case", "cases:\n", "cases: []\nx:\n", "x:\n", "unknown key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := good(t)
			if strings.Count(base, c.old) < 1 {
				t.Fatalf("the good file has no %q", c.old)
			}
			text := strings.Replace(base, c.old, c.new, 1)
			mark := c.mark
			if mark == "" {
				mark = c.new
			}
			_, err := Parse("f.yaml", []byte(text), vocabulary.Standard())
			var f *strictyaml.Fault
			if !errors.As(err, &f) {
				t.Fatalf("no fault: %v", err)
			}
			if !strings.Contains(f.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", f, c.want)
			}
			if line, column := place(t, text, mark); f.Line != line || f.Column != column {
				t.Errorf("at %d:%d, want %d:%d (%v)", f.Line, f.Column, line, column, f)
			}
		})
	}
}

// place returns line and column of the first mark in text.
func place(t *testing.T, text, mark string) (line, column int) {
	t.Helper()
	before, _, ok := strings.Cut(text, mark)
	if !ok {
		t.Fatalf("no %q in the file", mark)
	}
	last := before[strings.LastIndex(before, "\n")+1:]
	return strings.Count(before, "\n") + 1, len(last) + 1
}

// A file with any part cut out is refused with a place, or is a scenario with
// all its plans; it is the same error every time.
func TestCutFiles(t *testing.T) {
	base := good(t)
	words := vocabulary.Standard()
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(base)-1).Draw(t, "from")
		n := rapid.IntRange(1, 60).Draw(t, "n")
		text := base[:from] + base[min(from+n, len(base)):]
		s, err := Parse("f.yaml", []byte(text), words)
		_, again := Parse("f.yaml", []byte(text), words)
		if fmt.Sprint(err) != fmt.Sprint(again) {
			t.Fatalf("two errors: %v and %v", err, again)
		}
		var f *strictyaml.Fault
		switch {
		case err == nil && len(s.plans) != 2*len(s.Cases):
			t.Fatal("a plan is missing")
		case err != nil && (!errors.As(err, &f) || f.Line < 1 || f.Column < 1):
			t.Fatalf("fault without a place: %v", err)
		}
	})
}
