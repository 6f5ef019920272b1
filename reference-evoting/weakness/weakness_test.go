package weakness_test

import (
	"errors"
	"slices"
	"testing"

	"scrutineer/reference-evoting/weakness"
)

func yes() bool { return true }

func TestWiden(t *testing.T) {
	set, err := weakness.Parse([]string{"weak.bb.noWeeding", "weak.setup.noPoK@box"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		role  weakness.Role
		name  weakness.Name
		sound bool
		weak  func() bool
		want  bool
	}{
		{weakness.Trustee, weakness.NoWeeding, false, yes, true},
		{weakness.Trustee, weakness.NoWeeding, false, func() bool { return false }, false},
		{weakness.Box, weakness.NoPoK, false, yes, true},
		{weakness.Trustee, weakness.NoPoK, false, yes, false}, // planted in the box alone
		{weakness.Box, weakness.Aliases, false, yes, false},   // not planted
		{weakness.Box, weakness.Aliases, true, func() bool { panic("asked although sound") }, true},
	} {
		if got := set.For(c.role).Widen(c.name, c.sound, c.weak); got != c.want {
			t.Errorf("%s in %s, sound %t: %t, want %t", c.name, c.role, c.sound, got, c.want)
		}
	}
	if got := set.Strings(); !slices.Equal(got, []string{"weak.bb.noWeeding", "weak.setup.noPoK@box"}) {
		t.Errorf("written as %q", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, name := range []string{"", "weak.none", "noWeeding", "weak.bb.noWeeding@nobody"} {
		if _, err := weakness.Parse([]string{name}); !errors.Is(err, weakness.ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestDocsAreWhole(t *testing.T) {
	last := weakness.Name("")
	for _, d := range weakness.Docs() {
		if d.Name <= last || d.Roles == "" || d.Widens == "" || d.Where == "" {
			t.Errorf("%+v", d)
		}
		last = d.Name
	}
}
