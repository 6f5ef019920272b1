// Package conformance is what any target must pass that speaks our dialect: a
// suite of ginkgo, to be called from the tests of a target. It asks for every
// ability that a target says it has and holds it to its words, and it plays
// whole elections. What it learns it learns through package targets alone.
//
// It is linked into tests only.
package conformance

import (
	"context"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"scrutineer/targets"
)

// Subject is a target to be tried.
type Subject struct {
	// New makes a target. It is called once for each spec, and what it returns
	// is closed at the end of the spec.
	New func() (targets.Target, error)
	// Verify, where not nil, is a verifier of somebody else. It returns an
	// error for a record that it does not accept.
	Verify func(ctx context.Context, record map[string][]byte) error
	// Elections is how many are held at a time; default 4.
	Elections int
	// Patience bounds a spec; default 1 minute.
	Patience time.Duration
}

// Specs declares the suite, within a container of the caller.
func Specs(s Subject) {
	if s.Elections == 0 {
		s.Elections = 4
	}
	if s.Patience == 0 {
		s.Patience = time.Minute
	}
	t := &trial{subject: s}
	ginkgo.Describe("a target", func() {
		ginkgo.BeforeEach(t.begin)
		ginkgo.Describe("describes and opens", t.opening)
		ginkgo.Describe("holds elections", t.elections)
		ginkgo.Describe("has a board", t.board)
		ginkgo.Describe("has roles", t.roles)
		ginkgo.Describe("can be corrupted", t.corruption)
	})
	ginkgo.Describe("an open election", ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		ginkgo.BeforeAll(t.beginShared)
		t.claimed()
		t.atBoard()
		t.atBox()
		t.withRoles()
		t.bribed()
	})
}

// trial is the target of a spec.
type trial struct {
	subject Subject
	target  targets.Target
	said    targets.Description
	shared  election // open all the time
}

// begin makes the target of a spec.
func (t *trial) begin(ctx ginkgo.SpecContext) {
	target, err := t.subject.New()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ginkgo.DeferCleanup(func() { gomega.Expect(target.Close()).To(gomega.Succeed()) })
	t.target = target
	t.said, err = target.Describe(ctx)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
}

// beginShared opens the election of specs that end with it still open.
func (t *trial) beginShared(ctx ginkgo.SpecContext) {
	t.begin(ctx)
	if t.able(targets.Open) {
		t.shared = t.open(ctx, definition("shared"))
	}
}

// it is one spec that needs some abilities, and is left out without them.
func (t *trial) it(text string, needs []targets.Ability, body func(ctx context.Context)) {
	ginkgo.It(text, func(ctx ginkgo.SpecContext) {
		for _, a := range needs {
			if !t.able(a) {
				ginkgo.Skip("the target has no ability " + string(a))
			}
		}
		body(ctx)
	}, ginkgo.SpecTimeout(t.subject.Patience))
}

func (t *trial) able(a targets.Ability) bool {
	for _, b := range t.said.Abilities {
		if a == b {
			return true
		}
	}
	return false
}

func abilities(list ...targets.Ability) []targets.Ability { return list }
