package head_test

import (
	"testing"

	"scrutineer/harness/verify/head"
	"scrutineer/protocols/vectors"
)

// each asks about every case of a file whether it is accepted.
func each[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), accepts func(C, I) bool) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			if got := accepts(g.Context, c.Input); got != (c.Result == vectors.Valid) {
				t.Errorf("%s, tcId %d (%s: %s) is %s, accepted: %t", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, got)
			}
		}
	}
}

func TestVectorsOfCheckpoints(t *testing.T) {
	each(t, vectors.Checkpoints, func(ctx vectors.CheckpointContext, in vectors.CheckpointInput) bool {
		keys := head.Keys{Origin: ctx.Board.Origin, Board: ctx.Board.Key, Quorum: ctx.Quorum}
		for _, w := range ctx.Witnesses {
			keys.Witnesses = append(keys.Witnesses, head.Witness{ID: w.ID, Key: w.Key})
		}
		h, err := head.Parse([]byte(in.Note))
		if err != nil {
			return false
		}
		_, problems := h.Check(keys)
		return len(problems) == 0
	})
}
