package scrutineer_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// cleanGraph is a repository in miniature that breaks no rule.
func cleanGraph() graph {
	return graph{
		"scrutineer/protocols/message":             {"strings"},
		"scrutineer/protocols/codec":               {"strings"},
		"scrutineer/protocols/record":              {"scrutineer/protocols/codec"},
		"scrutineer/protocols/ristretto":           {"go.dedis.ch/kyber/v3"},
		"scrutineer/protocols/transcript":          {"scrutineer/protocols/ristretto"},
		"scrutineer/reference-evoting/proof":       {"scrutineer/protocols/transcript"},
		"scrutineer/reference-evoting/service/api": {"scrutineer/reference-evoting/proof", "net/http"},
		"scrutineer/targets":                       {"scrutineer/protocols/message"},
		"scrutineer/targets/wire":                  {"scrutineer/targets", "net/http"},
		"scrutineer/targets/core":                  {"scrutineer/targets", "scrutineer/reference-evoting/proof"},
		"scrutineer/targets/embedded":              {"scrutineer/targets/wire", "scrutineer/reference-evoting/service/api"},
		"scrutineer/targets/conformance":           {"scrutineer/targets", "github.com/onsi/gomega"},
		"scrutineer/harness/verify":                {"scrutineer/protocols/record", "scrutineer/protocols/message", "scrutineer/reports/event"},
		"scrutineer/harness/scenario":              {"scrutineer/harness/action", "scrutineer/harness/oracle"},
		"scrutineer/harness/action":                {"scrutineer/targets", "scrutineer/harness/dialect/scrutineer"},
		"scrutineer/harness/oracle":                {"scrutineer/harness/verify"},
		"scrutineer/harness/dialect/scrutineer":    {"scrutineer/protocols/transcript", "scrutineer/targets"},
		"scrutineer/harness/runner":                {"scrutineer/harness/scenario", "net/http"},
		"scrutineer/fuzz/program":                  {"scrutineer/harness/dialect/scrutineer"},
		"scrutineer/fuzz/convert":                  {"scrutineer/fuzz/program", "scrutineer/harness/scenario"},
		"scrutineer/fuzz/entry":                    {"scrutineer/fuzz/program", "scrutineer/targets/core"},
		"scrutineer/reports/event":                 {"scrutineer/protocols/message"},
		"scrutineer/reports/html":                  {"scrutineer/reports/event", "html/template"},
		"scrutineer/cmd/scrutineer":                {"scrutineer/harness/runner", "scrutineer/targets/embedded", "scrutineer/reports/html"},
		"scrutineer/internal/need":                 {"os"},
		"scrutineer/scripts/testrun":               {"os"},
		"net/http":                                 {"crypto/tls"},
		"crypto/tls":                               {"crypto/x509"},
		"crypto/x509":                              {"crypto/rsa"},
		"crypto/rsa":                               {"crypto/internal/fips140/bigmod"},
		"example.org/innocent":                     {"example.org/middle"},
		"example.org/middle":                       {"crypto/rsa"},
		"github.com/onsi/gomega":                   {"net/http"},
	}
}

func (g graph) with(from, to string) graph {
	c := maps.Clone(g)
	c[from] = append(slices.Clone(c[from]), to)
	return c
}

