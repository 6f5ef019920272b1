package cosign_test

import (
	"strings"
	"testing"
)

// Who is weak takes what nobody vouches for, and everything sound.
func TestWidened(t *testing.T) {
	s := newScene(t)
	raw := s.grow(t)
	text, _, _ := strings.Cut(string(raw), "\n\n")
	unsigned := []byte(text + "\n\n")
	other := []byte(strings.Replace(string(unsigned), origin, "example.org/other", 1))
	for _, x := range []struct {
		name                string
		note                []byte
		sound, any, nothing bool
	}{
		{"a quorum", s.cosigned(t, raw, 0, 1), true, true, true},
		{"one witness", s.cosigned(t, raw, 0), false, true, true},
		{"no witness", raw, false, true, true},
		{"no signature", unsigned, false, false, true},
		{"another board", other, false, false, false},
		{"no head", []byte("hello\n"), false, false, false},
	} {
		_, sound := s.quorum.Open(x.note)
		_, few := s.quorum.Widened(true, false).Open(x.note)
		_, none := s.quorum.Widened(true, true).Open(x.note)
		if (sound == nil) != x.sound || (few == nil) != x.any || (none == nil) != x.nothing {
			t.Errorf("%s: %v, %v, %v", x.name, sound, few, none)
		}
	}
	if _, err := s.quorum.Widened(false, true).Open(unsigned); err == nil {
		t.Error("an unsigned head has cosignatures")
	}
}
