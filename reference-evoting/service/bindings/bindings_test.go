package bindings_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/bindings"
)

// TestStore: what was bound and authorised is so after a restart.
func TestStore(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "identity.db")
	one, two := message.Element{1}, message.Element{2}
	a := identity.Authorisation{Decision: message.Digest{9}, Credential: one, Tracker: message.Digest{7}, Predecessor: message.None,
		Signature: message.SchnorrSignature{Commitment: message.Element{3}, Response: message.Scalar{4}}}
	var first identity.Authorisation
	for restart := range 2 {
		s, err := bindings.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			voter      string
			credential message.Element
			want       error
		}{{"ana", one, nil}, {"ana", two, identity.ErrBound}, {"bo", one, identity.ErrBound}, {"bo", two, nil}} {
			if err := s.Bind(ctx, c.voter, c.credential); !errors.Is(err, c.want) {
				t.Errorf("start %d, %s, %d: %v, want %v", restart, c.voter, c.credential[0], err, c.want)
			}
		}
		kept, err := s.Keep(ctx, a, 1)
		if err != nil || kept.Number != 1 || restart > 0 && kept != first {
			t.Errorf("start %d: kept %+v, %v", restart, kept, err)
		}
		first = kept
		if got, err := s.Find(ctx, a.Decision); err != nil || got != first {
			t.Errorf("start %d: found %+v, %v", restart, got, err)
		}
		if _, err := s.Find(ctx, message.Digest{8}); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("start %d: %v", restart, err)
		}
		more := a
		more.Decision = message.Digest{8}
		if _, err := s.Keep(ctx, more, 1); !errors.Is(err, identity.ErrFull) {
			t.Errorf("start %d: beyond the bound: %v", restart, err)
		}
		if list, err := s.List(ctx, one); err != nil || len(list) != 1 || list[0] != first {
			t.Errorf("start %d: %+v, %v", restart, list, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
