package conformance

import (
	"context"
	"fmt"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"scrutineer/protocols/message"
	"scrutineer/targets"
)

var whole = abilities(targets.Open, targets.Client, targets.Close, targets.Tally, targets.Board)

func (t *trial) elections() {
	t.it("holds an honest one with revote, challenge, and two of three trustees", whole, func(ctx context.Context) {
		e := t.open(ctx, definition("honest"))
		first := e.cast(ctx, 0, map[string][]string{"council": {"ana", "bo"}, "bridge": {"yes"}})
		e.cast(ctx, 1, map[string][]string{"council": {"blank"}})
		again := e.cast(ctx, 0, map[string][]string{"council": {"ana"}, "bridge": {"no"}})
		gomega.Expect(again.Index).To(gomega.BeNumerically(">", first.Index))
		e.cast(ctx, 3, map[string][]string{"council": {"cleo"}})

		v := e.voter(ctx, 2)
		a, err := v.Challenge(ctx, e.prepare(ctx, v, map[string][]string{"council": {"bo"}}))
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(a.Outcome).To(gomega.Equal(targets.OK), "%+v", a)

		e.close(ctx)
		e.decrypt(ctx, 1, 3)
		// The offered check, against the final head.
		found, err := e.voter(ctx, 0).Check(ctx)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(found).To(gomega.BeEmpty())

		gomega.Expect(totals(e.result(ctx))).To(gomega.Equal(map[string][]uint64{"council": {1, 0, 3, 1}, "bridge": {0, 1}}))
		t.accepted(ctx, e)
	})

	t.it("decrypts with all three as with two", whole, func(ctx context.Context) {
		e := t.open(ctx, definition("three"))
		e.cast(ctx, 4, map[string][]string{"council": {"ana"}})
		e.close(ctx)
		e.decrypt(ctx, 2, 1, 3)
		gomega.Expect(totals(e.result(ctx))).To(gomega.Equal(map[string][]uint64{"council": {3, 0, 0, 0}, "bridge": {0, 0}}))
		t.accepted(ctx, e)
	})

	t.it("publishes a result of nobody's votes", whole, func(ctx context.Context) {
		e := t.open(ctx, definition("nobody"))
		e.close(ctx)
		e.decrypt(ctx, 1, 2)
		gomega.Expect(totals(e.result(ctx))).To(gomega.Equal(map[string][]uint64{"council": {0, 0, 0, 0}, "bridge": {0, 0}}))
		t.accepted(ctx, e)
	})

	t.it("holds several at a time, each with its own weaknesses", whole, func(ctx context.Context) {
		var wg sync.WaitGroup
		for i := range t.subject.Elections {
			wg.Go(func() {
				defer ginkgo.GinkgoRecover()
				d := definition(fmt.Sprintf("crowd-%d", i))
				if i%2 == 1 && t.said.Test {
					d.Plant = []string{"weak.ballot.skipSumProof"}
				}
				e := t.open(ctx, d)
				voter := i % 3
				e.cast(ctx, voter, map[string][]string{"council": {"bo"}, "bridge": {"yes"}})
				e.close(ctx)
				e.decrypt(ctx, 1, 2)
				gomega.Expect(totals(e.result(ctx))).To(gomega.Equal(map[string][]uint64{"council": {0, 1, 0, 0}, "bridge": {1, 0}}))
				t.accepted(ctx, e)
			})
		}
		wg.Wait()
	})

	t.it("takes no ballot after the close", whole, func(ctx context.Context) {
		e := t.open(ctx, definition("late"))
		v := e.voter(ctx, 0)
		handle := e.prepare(ctx, v, map[string][]string{"bridge": {"yes"}})
		e.close(ctx)
		a, err := v.Cast(ctx, handle)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(a.Outcome).To(gomega.Equal(targets.Refused), "%+v", a)
		gomega.Expect(a.Code).To(gomega.Equal(string(message.ReasonClosed)))
		gomega.Expect(decode[message.Refusal](a.Body).Reason).To(gomega.Equal(message.ReasonClosed))
		_, _, err = v.Encrypt(ctx, map[string][]string{"bridge": {"no"}})
		gomega.Expect(err).To(gomega.HaveOccurred())
	})
}
