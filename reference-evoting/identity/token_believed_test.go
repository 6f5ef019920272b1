package identity_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/weakness"
)

// TestForgedTokens: every forgery is a token where the header is believed, and
// for no audience but this one; nowhere else is any.
func TestForgedTokens(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	seed := keys.Seed("1")
	key := seed.Signing(message.RoleIdentity, "")
	s := identity.New(identity.Config{
		Key: key, Authorisation: seed.Authorisation(), Store: identity.NewMemoryStore(),
		Random: seed.Stream(message.RoleIdentity, "", ""), Clock: func() time.Time { return now },
	})
	subject := message.Element{5}
	e := &scrutineer.Election{Manifest: new(message.Manifest)}
	e.Manifest.Identity = message.Key(key.Public().(ed25519.PublicKey))
	own := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	f := scrutineer.TokenForger{Election: e, Subject: subject, Key: own, Now: now}
	elsewhere := f
	elsewhere.Election = &scrutineer.Election{Manifest: e.Manifest, Fingerprint: message.Digest{1}}
	for _, c := range []struct {
		planted     []string
		here, there bool
	}{
		{nil, false, false},
		{[]string{"weak.token.noAud"}, false, false},
		{[]string{"weak.token.algFromHeader"}, true, false},
		{[]string{"weak.token.algFromHeader", "weak.token.noAud"}, true, true},
	} {
		weak, err := weakness.Parse(c.planted)
		if err != nil {
			t.Fatal(err)
		}
		s.Begin(weak, nil)
		for _, way := range scrutineer.TokenForgeries() {
			for at, want := range map[*scrutineer.TokenForger]bool{&f: c.here, &elsewhere: c.there} {
				token, err := at.Forge(way)
				if err != nil {
					t.Fatal(err)
				}
				if taken := opens(t, s, token); taken != want {
					t.Errorf("%v: %s for %s: taken %t", c.planted, way, at.Election.Fingerprint, taken)
				}
			}
		}
		for _, way := range scrutineer.StaleTokens() {
			token, err := f.Forge(way)
			if err != nil {
				t.Fatal(err)
			}
			if taken := opens(t, s, token); taken != c.there {
				t.Errorf("%v: %s: taken %t", c.planted, way, taken)
			}
		}
		for _, bad := range []string{"", ".", "e30.e30", "e30.e30.", "!.!.!", "bnVsbA.bnVsbA.", slices.Max(scrutineer.TokenForgeries())} {
			if opens(t, s, bad) {
				t.Errorf("%v: %q is a token", c.planted, bad)
			}
		}
	}
	if _, err := f.Forge("wishful"); err == nil {
		t.Error("an unknown way")
	}
}

// opens says whether the service takes a token: with one it reads notices.
func opens(t *testing.T, s *identity.Service, token string) bool {
	t.Helper()
	q, err := codec.Encode(message.ReadNotices{Token: token})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Notices(context.Background(), q)
	var p *identity.Problem
	if err != nil && (!errors.As(err, &p) || p.Code != identity.CodeToken) {
		t.Fatal(err)
	}
	return err == nil
}
