package conformance

import (
	"context"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// election is an election under trial.
type election struct {
	targets.Election
}

// definition is an election of draft with a seed.
func definition(seed string) targets.Definition {
	return targets.Definition{ID: "conformance-" + seed, Draft: encode(draft()), Seed: seed}
}

// open opens an election for the length of a spec.
func (t *trial) open(ctx context.Context, d targets.Definition) election {
	e, err := t.target.Open(ctx, d)
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	ginkgo.DeferCleanup(func() { gomega.Expect(e.Close()).To(gomega.Succeed()) })
	return election{e}
}

// openAll opens several elections at the same time.
func (t *trial) openAll(ctx context.Context, definitions ...targets.Definition) []election {
	out := make([]election, len(definitions))
	var wg sync.WaitGroup
	for i, d := range definitions {
		wg.Go(func() {
			defer ginkgo.GinkgoRecover()
			out[i] = t.open(ctx, d)
		})
	}
	wg.Wait()
	for _, e := range out {
		gomega.ExpectWithOffset(1, e.Election).NotTo(gomega.BeNil())
	}
	return out
}

// as is the election with an ability.
func as[T any](e election) T {
	a, ok := e.Election.(T)
	gomega.ExpectWithOffset(1, ok).To(gomega.BeTrue(), "an election lacks an ability that the target claims")
	return a
}

func (e election) status(ctx context.Context) message.Status {
	raw, err := e.Info(ctx)
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	return decode[message.Status](raw)
}

// published waits until the election is in a phase and all of it in a
// published head.
func (e election) published(ctx context.Context, phase message.Phase) message.Status {
	for {
		st := e.status(ctx)
		want := st.Size + 1
		if st.Phase == phase {
			want = st.Size
		}
		_, err := as[targets.BoardReader](e).Await(ctx, want)
		gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred(), "phase %s, want %s", st.Phase, phase)
		if st.Phase == phase {
			return st
		}
	}
}

func (e election) voter(ctx context.Context, i int) targets.Voter {
	v, err := as[targets.Voters](e).Voter(ctx, voterID(i))
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	return v
}

// prepare encrypts a ballot, which then waits in the box.
func (e election) prepare(ctx context.Context, v targets.Voter, choices map[string][]string) string {
	handle, tracker, err := v.Encrypt(ctx, choices)
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	gomega.ExpectWithOffset(1, tracker).To(gomega.MatchRegexp("^[0-9a-f]{64}$"))
	return handle
}

// cast casts a ballot and makes the check that its voter owes.
func (e election) cast(ctx context.Context, i int, choices map[string][]string) message.Receipt {
	v := e.voter(ctx, i)
	a, err := v.Cast(ctx, e.prepare(ctx, v, choices))
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	gomega.ExpectWithOffset(1, a.Outcome).To(gomega.Equal(targets.OK), "%+v", a)
	found, err := v.Check(ctx)
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	gomega.ExpectWithOffset(1, found).To(gomega.BeEmpty())
	return decode[message.Receipt](a.Body)
}

// close ends the voting.
func (e election) close(ctx context.Context) {
	a, err := as[targets.Closer](e).CloseVoting(ctx)
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	gomega.ExpectWithOffset(1, a.Outcome).To(gomega.Equal(targets.OK), "%+v", a)
}

// decrypt has trustees answer.
func (e election) decrypt(ctx context.Context, indices ...int) {
	for _, i := range indices {
		a, found, err := as[targets.Trustees](e).Decrypt(ctx, i)
		gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
		gomega.ExpectWithOffset(1, a.Outcome).To(gomega.Equal(targets.OK), "trustee %d: %+v", i, a)
		gomega.ExpectWithOffset(1, found).To(gomega.BeEmpty())
	}
}

// result is the result of a published election.
func (e election) result(ctx context.Context) message.Result {
	st := e.published(ctx, message.PhasePublished)
	entries, err := as[targets.BoardReader](e).Entries(ctx, st.Size-1, st.Size)
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	last := decode[message.Entry](entries[0])
	gomega.ExpectWithOffset(1, last.Type).To(gomega.Equal(message.TypeResult))
	return decode[message.Result](last.Body)
}

// totals are the totals of a result by contest.
func totals(r message.Result) map[string][]uint64 {
	out := map[string][]uint64{}
	for _, c := range r.Contests {
		out[c.Contest] = c.Totals
	}
	return out
}

// accepted has the target's own verifier and the subject's look at a record.
func (t *trial) accepted(ctx context.Context, e election) {
	record, err := as[targets.BoardReader](e).Record(ctx)
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	if v, ok := e.Election.(targets.Verifier); ok {
		found, err := v.VerifyRecord(ctx, record)
		gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
		gomega.ExpectWithOffset(1, found).To(gomega.BeEmpty())
	}
	if t.subject.Verify != nil {
		gomega.ExpectWithOffset(1, t.subject.Verify(ctx, record)).To(gomega.Succeed())
	}
}
