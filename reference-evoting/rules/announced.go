package rules

import (
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/weakness"
)

// Announced is the part of V-09 about the definition: it hashes to the digest
// under which the election was announced. A zero digest is none.
func Announced(weak weakness.View, m *message.Manifest, digest message.Digest) *Fault {
	if digest == (message.Digest{}) {
		return nil
	}
	own, err := transcript.Definition(m)
	if err != nil {
		return broken("V-09", "%v", err)
	}
	same := digest == own
	same = weak.Widen(weakness.JoinWithPipe, same, func() bool { return digest == transcript.PipedDefinition(m) })
	if !weak.Widen(weakness.NoTypeTags, same, func() bool { return digest == transcript.UntaggedDefinition(m) }) {
		return broken("V-09", "the definition has the digest %s, it was announced under %s", message.Digest(own), digest)
	}
	return nil
}

// Expect names the digest under which the election was announced, before the
// first entry.
func (s *State) Expect(digest message.Digest) { s.announced = digest }
