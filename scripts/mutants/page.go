package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"scrutineer/harness/mutate"
	"scrutineer/harness/verify"
)

// columns are the levels of mutants in the table.
func columns() []mutate.Level {
	return []mutate.Level{mutate.Field, mutate.Entry, mutate.File, mutate.Head}
}

func powers() []mutate.Power { return []mutate.Power{mutate.Plain, mutate.Rebuilt, mutate.Colluding} }

// print writes the survey for a terminal.
func (s *survey) print(w io.Writer) {
	fmt.Fprintf(w, "%d mutants of one change each (%d more cannot be made)\n\n", len(s.results), s.none)
	for _, line := range s.table() {
		fmt.Fprintf(w, "%-11s %7s %7s %7s %7s %9s %9s %9s\n", line[0], line[1], line[2], line[3], line[4], line[5], line[6], line[7])
	}
	fmt.Fprintf(w, "\n%-6s %-20s %7s %7s\n", "check", "", "first", "alone")
	for _, row := range s.byCheck() {
		fmt.Fprintf(w, "%-6s %-20s %7d %7d\n", row.check, row.check.Title(), row.first, row.alone)
	}
	fmt.Fprintln(w)
	for _, h := range harmlessKinds() {
		if n := s.count(func(r result) bool { return len(r.checks) == 0 && h.covers(r.Mutant) }); n > 0 {
			fmt.Fprintf(w, "harmless: %d of %s %s (%s)\n", n, h.where, h.operators, h.reason)
		}
	}
	for _, r := range s.survivors() {
		fmt.Fprintf(w, "SURVIVES: %s\n", r.Name)
	}
}

func (s *survey) count(holds func(result) bool) (n int) {
	for _, r := range s.results {
		if holds(r) {
			n++
		}
	}
	return n
}

// table counts mutants by power and level, and what became of them.
func (s *survey) table() [][]string {
	out := [][]string{{"", "field", "entry", "file", "head", "rejected", "harmless", "survive"}}
	for _, p := range powers() {
		line := []string{p.String()}
		for _, l := range columns() {
			line = append(line, fmt.Sprint(s.count(func(r result) bool { return r.Power == p && r.Level == l })))
		}
		for _, holds := range []func(result) bool{
			func(r result) bool { return len(r.checks) > 0 },
			func(r result) bool { return r.reason != "" },
			func(r result) bool { return r.survived() },
		} {
			line = append(line, fmt.Sprint(s.count(func(r result) bool { return r.Power == p && holds(r) })))
		}
		out = append(out, line)
	}
	return out
}

type checkRow struct {
	check        verify.Check
	first, alone int
}

// byCheck counts what each check rejects first, by number, and alone.
func (s *survey) byCheck() []checkRow {
	rows := map[verify.Check]*checkRow{}
	for _, r := range s.results {
		if len(r.checks) == 0 {
			continue
		}
		c := slices.Min(r.checks)
		if rows[c] == nil {
			rows[c] = &checkRow{check: c}
		}
		rows[c].first++
		if len(r.checks) == 1 {
			rows[c].alone++
		}
	}
	list := slices.Collect(maps.Values(rows))
	slices.SortFunc(list, func(a, b *checkRow) int { return cmp.Compare(a.check, b.check) })
	out := make([]checkRow, len(list))
	for i, r := range list {
		out[i] = *r
	}
	return out
}

// writePage writes docs/mutants.md.
func (s *survey) writePage(path string) error {
	if err := os.WriteFile(path, s.page(), 0o644); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

func (s *survey) page() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Mutants of a record

One thing at a time is changed in the record of an election that the reference
system has held, and the verifier judges the copy. This page is written by

    go run ./scripts/mutants -n 0 -page docs/mutants.md

which makes one mutant of each kind: each field of each message, each type of
entry, each file and each line of the checkpoints, changed in each way that there
is for it, by each of three kinds of dishonest people. *Plain*: who holds a copy
changes its bytes. *Rebuilt*: the server, with the keys of authority and board,
makes hashes, chunks, tree, seal and its own signatures fit again, and the
witnesses cosign. *Colluding*: registrar and trustees sign again too, and the
trustees decrypt again under the new sealed root. `+"`go run ./scripts/mutants -h`"+`
tells how to try another record, or another's verifier.

`)
	for i, line := range s.table() {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(line, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(line)))
		}
	}
	fmt.Fprintf(&b, "\nOf %d kinds, %d more cannot be made: a list of one item has no reverse.\n", len(s.results)+s.none, s.none)
	fmt.Fprint(&b, "\n## Which check rejects\n\n*First* is the lowest number that rejects, *alone* that no other does.\n\n| check | | first | alone |\n|---|---|---|---|\n")
	for _, row := range s.byCheck() {
		fmt.Fprintf(&b, "| %s | %s | %d | %d |\n", row.check, row.check.Title(), row.first, row.alone)
	}
	b.Write(harmlessPage())
	if list := s.survivors(); len(list) > 0 {
		fmt.Fprint(&b, "\n## Survivors\n\n")
		for _, r := range list {
			fmt.Fprintf(&b, "- `%s`\n", r.Name)
		}
	}
	return b.Bytes()
}

// harmlessPage is the part of the page that does not depend on a run.
func harmlessPage() []byte {
	var b bytes.Buffer
	fmt.Fprint(&b, "\n## What is accepted, and why\n\nAll other mutants are rejected.\n\n| what | change | by | why it is accepted | who notices |\n|---|---|---|---|---|\n")
	for _, h := range harmlessKinds() {
		var by []string
		for _, p := range h.powers {
			by = append(by, p.String())
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", strings.ReplaceAll(h.where, "*", "…"), strings.ReplaceAll(h.operators, "|", ", "),
			strings.Join(by, ", "), h.reason, h.who)
	}
	return b.Bytes()
}