// For each rule, single imports that break it. The chain says over what the
// last one gets where it must not be.
var breaches = map[string][]struct{ from, to, reached string }{
	"protocols stands alone": {
		{"scrutineer/protocols/message", "scrutineer/reports/event", "scrutineer/reports/event"},
	},
	"the reference knows the protocols only": {
		{"scrutineer/reference-evoting/proof", "scrutineer/harness/verify", "scrutineer/harness/verify"},
		{"scrutineer/reference-evoting/service/api", "scrutineer/targets", "scrutineer/targets"},
	},
	"abilities of targets are interfaces": {
		{"scrutineer/targets", "scrutineer/reports/event", "scrutineer/reports/event"},
		{"scrutineer/targets", "net/http", "net/http"},
	},
	"a target does not contain the system under test": {
		{"scrutineer/targets/wire", "scrutineer/reference-evoting/proof", "scrutineer/reference-evoting/proof"},
		{"scrutineer/targets/wire", "scrutineer/targets/embedded", "scrutineer/reference-evoting/service/api"},
	},
	"core and embedded run the reference": {
		{"scrutineer/targets/embedded", "scrutineer/harness/runner", "scrutineer/harness/runner"},
	},
	"the harness judges from outside": {
		{"scrutineer/harness/oracle", "scrutineer/reference-evoting/proof", "scrutineer/reference-evoting/proof"},
		{"scrutineer/harness/runner", "scrutineer/targets/wire", "scrutineer/targets/wire"},
	},
	"the verifier is independent": {
		{"scrutineer/harness/verify", "scrutineer/protocols/transcript", "scrutineer/protocols/transcript"},
		{"scrutineer/protocols/message", "scrutineer/protocols/ristretto", "scrutineer/protocols/ristretto"},
		{"scrutineer/harness/verify", "go.dedis.ch/kyber/v3/share", "go.dedis.ch/kyber/v3/share"},
		{"scrutineer/harness/verify", "scrutineer/harness/dialect/scrutineer", "scrutineer/harness/dialect/scrutineer"},
	},
	"oracles and actions do not know scenarios": {
		{"scrutineer/harness/oracle", "scrutineer/harness/scenario", "scrutineer/harness/scenario"},
		{"scrutineer/harness/dialect/scrutineer", "scrutineer/harness/scenario", "scrutineer/harness/scenario"},
	},
	"fuzzing stands on the harness": {
		{"scrutineer/fuzz/program", "scrutineer/targets/core", "scrutineer/targets/core"},
	},
	"fuzz entries reach the core": {
		{"scrutineer/fuzz/entry", "scrutineer/reference-evoting/service/api", "scrutineer/reference-evoting/service/api"},
		{"scrutineer/fuzz/entry", "scrutineer/targets/wire", "scrutineer/targets/wire"},
	},
	"fuzz entries are leaves": {
		{"scrutineer/cmd/scrutineer", "scrutineer/fuzz/entry", "scrutineer/fuzz/entry"},
	},
	"the core can be instrumented": {
		{"scrutineer/reference-evoting/proof", "example.org/innocent", "crypto/internal/fips140/bigmod"},
		{"scrutineer/targets/core", "crypto/tls", "crypto/tls"},
		{"scrutineer/harness/dialect/scrutineer", "net/http/httptest", "net/http/httptest"},
		{"scrutineer/fuzz/program", "crypto/x509", "crypto/x509"},
		{"scrutineer/protocols/ristretto", "net/http", "net/http"},
	},
	"events know the protocols only": {
		{"scrutineer/reports/event", "scrutineer/reports/html", "scrutineer/reports/html"},
	},
	"reports are made from a finished run": {
		{"scrutineer/reports/html", "scrutineer/harness/runner", "scrutineer/harness/runner"},
		{"scrutineer/reports/html", "scrutineer/targets", "scrutineer/targets"},
	},
	"commands ship no test library": {
		{"scrutineer/harness/runner", "github.com/onsi/gomega", "github.com/onsi/gomega"},
		{"scrutineer/cmd/scrutineer", "pgregory.net/rapid", "pgregory.net/rapid"},
		{"scrutineer/cmd/scrutineer", "github.com/onsi/ginkgo/v2/types", "github.com/onsi/ginkgo/v2/types"},
		{"scrutineer/cmd/scrutineer", "scrutineer/targets/conformance", "scrutineer/targets/conformance"},
	},
	"nothing stands on a command": {
		{"scrutineer/scripts/testrun", "scrutineer/cmd/scrutineer", "scrutineer/cmd/scrutineer"},
	},
	"only tests have needs": {
		{"scrutineer/reports/html", "scrutineer/internal/need", "scrutineer/internal/need"},
	},
}

func TestCleanGraphBreaksNoRule(t *testing.T) {
	for _, r := range rules {
		for _, v := range r.check(cleanGraph()) {
			t.Errorf("%s: %s", r.name, strings.Join(v.path, " → "))
		}
	}
}

