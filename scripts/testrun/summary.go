package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
}

// testID names a test of a package; an empty test is the package itself.
type testID struct{ pkg, test string }

// skip is something that was not tested, and why.
type skip struct {
	id     testID
	reason string
}

// summary folds the stream into what a reader wants to know.
type summary struct {
	out     io.Writer
	output  map[testID][]string // of what is still running
	failing map[string][]testID // by package, in the order they failed
	skipped []skip
	passed  int
	broken  []string // packages that failed
	untried int      // packages without tests
}

func newSummary(out io.Writer) *summary {
	return &summary{out: out, output: map[testID][]string{}, failing: map[string][]testID{}}
}

// maxLine bounds one line of the stream; tests that print more in one piece
// are cut by test2json long before.
const maxLine = 16 << 20

func (s *summary) read(stream io.Reader) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			// Not every line is ours: go itself may print to the stream.
			fmt.Fprintln(s.out, lines.Text())
			continue
		}
		s.add(e)
	}
	if err := lines.Err(); err != nil {
		// Drain, or go test blocks for ever on a full pipe.
		_, _ = io.Copy(io.Discard, stream)
		return fmt.Errorf("reading the output of go test: %w", err)
	}
	return nil
}

func (s *summary) add(e event) {
	id := testID{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "output":
		s.addOutput(id, e.Output)
	case "pass":
		if e.Test != "" {
			s.passed++
		}
		delete(s.output, id)
	case "skip":
		s.addSkip(id)
	case "fail":
		s.addFailure(id)
	}
}

// closing matches the lines with which `go test` ends a package.
var closing = regexp.MustCompile(`^(ok  |FAIL|\?   )\t`)

// unrun matches the closing line of a ginkgo suite.
var unrun = regexp.MustCompile(`(\d+) Pending.*?(\d+) Skipped`)

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

func (s *summary) addOutput(id testID, text string) {
	if id.test == "" && closing.MatchString(text) {
		fmt.Fprint(s.out, text)
		return
	}
	s.output[id] = append(s.output[id], text)
	plain := ansi.ReplaceAllString(text, "")
	if m := unrun.FindStringSubmatch(plain); m != nil && (m[1] != "0" || m[2] != "0") {
		s.skipped = append(s.skipped, skip{id, fmt.Sprintf("ginkgo left out %s pending and %s skipped specs%s",
			m[1], m[2], s.specs(id))})
	}
}

// specs lists the reasons that package need gave for the specs of a suite:
// ginkgo itself prints them only when asked for every detail.
func (s *summary) specs(id testID) string {
	var b strings.Builder
	seen := map[string]bool{}
	for _, line := range s.output[id] {
		reason, found := strings.CutPrefix(strings.TrimSpace(line), "need: ")
		if found && !seen[reason] {
			seen[reason] = true
			b.WriteString("; " + reason)
		}
	}
	return b.String()
}

func (s *summary) addSkip(id testID) {
	if id.test == "" {
		s.untried++
		delete(s.output, id)
		return
	}
	reason := "no reason given"
	for _, line := range s.output[id] {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			reason = line
		}
	}
	s.skipped = append(s.skipped, skip{id, reason})
	delete(s.output, id)
}

// addFailure prints what a failed test wrote. A parent fails because of its
// subtests, so its own few lines follow theirs.
func (s *summary) addFailure(id testID) {
	if id.test == "" {
		s.broken = append(s.broken, id.pkg)
		// A crash (panic, time-out) leaves tests that never ended: what they
		// wrote is what the reader needs.
		for _, other := range s.unfinished(id.pkg) {
			s.flush(other)
		}
	} else {
		s.failing[id.pkg] = append(s.failing[id.pkg], id)
	}
	s.flush(id)
}

func (s *summary) unfinished(pkg string) []testID {
	var ids []testID
	for id := range s.output {
		if id.pkg == pkg && id.test != "" {
			ids = append(ids, id)
		}
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i].test < ids[j].test })
	return ids
}

func (s *summary) flush(id testID) {
	for _, line := range s.output[id] {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(s.out, line)
		}
	}
	delete(s.output, id)
}

func (s *summary) failed() bool { return len(s.broken) > 0 }

func (s *summary) print(requireAll bool) {
	fmt.Fprintln(s.out)
	for _, pkg := range s.broken {
		fmt.Fprintf(s.out, "failed: %s\n", pkg)
		for _, id := range s.failing[pkg] {
			fmt.Fprintf(s.out, "failed:   %s\n", id.test)
		}
	}
	for _, sk := range s.skipped {
		fmt.Fprintf(s.out, "skipped: %s %s: %s\n", sk.id.pkg, sk.id.test, sk.reason)
	}
	fmt.Fprintf(s.out, "tests: %d passed, %d packages failed, %d left out, %d packages without tests\n",
		s.passed, len(s.broken), len(s.skipped), s.untried)
	if requireAll && len(s.skipped) > 0 {
		fmt.Fprintln(s.out, "tests: SCRUTINEER_REQUIRE=all makes a skipped test a failure")
	}
}
