package rules_test

import (
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// A definition is held to the digest under which it was announced; each weak
// rule accepts its own digest besides, and no other.
func TestAnnounced(t *testing.T) {
	m := fixture.Manifest(2)
	sound, err := transcript.Definition(&m)
	if err != nil {
		t.Fatal(err)
	}
	keyed := m
	keyed.Authority[0] ^= 1
	if other, err := transcript.Definition(&keyed); err != nil || other != sound {
		t.Error("a key is part of the definition")
	}
	digests := map[string]message.Digest{
		"": {}, "sound": sound, "weak.hash.joinWithPipe": transcript.PipedDefinition(&m), "weak.hash.noTypeTags": transcript.UntaggedDefinition(&m),
	}
	for _, planted := range []string{"", "weak.hash.joinWithPipe", "weak.hash.noTypeTags"} {
		var names []string
		if planted != "" {
			names = []string{planted}
		}
		set, err := weakness.Parse(names)
		if err != nil {
			t.Fatal(err)
		}
		for name, digest := range digests {
			f := rules.Announced(set.For(weakness.Voter), &m, digest)
			if accepted := name == "" || name == "sound" || name == planted; accepted != (f == nil) || f != nil && f.Check != "V-09" {
				t.Errorf("planted %q, announced under %q: %v", planted, name, f)
			}
		}
	}
}
