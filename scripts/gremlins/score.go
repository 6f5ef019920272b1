package main

import (
	"bufio"
	"fmt"
	"strings"
	"time"
)

// score is what became of the mutants of a package.
type score struct {
	pkg     string
	share   float64             // of the mutants, in the sample; 0 where packages are mixed
	mutants map[string][]string // by what became of them
	last    string              // what became of the latest

	building, testing float64 // seconds of CPU
	took              time.Duration
	stopped           bool
}

func (s *score) add(became string, mutants ...string) {
	if s.mutants == nil {
		s.mutants = map[string][]string{}
	}
	s.mutants[became] = append(s.mutants[became], mutants...)
	s.last = became
}

// read takes the next line of the file of outcomes, which is about the mutant.
func (s *score) read(lines *bufio.Reader, mutant string) error {
	text, err := lines.ReadString('\n')
	if err != nil {
		return fmt.Errorf("%s: gremlins has tried it without the other go: %w", mutant, err)
	}
	var building, testing float64
	if _, err := fmt.Sscanf(text, "%f %f", &building, &testing); err != nil {
		return fmt.Errorf("%s: %q: %w", mutant, text, err)
	}
	s.add(strings.TrimSpace(strings.SplitN(text, " ", 3)[2]), mutant)
	s.building += building
	s.testing += testing
	return nil
}

// join adds the mutants of another package.
func (s *score) join(o score) {
	for became, mutants := range o.mutants {
		s.add(became, mutants...)
	}
	s.building += o.building
	s.testing += o.testing
	s.took += o.took
	s.stopped = s.stopped || o.stopped
}

func (s *score) n(became string) int { return len(s.mutants[became]) }

const heading = `| package | killed | lived | timed out | not covered | not viable | not tried | share | efficacy | coverage | build, test: s of CPU a mutant | took |
|---|---|---|---|---|---|---|---|---|---|---|---|
`

// row is a line of the Markdown table.
func (s *score) row() string {
	took := s.took.Round(time.Second).String()
	if s.stopped {
		took += ", stopped"
	}
	share := "–"
	if s.share > 0 {
		share = fmt.Sprintf("%.0f %%", 100*s.share)
	}
	done := s.n(killed) + s.n(lived)
	tried := float64(max(1, done+s.n(timedOut)+s.n(notViable)))
	reached := done + s.n(timedOut) + s.n(notViable) + s.n(notTried)
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %s | %s | %s | %.1f, %.1f | %s |",
		s.pkg, s.n(killed), s.n(lived), s.n(timedOut), s.n(notCovered), s.n(notViable), s.n(notTried), share,
		percent(s.n(killed), done), percent(reached, reached+s.n(notCovered)), s.building/tried, s.testing/tried, took)
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}
