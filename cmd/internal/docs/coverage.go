package docs

import (
	"fmt"
	"strings"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/coverage"
)

// coveragePage holds our checks against those that others publish.
func coveragePage() string {
	p := newPage("What others check, and which of our checks does", "Each check that a published verifier or its specification makes, in our words, and the\n[checks](checks.md) of `scrutineer verify` that cover it, or why there is nothing to cover.")
	for _, s := range coverage.Sources() {
		p.line("## %s", s.Title)
		p.line("")
		p.line("%s", s.Note)
		p.line("")
		p.line("| | what it asks | ours | |")
		p.line("|---|---|---|---|")
		for _, r := range s.Rows {
			p.line("| %s-%s | %s | %s | %s |", s.Prefix, r.ID, r.What, numbers(r.By), r.Note)
		}
		p.line("")
	}
	return p.String()
}

func numbers(list []verify.Check) string {
	var out []string
	for _, c := range list {
		out = append(out, fmt.Sprint(c))
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, " ")
}
