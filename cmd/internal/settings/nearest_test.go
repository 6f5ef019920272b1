package settings

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"seed", "target", "fail-on", "format"}
	for in, want := range map[string]string{
		"sede": "seed", "targte": "target", "fail_on": "fail-on", "fromat": "format",
		"x": "", "": "", strings.Repeat("seed", 100): "",
	} {
		if got := Nearest(in, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"seed", "seed", 0}, {"", "seed", 4}, {"sede", "seed", 1},
		{"seeds", "seed", 1}, {"sed", "seed", 1}, {"feed", "seed", 1}, {"abcd", "badc", 2},
	} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
		if back := distance(test.b, test.a); back != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.b, test.a, back, test.want)
		}
	}
}
