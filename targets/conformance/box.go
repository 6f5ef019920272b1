package conformance

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/onsi/gomega"

	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// atBox are specs of the ballot box in the open election. Each has a voter of
// its own.
func (t *trial) atBox() {
	submit := abilities(targets.Open, targets.Submit)
	insider := abilities(targets.Open, targets.Submit, targets.Client, targets.Insider)

	t.it("knows only its own kinds of messages", submit, func(ctx context.Context) {
		e := t.shared
		_, err := as[targets.Submitter](e).Submit(ctx, "unheard-of", []byte("{}"))
		gomega.Expect(err).To(gomega.MatchError(targets.ErrUnable))
	})

	for _, c := range []struct {
		kind    string
		outcome targets.Outcome
	}{
		{"ballot", targets.Refused}, {"entry", targets.Refused},
		// An unsigned no is not final (S-20).
		{"cast", targets.Unknown}, {"challenge", targets.Unknown},
	} {
		t.it("answers a "+c.kind+" that is none with a code", submit, func(ctx context.Context) {
			e := t.shared
			before := e.status(ctx).Size
			for _, body := range []string{"{}", "null", "[]", "\x00\xff", `{"a":1,"a":2}`, `{"ballot":` + deep(100) + `}`} {
				a, err := as[targets.Submitter](e).Submit(ctx, c.kind, []byte(body))
				gomega.Expect(err).NotTo(gomega.HaveOccurred())
				gomega.Expect(a.Outcome).To(gomega.Equal(c.outcome), "%.40q: %+v", body, a)
				gomega.Expect(a.Code).NotTo(gomega.BeEmpty())
				gomega.Expect(a.Status).To(gomega.Equal(400))
			}
			gomega.Expect(e.status(ctx).Size).To(gomega.Equal(before))
		})
	}

	t.it("takes the chunks of a long entry before it", submit, func(ctx context.Context) {
		e := t.shared
		body := encode(message.Participation{Voters: []string{strings.Repeat("x", message.MaxInline)}})
		header := message.Entry{
			Context: e.status(ctx).Fingerprint, Role: message.RoleRegistrar, Signature: message.Signature{1},
			Size: uint64(len(body)), Type: message.TypeParticipation, Version: message.Version,
		}
		for chunk := range slices.Chunk(body, message.ChunkSize) {
			header.Chunks = append(header.Chunks, sha256.Sum256(chunk))
		}
		without, err := as[targets.Submitter](e).Submit(ctx, "entry", encode(header))
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(without.Outcome).To(gomega.Equal(targets.Refused), "%+v", without)
		gomega.Expect(without.Code).To(gomega.Equal("V-05"), "%+v", without)
		for chunk := range slices.Chunk(body, message.ChunkSize) {
			a, err := as[targets.Submitter](e).Submit(ctx, "chunk", chunk)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			gomega.Expect(a.Outcome).To(gomega.Equal(targets.OK), "%+v", a)
		}
		with, err := as[targets.Submitter](e).Submit(ctx, "entry", encode(header))
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(with.Outcome).To(gomega.Equal(targets.Refused), "%+v", with)
		gomega.Expect(with.Code).NotTo(gomega.Equal("V-05"), "%+v", with) // its chunks are there
		large, err := as[targets.Submitter](e).Submit(ctx, "chunk", make([]byte, message.ChunkSize+1))
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(large.Outcome).To(gomega.Equal(targets.Refused))
	})

	t.it("gives the same decision the same receipt", abilities(targets.Open, targets.Client), func(ctx context.Context) {
		e := t.shared
		v := e.voter(ctx, 0)
		handle := e.prepare(ctx, v, map[string][]string{"bridge": {"yes"}})
		one, err := v.Cast(ctx, handle)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		two, err := v.Cast(ctx, handle)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(two).To(gomega.Equal(one))
	})

	t.it("gives one receipt to the same bytes sent many times at once", insider, func(ctx context.Context) {
		e := t.shared
		held := e.hold(ctx, 1, 1)
		answers, err := as[targets.Racer](e).Race(ctx, "cast", repeat(held[0], 16), 0)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		for _, a := range answers {
			gomega.Expect(a.Outcome).To(gomega.Equal(targets.OK), "%+v", a)
			gomega.Expect(a.Body).To(gomega.Equal(answers[0].Body))
		}
	})

	t.it("lets one of many children of a ballot stand", insider, func(ctx context.Context) {
		e := t.shared
		before := e.status(ctx).Size
		answers, err := as[targets.Racer](e).Race(ctx, "cast", e.hold(ctx, 2, 12), 0)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		count := map[targets.Outcome]int{}
		for _, a := range answers {
			count[a.Outcome]++
			if a.Outcome == targets.Refused {
				gomega.Expect(a.Code).To(gomega.Equal(string(message.ReasonNotHead)))
			}
		}
		gomega.Expect(count).To(gomega.Equal(map[targets.Outcome]int{targets.OK: 1, targets.Refused: 11}))
		gomega.Expect(e.status(ctx).Size).To(gomega.Equal(before + 1))
	})

	t.it("survives those who hang up", insider, func(ctx context.Context) {
		e := t.shared
		held := e.hold(ctx, 3, 1)
		answers, err := as[targets.Racer](e).Race(ctx, "cast", repeat(held[0], 6), 3)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		for i, a := range answers {
			want := targets.OK
			if i < 3 {
				want = targets.Unknown
			}
			gomega.Expect(a.Outcome).To(gomega.Equal(want), "request %d: %+v", i, a)
		}
	})
}

// errHeld is what a voter meets whose decision is held back.
var errHeld = errors.New("held back")

// hold has a voter of the target prepare ballots and decide to cast each, but
// keeps the decisions from the box: all name the same predecessor.
func (e election) hold(ctx context.Context, voter, n int) [][]byte {
	var mu sync.Mutex
	var held [][]byte
	corrupt := as[targets.Corruptible](e)
	err := corrupt.Interpose(ctx, func(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
		if r.Method != "POST" || r.Path != "/v1/casts" {
			return next(ctx, r)
		}
		mu.Lock()
		defer mu.Unlock()
		held = append(held, r.Body)
		return targets.Response{}, errHeld
	})
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	v := e.voter(ctx, voter)
	for range n {
		a, err := v.Cast(ctx, e.prepare(ctx, v, map[string][]string{"council": {"bo"}}))
		gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
		gomega.ExpectWithOffset(1, a.Outcome).To(gomega.Equal(targets.Unknown), "%+v", a)
	}
	gomega.ExpectWithOffset(1, corrupt.Interpose(ctx, nil)).To(gomega.Succeed())
	gomega.ExpectWithOffset(1, held).To(gomega.HaveLen(n))
	return held
}

func repeat(body []byte, n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = body
	}
	return out
}

// deep is a value nested n times.
func deep(n int) string {
	b := make([]byte, 2*n)
	for i := range n {
		b[i], b[2*n-1-i] = '[', ']'
	}
	return string(b)
}
