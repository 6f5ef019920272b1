package scrutineer

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// H08: two structures, one digest.
//
// ElectionGuard's Python hash_elems joins texts with "|", and does not tell a
// number from its text nor an absent list from an empty one; Swiss Post's
// RecursiveHash had the like (YWH-PGM2323-69, -70, -71, -121). Where the digest
// of an election's definition is computed so, who writes the definition can
// write two. With a separator s and the options i, j named N and M the text
//
//	T s i s N s j s M s i s M s j s N
//
// is the title T with the options i = "N", j = "M s i s M s j s N", and it is
// the title "T s i s N s j s M" with the options i = "M", j = "N". All other
// fields are equal; so are the ids, and with them every ballot's form.
// Trustees and auditors read the first, voters the second, and each of them
// compares the digest that was announced. Without separator and lengths (s
// empty) the same text does, and so do a number beside a text and texts that
// are cut elsewhere.
//
// What the planted weaknesses accept, wherever a definition's digest is
// compared with the announced one (V-09):
//
//   - weak.hash.joinWithPipe: transcript.PipedDefinition.
//   - weak.hash.noTypeTags: transcript.UntaggedDefinition.

// DefinitionDigest is a way to hash a definition.
type DefinitionDigest uint8

// The ways of H08. The zero DefinitionDigest is none.
const (
	DigestJoined DefinitionDigest = iota + 1
	DigestUntagged
)

// Of is the digest of a definition.
func (d DefinitionDigest) Of(m *message.Manifest) message.Digest {
	if d == DigestJoined {
		return transcript.PipedDefinition(m)
	}
	return transcript.UntaggedDefinition(m)
}

func (d DefinitionDigest) separator() string {
	if d == DigestJoined {
		return transcript.Separator
	}
	return ""
}

// Collision is two definitions with one digest.
type Collision struct {
	Audited, Shown message.Manifest // to trustees and auditors, to voters
	Digest         message.Digest
	Text           string // what both of them hash, to be shown
}

// ErrCollision: the search found nothing that serves.
var ErrCollision = errors.New("no second definition with this digest")

// Collide finds two definitions with one digest in which the names of the
// first two options of a contest are exchanged.
func (d DefinitionDigest) Collide(m message.Manifest, contest string) (*Collision, error) {
	at := slices.IndexFunc(m.Contests, func(c message.Contest) bool { return c.ID == contest })
	if at < 0 || len(m.Contests[at].Options) < 2 {
		return nil, fmt.Errorf("%w: contest %q has no two options", ErrCollision, contest)
	}
	c := m.Contests[at]
	s, i, j := d.separator(), c.Options[0], c.Options[1]
	n, o := i.Title, j.Title
	text := strings.Join([]string{c.Title, i.ID, n, j.ID, o, i.ID, o, j.ID, n}, s)
	out := &Collision{Text: text}
	for _, reading := range readings(text, s, i.ID, j.ID) {
		with := relabelled(m, at, reading)
		switch reading {
		case [3]string{c.Title, n, strings.Join([]string{o, i.ID, o, j.ID, n}, s)}:
			out.Audited = with
		case [3]string{strings.Join([]string{c.Title, i.ID, n, j.ID, o}, s), o, n}:
			out.Shown = with
		}
	}
	if out.Audited.Contests == nil || out.Shown.Contests == nil || d.Of(&out.Audited) != d.Of(&out.Shown) {
		return nil, ErrCollision
	}
	out.Digest = d.Of(&out.Audited)
	return out, nil
}

// readings are all ways to read a text as a title and two names, with the ids
// of the options before the names.
func readings(text, s, first, second string) [][3]string {
	var out [][3]string
	one, two := s+first+s, s+second+s
	for a := range text {
		if !strings.HasPrefix(text[a:], one) {
			continue
		}
		rest := text[a+len(one):]
		for b := range rest {
			if strings.HasPrefix(rest[b:], two) {
				out = append(out, [3]string{text[:a], rest[:b], rest[b+len(two):]})
			}
		}
	}
	return out
}

// relabelled is a copy of the manifest with another title of a contest and
// other names of its first two options.
func relabelled(m message.Manifest, at int, reading [3]string) message.Manifest {
	m.Contests = slices.Clone(m.Contests)
	c := &m.Contests[at]
	c.Options = slices.Clone(c.Options)
	c.Title, c.Options[0].Title, c.Options[1].Title = reading[0], reading[1], reading[2]
	return m
}

// Announced is the digest under which a sound administration announces a
// definition.
func Announced(m *message.Manifest) (message.Digest, error) { return transcript.Definition(m) }

// hashed is the digest of the text of a definition, for tests: what both
// documents hash is one string.
func (d DefinitionDigest) hashed(m *message.Manifest) (string, [32]byte) {
	text := strings.Join(transcript.DefinitionTexts(m), d.separator())
	return text, sha256.Sum256([]byte(text))
}
