package scrutineer

import (
	"errors"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

func council() message.Manifest {
	d := Description{Opens: 1, Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b", "c"), Choose("d", 0, 1, false, "x")}}
	m := d.Draft(Public{})
	m.Contests[0].Title, m.Contests[0].Options[0].Title, m.Contests[0].Options[1].Title = "Mayor", "Ana", "Bo"
	return m
}

func TestCollidingDefinitions(t *testing.T) {
	for _, d := range []DefinitionDigest{DigestJoined, DigestUntagged} {
		x, err := d.Collide(council(), "c")
		if err != nil {
			t.Fatal(err)
		}
		one, sum := d.hashed(&x.Audited)
		two, _ := d.hashed(&x.Shown)
		if one != two || sum != [32]byte(x.Digest) || d.Of(&x.Shown) != x.Digest {
			t.Errorf("two texts:\n%s\n%s", one, two)
		}
		audited, shown := x.Audited.Contests[0], x.Shown.Contests[0]
		if audited.Title != "Mayor" || audited.Options[0].Title != "Ana" {
			t.Errorf("auditors read %+v", audited)
		}
		if shown.Options[0].Title != "Bo" || shown.Options[1].Title != "Ana" || shown.Options[2] != audited.Options[2] {
			t.Errorf("voters read %+v", shown)
		}
		// The sound digest tells them apart, and neither is the announced one.
		a, err := Announced(&x.Audited)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Announced(&x.Shown)
		if err != nil || a == s || a == x.Digest || s == x.Digest {
			t.Errorf("sound digests %s, %s, %v", a, s, err)
		}
		if other := DigestJoined + DigestUntagged - d; other.Of(&x.Audited) == x.Digest {
			t.Error("one weak rule accepts what is made for the other")
		}
	}
	if _, err := DigestJoined.Collide(council(), "d"); !errors.Is(err, ErrCollision) {
		t.Error(err)
	}
}

// What else the weak digests do not tell apart.
func TestWeakDigestsConfuse(t *testing.T) {
	type change = func(*message.Manifest)
	digests := func(c change) (message.Digest, message.Digest, message.Digest) {
		m := council()
		c(&m)
		sound, err := Announced(&m)
		if err != nil {
			t.Fatal(err)
		}
		return DigestJoined.Of(&m), DigestUntagged.Of(&m), sound
	}
	for name, pair := range map[string][2]change{
		// 1 and "1": the same text is a weight of the list or a unit's name.
		"a number and its text": {
			func(m *message.Manifest) {
				m.Units, m.Weights = []message.Unit{{ID: "u", Title: "U"}}, []uint64{1, 2, 3}
			},
			func(m *message.Manifest) {
				m.Units, m.Weights = []message.Unit{{ID: "u", Title: "U"}, {ID: "1", Title: "2"}}, []uint64{3}
			},
		},
		// A list that is empty and one that is not there leave the same: nothing.
		"an absent list and an empty one": {
			func(m *message.Manifest) { m.Officers = nil },
			func(m *message.Manifest) { m.Officers = []message.Officer{} },
		},
	} {
		joined1, untagged1, sound1 := digests(pair[0])
		joined2, untagged2, sound2 := digests(pair[1])
		if joined1 != joined2 || untagged1 != untagged2 {
			t.Errorf("%s: told apart", name)
		}
		if empty := name == "an absent list and an empty one"; sound1 == sound2 && !empty {
			t.Errorf("%s: one sound digest", name)
		}
	}
	if transcript.Separator == "" {
		t.Error("no separator")
	}
}
