// Package scrutineer_test holds the repository to its own rules: who may
// import whom, and what no package may contain. The rules below are the
// table of CONTRIBUTING.md, section "Layers"; rules_test.go is the engine.
package scrutineer_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The allowed folders of packages. A new one is a decision about the design,
// and belongs here together with its rule.
var folders = []string{
	"protocols", "reference-evoting", "targets", "harness", "fuzz", "reports",
	"cmd", "internal/need", "scripts", "examples", "docs",
}

// What is hard to instrument or slow to build has no place in code that is
// fuzzed: HTTP, TLS, and the big-number arithmetic that both bring along.
var uninstrumentable = []string{
	"net/http/...", "crypto/x509/...", "crypto/tls/...", "crypto/internal/fips140/bigmod",
}

// Libraries of tests that would end up in the binary we ship.
var testOnly = []string{
	"github.com/onsi/ginkgo/v2/...", "github.com/onsi/gomega/...", "pgregory.net/rapid/...",
}

// All rules look at what a package reaches, not only at what it imports, and
// at non-test code: a test may use what it likes.
var rules = []rule{
	{
		name: "protocols stands alone",
		of:   []string{"./protocols/..."},
		may:  []string{"./protocols/..."},
		why:  "what goes over the wire is the common ground of system and harness",
	},
	{
		name: "the reference knows the protocols only",
		of:   []string{"./reference-evoting/..."},
		may:  []string{"./reference-evoting/...", "./protocols/..."},
		why:  "the system under test must not know who tests it",
	},
	{
		name:  "abilities of targets are interfaces",
		of:    []string{"./targets"},
		may:   []string{"./protocols/..."},
		never: []string{"net/http/..."},
		why:   "the harness sees abilities, and no transport with them",
	},
	{
		name: "a target does not contain the system under test",
		of:   []string{"./targets/...", "!./targets/embedded/...", "!./targets/core/..."},
		may:  []string{"./targets/...", "./protocols/..."},
		why:  "only core and embedded run the reference in our own process",
	},
	{
		name: "core and embedded run the reference",
		of:   []string{"./targets/embedded/...", "./targets/core/..."},
		may:  []string{"./targets/...", "./protocols/...", "./reference-evoting/..."},
		why:  "a target is driven by the harness and does not know it",
	},
	{
		name: "the harness judges from outside",
		of:   []string{"./harness/..."},
		may:  []string{"./harness/...", "./protocols/...", "./targets", "./reports/event"},
		why:  "a judge that shares code with the accused repeats his mistakes",
	},
	{
		name:  "the verifier is independent",
		of:    []string{"./harness/verify/..."},
		may:   []string{"./harness/verify/...", "./protocols/message", "./protocols/codec", "./protocols/record", "./reports/event"},
		never: []string{"./protocols/ristretto/...", "./protocols/transcript/...", "go.dedis.ch/kyber/v3/..."},
		why:   "its arithmetic, challenges and canonical form are written from the specification a second time",
	},
	{
		name:  "oracles and actions do not know scenarios",
		of:    []string{"./harness/oracle/...", "./harness/action/..."},
		never: []string{"./harness/scenario/..."},
		why:   "a scenario names actions and oracles, not the other way round",
	},
	{
		name: "fuzzing stands on the harness",
		of:   []string{"./fuzz/...", "!./fuzz/entry/..."},
		may:  []string{"./fuzz/...", "./harness/...", "./protocols/...", "./targets", "./reports/event"},
		why:  "as the harness, it judges from outside",
	},
	{
		name:  "fuzz entries reach the core",
		of:    []string{"./fuzz/entry/..."},
		may:   []string{"./fuzz/...", "./harness/...", "./protocols/...", "./targets", "./targets/core", "./reports/event", "./reference-evoting/..."},
		never: []string{"./reference-evoting/service/..."},
		why:   "an entry drives the reference without HTTP",
	},
	{
		name:  "fuzz entries are leaves",
		of:    []string{"./...", "!./fuzz/entry/..."},
		never: []string{"./fuzz/entry/..."},
		why:   "go-fuzz builds an entry with all it reaches; nothing may wait for that",
	},
	{
		name:  "the core can be instrumented",
		of:    []string{"./reference-evoting/...", "!./reference-evoting/service/...", "./targets/core/...", "./harness/dialect/...", "./fuzz/program/...", "./fuzz/entry/..."},
		never: uninstrumentable,
		why:   "go-fuzz cannot instrument these; HTTP is a thin layer on top of the core",
	},
	{
		name: "events know the protocols only",
		of:   []string{"./reports/event/..."},
		may:  []string{"./reports/event/...", "./protocols/..."},
		why:  "everybody writes events",
	},
	{
		name: "reports are made from a finished run",
		of:   []string{"./reports/...", "!./reports/event/..."},
		may:  []string{"./reports/...", "./protocols/..."},
		why:  "a report can be made again later, from files alone",
	},
	{
		name:  "commands ship no test library",
		of:    []string{"./cmd/..."},
		never: append([]string{"./targets/conformance/...", "./internal/need/..."}, testOnly...),
		why:   "they would be in the binary, with their flags",
	},
	{
		name:  "nothing stands on a command",
		of:    []string{"./...", "!./cmd/..."},
		never: []string{"./cmd/..."},
		why:   "commands wire and hold no logic",
	},
	{
		name:  "only tests have needs",
		of:    []string{"./...", "!./internal/need/..."},
		never: []string{"./internal/need/..."},
		why:   "what a machine lacks is for a test to skip, for a program to report",
	},
}

// go list runs in a process of its own, whose inputs the cache of test results
// does not know. TestHouseRulesOfSourceFiles reads every source file, and that
// is what keeps a stale result of this package from being used.
func TestLayers(t *testing.T) {
	g := listPackages(t)
	for _, r := range rules {
		for _, v := range r.check(g) {
			t.Errorf("%s: %s\n  reaches %s\n  by %s\n  because %s",
				r.name, v.pkg, v.reached(), strings.Join(v.path, " → "), r.why)
		}
	}
}

// Folders that the design names and that hold no package yet. One that has
// come into being must leave the list, so that misspelt names below it are
// found out.
var planned = []pattern{"./fuzz/program/..."}

func TestWhatIsPlannedIsNotThereYet(t *testing.T) {
	g := listPackages(t)
	for _, p := range planned {
		if there := matching(p, g); len(there) > 0 {
			t.Errorf("%s is there now: take %s off the list", there[0], p)
		}
	}
}

// A rule about packages that are not there could never fail, nor could one
// that forbids a misspelt package.
func TestEveryRuleHasSomethingToRule(t *testing.T) {
	g := listPackages(t)
	k := known{goroot: goroot(t), modules: requiredModules(t), planned: planned}
	for _, r := range rules {
		for _, p := range slices.Concat(r.of, r.may, r.never) {
			if problem := k.vacuous(p, g); problem != "" {
				t.Errorf("%s: %s: %s", r.name, p, problem)
			}
		}
	}
}

// The table in CONTRIBUTING.md and this one are the same.
func TestRulesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if !strings.Contains(string(text), "| "+r.name+" |") {
			t.Errorf("CONTRIBUTING.md does not have the rule %q", r.name)
		}
	}
}

func TestPackagesLiveInKnownFolders(t *testing.T) {
	for _, pkg := range strays(listPackages(t), folders) {
		t.Errorf("%s lies outside the folders of the design: %s", pkg, strings.Join(folders, " "))
	}
}
