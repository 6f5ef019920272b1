package conformance

import (
	"context"

	"github.com/onsi/gomega"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/targets"
)

// withRoles are specs of the roles of the open election.
func (t *trial) withRoles() {
	t.it("hands out the credentials of its voters", abilities(targets.Open, targets.Client), func(ctx context.Context) {
		e := t.shared
		keys := map[string]bool{}
		for _, line := range draft().Roll {
			raw, err := as[targets.Credentials](e).Credential(ctx, line.ID)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			c := decode[manage.Credential](raw)
			gomega.Expect(manage.RollLine{ID: c.Voter, Style: c.Style, Unit: c.Unit, Weight: c.Weight}).To(gomega.Equal(line))
			keys[c.Key.String()] = true
		}
		gomega.Expect(keys).To(gomega.HaveLen(electors))
		_, err := as[targets.Credentials](e).Credential(ctx, "nobody")
		gomega.Expect(err).To(gomega.MatchError(targets.ErrUnable))
	})

	t.it("has clients for its voters only, who vote only as the ballot allows", abilities(targets.Open, targets.Client), func(ctx context.Context) {
		e := t.shared
		_, err := as[targets.Voters](e).Voter(ctx, "nobody")
		gomega.Expect(err).To(gomega.MatchError(targets.ErrUnable))
		v := e.voter(ctx, 4)
		for _, choices := range []map[string][]string{
			{"council": {"ana", "bo", "cleo"}}, {"council": {"dora"}}, {"bridge": {"yes"}}, {"council": {"ana", "ana"}}, {"council": {"ana", "blank"}},
		} {
			_, _, err := v.Encrypt(ctx, choices)
			gomega.Expect(err).To(gomega.HaveOccurred(), "%v", choices)
		}
		_, err = v.Cast(ctx, "no-such-handle")
		gomega.Expect(err).To(gomega.MatchError(targets.ErrUnable))
		found, err := v.Check(ctx)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(found).To(gomega.BeEmpty())
	})

	t.it("has witnesses who remember what they cosigned", abilities(targets.Open, targets.Witness, targets.Board), func(ctx context.Context) {
		e := t.shared
		size := e.published(ctx, message.PhaseVoting).Size
		caughtUp := 0
		for _, w := range draft().Manifest.Witnesses {
			raw, err := as[targets.Witnesses](e).WitnessHead(ctx, w.ID)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			if len(raw) > 0 && headOf(raw).size == size {
				caughtUp++
			}
		}
		gomega.Expect(caughtUp).To(gomega.BeNumerically(">=", draft().Manifest.Quorum))
		_, err := as[targets.Witnesses](e).WitnessHead(ctx, "nobody")
		gomega.Expect(err).To(gomega.MatchError(targets.ErrUnable))
	})
}

func (t *trial) roles() {
	t.it("has trustees who follow and decrypt when they are told to", whole, func(ctx context.Context) {
		e := t.open(ctx, definition("trustees"))
		trustees := as[targets.Trustees](e)
		for _, index := range []int{0, 4, -1} {
			_, err := trustees.Follow(ctx, index)
			gomega.Expect(err).To(gomega.MatchError(targets.ErrUnable), "trustee %d", index)
		}
		e.cast(ctx, 0, map[string][]string{"council": {"ana"}})
		for index := 1; index <= 3; index++ {
			found, err := trustees.Follow(ctx, index)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			gomega.Expect(found).To(gomega.BeEmpty())
		}
		e.close(ctx)
		for index := 1; index <= 3; index++ {
			found, err := trustees.Follow(ctx, index)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			gomega.Expect(found).To(gomega.BeEmpty())
		}
		gomega.Expect(string(e.status(ctx).Phase)).To(gomega.BeElementOf("sealed", "decrypting"))
	})

	t.it("has a verifier who sees what was changed", append(whole, targets.Verify), func(ctx context.Context) {
		e := t.open(ctx, definition("changed"))
		e.cast(ctx, 0, map[string][]string{"council": {"ana"}})
		e.close(ctx)
		e.decrypt(ctx, 2, 3)
		e.result(ctx)
		files, err := as[targets.BoardReader](e).Record(ctx)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		verify := func(files map[string][]byte) []targets.Finding {
			found, err := as[targets.Verifier](e).VerifyRecord(ctx, files)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			return found
		}
		gomega.Expect(verify(files)).To(gomega.BeEmpty())
		for path, content := range files {
			changed := record.Memory(files).Clone()
			changed[path][len(content)/2] ^= 1
			found := verify(changed)
			gomega.Expect(found).NotTo(gomega.BeEmpty(), "%s was changed", path)
			gomega.Expect(found[0].Role).NotTo(gomega.BeEmpty())
			gomega.Expect(found[0].Check).To(gomega.MatchRegexp(`^[VS]-\d\d$`))
		}
		gomega.Expect(verify(nil)).NotTo(gomega.BeEmpty())
	})
}
