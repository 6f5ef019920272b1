package conformance

import (
	"context"
	"crypto/ed25519"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// bribed is what the server gives away in the open election.
func (t *trial) bribed() {
	insider := abilities(targets.Open, targets.Insider, targets.Board)

	t.it("gives away the keys of the server", insider, func(ctx context.Context) {
		e := t.shared
		entries, err := as[targets.BoardReader](e).Entries(ctx, 0, 1)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		m := decode[message.ManifestBody](decode[message.Entry](entries[0]).Body).Manifest
		for role, public := range map[string]message.Key{"board": m.Board.Key, "authority": m.Authority} {
			seed, err := as[targets.Corruptible](e).Keys(ctx, role)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			gomega.Expect(seed).To(gomega.HaveLen(ed25519.SeedSize))
			gomega.Expect([]byte(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))).To(gomega.Equal(public[:]))
		}
		_, err = as[targets.Corruptible](e).Keys(ctx, "nobody")
		gomega.Expect(err).To(gomega.MatchError(targets.ErrUnable))
	})
}

func (t *trial) corruption() {
	insider := abilities(targets.Open, targets.Insider, targets.Client, targets.Board)

	t.it("lets a liar stand before the server, and go", insider, func(ctx context.Context) {
		e := t.open(ctx, definition("liar"))
		var mu sync.Mutex
		seen := map[string]int{}
		liar := func(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
			mu.Lock()
			seen[r.Method+" "+r.Path]++
			mu.Unlock()
			return next(ctx, r)
		}
		corrupt := as[targets.Corruptible](e)
		gomega.Expect(corrupt.Interpose(ctx, liar)).To(gomega.Succeed())
		e.cast(ctx, 0, map[string][]string{"council": {"ana"}})
		_, err := as[targets.Submitter](e).Submit(ctx, "ballot", []byte("{}"))
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		_, err = as[targets.Racer](e).Race(ctx, "cast", repeat([]byte("{}"), 4), 1)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(corrupt.Interpose(ctx, nil)).To(gomega.Succeed())
		mu.Lock()
		gomega.Expect(seen).To(gomega.HaveKeyWithValue("POST /v1/ballots", 2))
		gomega.Expect(seen).To(gomega.HaveKeyWithValue("POST /v1/casts", 5))
		mu.Unlock()
		e.cast(ctx, 1, map[string][]string{"council": {"bo"}})
		mu.Lock()
		defer mu.Unlock()
		gomega.Expect(seen).To(gomega.HaveKeyWithValue("POST /v1/ballots", 2))
	})

	t.it("has clients who take a liar's word only where that is planted", insider, func(ctx context.Context) {
		planted := definition("planted")
		planted.Plant = []string{"weak.receipt.noPromise"}
		e := t.openAll(ctx, definition("bare"), planted)
		gomega.Expect(e[0].acknowledged(ctx).Outcome).To(gomega.Equal(targets.Unknown))
		gomega.Expect(e[1].acknowledged(ctx).Outcome).To(gomega.Equal(targets.OK))
	})

	t.it("has clients who take up what another device of the voter cast", insider, func(ctx context.Context) {
		e := t.open(ctx, definition("devices"))
		var decision, answer []byte
		err := as[targets.Corruptible](e).Interpose(ctx, func(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
			got, err := next(ctx, r)
			if r.Path != "/v1/casts" {
				return got, err
			}
			decision, answer = r.Body, got.Body
			return targets.Response{}, errHeld
		})
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		v := e.voter(ctx, 0)
		keeper, ok := v.(targets.Keeper)
		if !ok {
			ginkgo.Skip("the voter's client takes up nothing")
		}
		a, err := v.Cast(ctx, e.prepare(ctx, v, map[string][]string{"council": {"ana"}}))
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(a.Outcome).To(gomega.Equal(targets.Unknown))

		gomega.Expect(keeper.Keep(ctx, decision, []byte("{}"))).NotTo(gomega.Succeed())
		gomega.Expect(keeper.Keep(ctx, []byte("{}"), answer)).NotTo(gomega.Succeed())
		gomega.Expect(keeper.Keep(ctx, decision, answer)).To(gomega.Succeed())
		found, err := v.Check(ctx)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(found).To(gomega.BeEmpty())
	})

	t.it("has a board that a corrupted server replaces while it runs", insider, func(ctx context.Context) {
		e := t.open(ctx, definition("replaced"))
		importer, ok := e.Election.(targets.Importer)
		if !ok {
			ginkgo.Skip("the target imports nothing")
		}
		kept := e.cast(ctx, 0, map[string][]string{"council": {"ana"}})
		taken := e.cast(ctx, 1, map[string][]string{"council": {"bo"}})
		reader := as[targets.BoardReader](e)
		all, err := reader.Entries(ctx, 0, taken.Index+1)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		// The same, and one more that the rules refuse: it stands and counts for
		// nothing.
		all = append(all, all[kept.Index])
		size, err := importer.Import(ctx, all, nil)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(size).To(gomega.BeEquivalentTo(len(all)))
		_, err = reader.Await(ctx, size)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		again, err := reader.Entries(ctx, 0, size)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(again).To(gomega.Equal(all))
		e.cast(ctx, 2, map[string][]string{"council": {"cleo"}})
		found, err := as[targets.Trustees](e).Follow(ctx, 1)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(found).NotTo(gomega.BeEmpty())
	})

	t.it("begins with the entries that a corrupted server wants", insider, func(ctx context.Context) {
		first := t.open(ctx, definition("insider"))
		kept := first.cast(ctx, 0, map[string][]string{"council": {"ana"}})
		first.cast(ctx, 1, map[string][]string{"council": {"bo"}})
		entries, err := as[targets.BoardReader](first).Entries(ctx, 0, kept.Index+1)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())

		d := definition("insider")
		d.Entries = entries
		second := t.open(ctx, d)
		st := second.published(ctx, message.PhaseVoting)
		gomega.Expect(st.Size).To(gomega.BeEquivalentTo(len(entries)))
		gomega.Expect(st.Fingerprint).To(gomega.Equal(first.status(ctx).Fingerprint))
		again, err := as[targets.BoardReader](second).Entries(ctx, 0, st.Size)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(again).To(gomega.Equal(entries))

		second.cast(ctx, 2, map[string][]string{"council": {"cleo"}})
		second.close(ctx)
		second.decrypt(ctx, 1, 2)
		gomega.Expect(totals(second.result(ctx))["council"]).To(gomega.Equal([]uint64{1, 0, 1, 0}))
	})
}

// acknowledged has a liar answer a cast with a receipt that nobody signed.
func (e election) acknowledged(ctx context.Context) targets.Answer {
	err := as[targets.Corruptible](e).Interpose(ctx, func(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
		answer, err := next(ctx, r)
		if err != nil || r.Path != "/v1/casts" {
			return answer, err
		}
		receipt := decode[message.Receipt](answer.Body)
		receipt.Signature = message.Signature{}
		answer.Body = encode(receipt)
		return answer, nil
	})
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	v := e.voter(ctx, 0)
	a, err := v.Cast(ctx, e.prepare(ctx, v, map[string][]string{"council": {"ana"}}))
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	return a
}