func TestEveryRuleCanFail(t *testing.T) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if len(breaches[r.name]) == 0 {
				t.Fatal("no import is listed that breaks this rule")
			}
			for _, b := range breaches[r.name] {
				found := r.check(cleanGraph().with(b.from, b.to))
				if !slices.ContainsFunc(found, func(v violation) bool { return v.reached() == b.reached }) {
					t.Errorf("%s importing %s is not found to reach %s: %v", b.from, b.to, b.reached, found)
				}
			}
		})
	}
	for name := range breaches {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.name == name }) {
			t.Errorf("breaches of an unknown rule: %s", name)
		}
	}
}

func TestViolationShowsTheChain(t *testing.T) {
	g := cleanGraph().with("scrutineer/reference-evoting/proof", "example.org/innocent")
	r := rule{of: []pattern{"./reference-evoting/proof"}, never: []pattern{"crypto/internal/fips140/bigmod"}}
	found := r.check(g)
	want := "scrutineer/reference-evoting/proof example.org/innocent example.org/middle crypto/rsa crypto/internal/fips140/bigmod"
	if len(found) != 1 || strings.Join(found[0].path, " ") != want {
		t.Errorf("got %v, want one chain %s", found, want)
	}
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		pattern pattern
		pkg     string
		want    bool
	}{
		{"./targets", "scrutineer/targets", true},
		{"./targets", "scrutineer/targets/wire", false},
		{"./targets/...", "scrutineer/targets", true},
		{"./targets/...", "scrutineer/targets/wire", true},
		{"./targets/...", "scrutineer/targetsuite", false},
		{"./...", "scrutineer/cmd/scrutineer", true},
		{"./...", "net/http", false},
		{"net/http/...", "net/http", true},
		{"net/http/...", "net/http/pprof", true},
		{"net/http", "net/http/pprof", false},
		{"net/http/...", "scrutineer/net/http", false},
	}
	for _, test := range tests {
		if got := matches(test.pattern, test.pkg); got != test.want {
			t.Errorf("matches(%q, %q) = %v", test.pattern, test.pkg, got)
		}
	}
}

func TestExceptionsOfARule(t *testing.T) {
	r := rule{of: []pattern{"./targets/...", "!./targets/core/...", "./targets/core/again"}}
	for pkg, want := range map[string]bool{
		"scrutineer/targets/wire":       true,
		"scrutineer/targets/core":       false,
		"scrutineer/targets/core/x":     false,
		"scrutineer/targets/core/again": true,
		"scrutineer/harness":            false,
	} {
		if r.covers(pkg) != want {
			t.Errorf("covers(%s) = %v", pkg, !want)
		}
	}
}

func TestVacuousPatternsAreFound(t *testing.T) {
	g := graph{"scrutineer/protocols/codec": nil}
	k := known{
		goroot:  goroot(t),
		modules: []string{"go.dedis.ch/kyber/v3"},
		planned: []pattern{"./fuzz/..."},
	}
	for p, want := range map[pattern]bool{
		"./...":                        false,
		"./protocols/...":              false,
		"./protocols/codec":            false,
		"!./protocols/codec/...":       false,
		"./protocols":                  true,  // a folder without a package of its own
		"./protocol/...":               true,  // misspelt
		"./fuzz/...":                   false, // planned
		"./fuzz/entry/...":             false,
		"net/http/...":                 false,
		"net/htpp":                     true,
		"go.dedis.ch/kyber/v3/share":   false,
		"go.dedis.ch/kyber/v4":         true,
		"go.dedis.ch/kyber/v3rotten/x": true,
	} {
		if got := k.vacuous(p, g); (got != "") != want {
			t.Errorf("vacuous(%q) = %q", p, got)
		}
	}
}

func TestStraysAreFound(t *testing.T) {
	g := graph{
		"scrutineer": nil, "scrutineer/protocols/codec": nil, "scrutineer/internal/need": nil,
		"scrutineer/util": nil, "scrutineer/internal/types": nil, "example.org/util": nil,
	}
	got := strings.Join(strays(g, []string{"protocols", "internal/need"}), " ")
	if want := "scrutineer/internal/types scrutineer/util"; got != want {
		t.Errorf("strays = %q, want %q", got, want)
	}
}
