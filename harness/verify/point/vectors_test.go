package point_test

import (
	"testing"

	"scrutineer/harness/verify/point"
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

func TestVectorsOfTheGroup(t *testing.T) {
	each(t, vectors.Elements, func(_ vectors.None, in vectors.Encoding) bool {
		if len(in.Encoding) != point.Size {
			return false // the type of Decode's argument refuses it
		}
		_, ok := point.Decode([point.Size]byte(in.Encoding))
		return ok
	})
	each(t, vectors.Scalars, func(_ vectors.None, in vectors.Encoding) bool {
		if len(in.Encoding) != point.Size {
			return false
		}
		_, ok := point.ParseScalar([point.Size]byte(in.Encoding))
		return ok
	})
}
