package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"scrutineer/harness/verify"
)

const intro = `# Every check is needed

[SPEC.md](../protocols/SPEC.md) numbers the checks that an election must pass. The
reference system and the independent verifier share no code, and each makes them
all. Here each check in turn was switched off, at all of its places of one side at
once, and the project's tests and scenarios had to fail. This page is written by

    go run ./scripts/loadbearing -page docs/loadbearing.md

which refuses to write it for some of the checks. The first test that failed is named: of
the packages nearest to the check first, then of the scenarios. The check is taken
out of a copy of its file, by the smallest edit that compiles; the code has no
switch for it. Where a test died of a panic the check is needed, but its absence
was not judged. The option -list lists the places, and -places switches off one of
them at a time.

`

// page is docs/loadbearing.md.
func page(done []outcome) []byte {
	var b bytes.Buffer
	b.WriteString(intro)
	for _, s := range sides() {
		mine := slices.DeleteFunc(slices.Clone(done), func(r outcome) bool { return r.side.name != s.name })
		left := slices.DeleteFunc(slices.Clone(mine), func(r outcome) bool { return r.by != "" })
		fmt.Fprintf(&b, "## The %s\n\n", s.name)
		fmt.Fprintf(&b, "%d checks, %d of them killed.\n\n| check | | places | killed by |\n|---|---|---|---|\n", len(mine), len(mine)-len(left))
		for _, r := range mine {
			by := "survives"
			if r.by != "" {
				by = strings.ReplaceAll(r.by, "|", "\\|")
			}
			c, _ := verify.ParseCheck(r.check)
			fmt.Fprintf(&b, "| %s | %s | %d | %s |\n", r.check, c.Title(), len(r.sites), by)
		}
		b.WriteString("\n")
		for _, r := range left {
			why := survivors[r.name()]
			if why == "" {
				why = "not explained"
			}
			fmt.Fprintf(&b, "- %s survives: %s.\n", r.check, why)
		}
		if len(left) > 0 {
			b.WriteString("\n")
		}
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
