package voter_test

import (
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/vectors"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/voter"
)

// answers asks a client of whoever waits for an answer. What was challenged
// is left out: a client remembers the challenge itself, which the context
// does not have.
func answers[I any](t *testing.T, load func() (*vectors.File[vectors.ReceiptContext, I], error), message func(I) any) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		if g.Context.Decided == nil {
			continue
		}
		decision, err := codec.Encode(g.Context.Decided)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range g.Tests {
			answer, err := codec.Encode(message(c.Input))
			if err != nil {
				t.Fatal(err)
			}
			client := voter.New(&rules.Voting{
				Election: elsewhere(g.Context.BoardKey), Fingerprint: g.Context.Fingerprint,
			}, voter.Credential{Key: g.Context.Credential}, ristretto.Stream(nil))
			if err := client.Keep(decision, answer); (err == nil) != (c.Result == vectors.Valid) {
				t.Errorf("%s, tcId %d (%s) is %s: %v", f.Kind, c.TcID, c.Comment, c.Result, err)
			}
		}
	}
}

// elsewhere is an election of which the client needs the board's key only.
func elsewhere(key message.Key) *manifest.Election {
	return &manifest.Election{Manifest: message.Manifest{Board: message.Board{Key: key}}}
}

func TestVectorsOfAnswers(t *testing.T) {
	answers(t, vectors.Receipts, func(in vectors.ReceiptInput) any { return in.Receipt })
	answers(t, vectors.Refusals, func(in vectors.RefusalInput) any { return in.Refusal })
}
