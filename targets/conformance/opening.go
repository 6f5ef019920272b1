package conformance

import (
	"context"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

func (t *trial) opening() {
	t.it("says who it is", nil, func(context.Context) {
		gomega.Expect(t.said.Name).NotTo(gomega.BeEmpty())
		gomega.Expect(t.said.Dialect).To(gomega.Equal("scrutineer"))
		gomega.Expect(slices.Compact(slices.Sorted(slices.Values(t.said.Abilities)))).To(gomega.HaveLen(len(t.said.Abilities)))
	})

	t.it("opens for voting, all of it published", abilities(targets.Open, targets.Board), func(ctx context.Context) {
		e := t.open(ctx, definition("open"))
		st := e.status(ctx)
		gomega.Expect(st.Phase).To(gomega.Equal(message.PhaseVoting))
		gomega.Expect(st.Ceremony).To(gomega.BeEquivalentTo(1))
		gomega.Expect(st.SetupID).NotTo(gomega.BeZero())
		gomega.Expect(st.Fingerprint).NotTo(gomega.BeZero())
		raw, err := as[targets.BoardReader](e).Head(ctx)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(headOf(raw).size).To(gomega.Equal(st.Size))
	})

	t.it("makes the same election of the same seed", abilities(targets.Open), func(ctx context.Context) {
		if !t.said.Test {
			ginkgo.Skip("the target takes no seeds")
		}
		e := t.openAll(ctx, definition("same"), definition("same"), definition("other"))
		one, two, other := e[0].status(ctx), e[1].status(ctx), e[2].status(ctx)
		gomega.Expect(two.SetupID).To(gomega.Equal(one.SetupID))
		gomega.Expect(two.Fingerprint).To(gomega.Equal(one.Fingerprint))
		gomega.Expect(other.SetupID).NotTo(gomega.Equal(one.SetupID))
	})

	ginkgo.Context("refuses", func() {
		refuses := func(text string, change func(d *targets.Definition, m *manage.Draft)) {
			t.it(text, abilities(targets.Open), func(ctx context.Context) {
				d, m := definition("refused"), draft()
				change(&d, &m)
				if d.Draft != nil {
					d.Draft = encode(m)
				}
				e, err := t.target.Open(ctx, d)
				if err == nil {
					err = e.Close()
				}
				gomega.Expect(err).To(gomega.MatchError(targets.ErrSetup))
			})
		}
		refuses("a draft that is none", func(d *targets.Definition, _ *manage.Draft) { d.Draft = nil })
		refuses("an unsound manifest", func(_ *targets.Definition, m *manage.Draft) { m.Manifest.Threshold = 1 })
		refuses("a roll that names somebody twice", func(_ *targets.Definition, m *manage.Draft) { m.Roll[1].ID = m.Roll[0].ID })
		refuses("an unknown weakness", func(d *targets.Definition, _ *manage.Draft) { d.Plant = []string{"weak.unknown"} })
		refuses("a weakness in a real election", func(d *targets.Definition, m *manage.Draft) {
			d.Plant, m.Manifest.Test = []string{"weak.bb.noWeeding"}, false
		})
	})

	t.it("waits for a role that the harness plays only as far as it is told", abilities(targets.Open, targets.Ceremony, targets.Board, targets.Tally),
		func(ctx context.Context) {
			d := definition("posted")
			d.Harness, d.Await = []string{"trustee/3"}, "posted"
			e := t.open(ctx, d)
			gomega.Expect(e.status(ctx).Phase).To(gomega.Equal(message.PhaseCommit))
			// The manifest, and the two trustees that the target plays.
			_, err := as[targets.BoardReader](e).Await(ctx, 3)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			entries, err := as[targets.BoardReader](e).Entries(ctx, 1, 3)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			var ids []string
			for _, raw := range entries {
				ids = append(ids, decode[message.Entry](raw).ID)
			}
			gomega.Expect(ids).To(gomega.ConsistOf("t1", "t2"))
			_, _, err = as[targets.Trustees](e).Decrypt(ctx, 3)
			gomega.Expect(err).To(gomega.MatchError(targets.ErrUnable))
		})
}

// claimed compares what the target says with what the open election has. It
// may have more: what it cannot do it says when it is asked.
func (t *trial) claimed() {
	t.it("has the abilities that it claims", abilities(targets.Open), func(ctx context.Context) {
		e := t.shared.Election
		has := map[targets.Ability]bool{}
		_, has[targets.Submit] = e.(targets.Submitter)
		_, has[targets.Board] = e.(targets.BoardReader)
		_, has[targets.Publish] = e.(targets.BoardReader)
		_, has[targets.Close] = e.(targets.Closer)
		_, has[targets.Tally] = e.(targets.Trustees)
		_, has[targets.Trustee] = e.(targets.Trustees)
		_, has[targets.Client] = e.(targets.Voters)
		_, has[targets.Witness] = e.(targets.Witnesses)
		_, has[targets.Verify] = e.(targets.Verifier)
		_, has[targets.Insider] = e.(targets.Corruptible)
		_, has[targets.Inspect] = e.(targets.Inspectable)
		for a, is := range has {
			if t.able(a) {
				gomega.Expect(is).To(gomega.BeTrue(), "ability %s", a)
			}
		}
	})
}

// Alike declares that targets make the same election of the same seed: the
// same keys, and therefore the same entries up to the opening, but for their
// order within a round.
func Alike(list ...targets.Target) {
	ginkgo.It("make the same election of the same seed", func(ctx ginkgo.SpecContext) {
		var first map[string]int
		for i, target := range list {
			t := &trial{target: target}
			e := t.open(ctx, definition("alike"))
			entries, err := as[targets.BoardReader](e).Entries(ctx, 0, e.status(ctx).Size)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			set := map[string]int{}
			for _, raw := range entries {
				set[string(raw)]++
			}
			if i == 0 {
				first = set
			}
			gomega.Expect(set).To(gomega.Equal(first))
		}
	}, ginkgo.SpecTimeout(time.Minute))
}
