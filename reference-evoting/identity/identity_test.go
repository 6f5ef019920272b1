package identity

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

func enrolled(t *testing.T, ids ...string) (*Persons, map[string]string) {
	t.Helper()
	p, sent, err := Enrol(ids, keys.Seed("1").Stream(message.RoleIdentity, "codes", ""), Cost{KiB: 64, Passes: 1})
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, s := range sent {
		codes[s.Voter] = s.Code
	}
	return p, codes
}

func TestPersons(t *testing.T) {
	p, codes := enrolled(t, "ana", "bo")
	if len(codes["ana"]) != CodeLength || codes["ana"] == codes["bo"] {
		t.Fatalf("codes %v", codes)
	}
	for _, c := range []struct {
		voter, code string
		want        bool
	}{
		{"ana", codes["ana"], true}, {"ana", codes["bo"], false}, {"ana", "", false}, {"nobody", codes["ana"], false}, {"", "", false},
	} {
		if got := p.is(c.voter, c.code); got != c.want {
			t.Errorf("%q with %q: %t", c.voter, c.code, got)
		}
	}
	if _, _, err := Enrol([]string{"ana", "ana"}, keys.Seed("1").Stream(message.RoleIdentity, "", ""), Cost{KiB: 64, Passes: 1}); !errors.Is(err, ErrPersons) {
		t.Errorf("one id twice: %v", err)
	}
}

// TestGuard: five misses are free, then one try every 30 s, after a hundred in
// a day one every 864 s, and always a next one; a right code clears it. What
// holds for known ids holds for unknown ones.
func TestGuard(t *testing.T) {
	for _, known := range []bool{true, false} {
		g, now := newGuard(), time.Unix(0, 0)
		for i := range free {
			if wait := g.begin("v", known, now); wait != 0 {
				t.Fatalf("try %d waits %s", i, wait)
			}
			g.end("v", false)
		}
		if wait := g.begin("v", known, now.Add(10*time.Second)); wait != 20*time.Second {
			t.Errorf("after the free ones: %s", wait)
		}
		if wait := g.begin("v", known, now.Add(29*time.Second)); wait != time.Second {
			t.Errorf("a try that waited made the wait longer: %s", wait)
		}
		for i := free; i < many; i++ {
			now = now.Add(pause)
			if wait := g.begin("v", known, now); wait != 0 {
				t.Fatalf("try %d waits %s", i, wait)
			}
			g.end("v", false)
		}
		if wait := g.begin("v", known, now.Add(pause)); wait != longPause-pause {
			t.Errorf("after a hundred: %s", wait)
		}
		now = now.Add(longPause)
		if wait := g.begin("v", known, now); wait != 0 {
			t.Errorf("locked out: %s", wait)
		}
		g.end("v", true)
		if wait := g.begin("v", known, now); wait != 0 {
			t.Errorf("after the right code: %s", wait)
		}
	}
}

func TestStrangersAreForgotten(t *testing.T) {
	g := newGuard()
	for i := range 2 * maxStrangers {
		g.begin(string(rune('a'+i%26))+time.Duration(i).String(), false, time.Unix(0, 0))
	}
	if len(g.tries) > maxStrangers {
		t.Errorf("%d ids are remembered", len(g.tries))
	}
}

// TestMemoryStore: what is bound stays bound, the same decision is kept once.
func TestMemoryStore(t *testing.T) {
	ctx, s := context.Background(), NewMemoryStore()
	one, two := message.Element{1}, message.Element{2}
	for _, c := range []struct {
		voter      string
		credential message.Element
		want       error
	}{{"ana", one, nil}, {"ana", one, nil}, {"ana", two, ErrBound}, {"bo", one, ErrBound}, {"bo", two, nil}} {
		if err := s.Bind(ctx, c.voter, c.credential); !errors.Is(err, c.want) {
			t.Errorf("%s, %d: %v, want %v", c.voter, c.credential[0], err, c.want)
		}
	}
	a := Authorisation{Decision: message.Digest{9}, Credential: one, Tracker: message.Digest{7}, Predecessor: message.None}
	first, err := s.Keep(ctx, a, 2)
	if err != nil || first.Number != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	a.Signature.Commitment = message.Element{3}
	if again, err := s.Keep(ctx, a, 2); err != nil || again != first {
		t.Errorf("the same decision: %+v, %v", again, err)
	}
}

// TestTokens: only an unchanged token of this election that has not ended is
// one.
func TestTokens(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	seed := keys.Seed("1")
	s := New(Config{
		Key: seed.Signing(message.RoleIdentity, ""), Authorisation: seed.Authorisation(), Store: NewMemoryStore(),
		Random: seed.Stream(message.RoleIdentity, "", ""), Clock: func() time.Time { return now },
	})
	s.state = emptyState()
	subject := message.Element{5}
	session, err := s.issue(message.Digest{}, subject)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.session(session.Token); err != nil || got != subject {
		t.Fatalf("%s, %v", got, err)
	}
	other, err := s.issue(message.Digest{1}, subject)
	if err != nil {
		t.Fatal(err)
	}
	parts := bytes.Split([]byte(session.Token), []byte("."))
	for name, token := range map[string]string{
		"empty": "", "another election": other.Token, "without signature": string(parts[0]) + "." + string(parts[1]) + ".",
		"alg none":      "eyJhbGciOiJub25lIn0." + string(parts[1]) + ".",
		"a part more":   session.Token + ".x",
		"padded":        session.Token + "=",
		"other payload": string(parts[0]) + "." + string(parts[0]) + "." + string(parts[2]),
	} {
		if got, err := s.session(token); !errors.Is(err, errToken) || got != (message.Element{}) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	now = now.Add(maxSession)
	if _, err := s.session(session.Token); !errors.Is(err, errToken) {
		t.Errorf("after its end: %v", err)
	}
}

func emptyState() *rules.State { return rules.New(weakness.View{}, nil) }
