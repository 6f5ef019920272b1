package transcript

import (
	"crypto/sha256"
	"strconv"
	"strings"

	"scrutineer/protocols/message"
)

// The second digests of a definition, for the weaknesses of H08. As with the
// challenges of weak.go, no sound role computes them.

// PipedDefinition is the digest of `weak.hash.joinWithPipe`: SHA-256 of all
// texts of the definition with a separator between them, which a text may
// contain (ElectionGuard's Python hash_elems joins with "|").
func PipedDefinition(m *message.Manifest) [32]byte {
	return sha256.Sum256([]byte(strings.Join(DefinitionTexts(m), Separator)))
}

// Separator is what PipedDefinition joins with.
const Separator = "|"

// UntaggedDefinition is the digest of `weak.hash.noTypeTags`: SHA-256 of all
// texts of the definition as they are, without the type and the length that
// every field has in a transcript. A number is its decimal text, and a list its
// items: 1 and "1" are one, an empty list and an absent one, and two texts and
// their concatenation.
func UntaggedDefinition(m *message.Manifest) [32]byte {
	return sha256.Sum256([]byte(strings.Join(DefinitionTexts(m), "")))
}

// DefinitionTexts are the fields of a definition as text, keys left out, in
// the order in which a reader meets them.
func DefinitionTexts(m *message.Manifest) []string {
	t := texts{m.Protocol, m.Suite, strconv.FormatBool(m.Test), m.Title}
	for _, c := range m.Contests {
		t.add(c.ID, c.Kind, c.Title)
		for _, o := range c.Options {
			t.add(o.ID, o.Title)
		}
		t.numbers(c.Min, c.Max)
		t.add(strconv.FormatBool(c.Blank), c.Method.Kind)
		t.numbers(c.Method.Seats)
	}
	for _, s := range m.Styles {
		t.add(s.ID)
		t.add(s.Contests...)
	}
	for _, u := range m.Units {
		t.add(u.ID, u.Title)
	}
	t.numbers(m.Weights...)
	t.numbers(m.MinimumCell)
	for _, c := range m.Channels {
		t.add(c.ID, c.Kind)
		t.numbers(c.Opens, c.Closes, c.MaxExtension)
	}
	t.add(string(m.Revote))
	t.add(m.Stages...)
	t.add(m.Board.Origin)
	for _, l := range m.Trustees {
		t.add(l.ID)
		t.numbers(l.Index)
	}
	t.numbers(m.Threshold)
	for _, w := range m.Witnesses {
		t.add(w.ID)
	}
	t.numbers(m.Quorum, m.PollInterval)
	for _, o := range m.Officers {
		t.add(o.ID)
	}
	for _, d := range m.Devices {
		t.add(d.ID, d.Place)
		t.numbers(d.Opens, d.Closes)
	}
	for _, p := range m.Places {
		t.add(p.ID, p.Title)
		t.add(p.Units...)
		for _, o := range p.Officers {
			t.add(o.ID)
		}
	}
	return t
}

type texts []string

func (t *texts) add(list ...string) { *t = append(*t, list...) }

func (t *texts) numbers(list ...uint64) {
	for _, n := range list {
		t.add(strconv.FormatUint(n, 10))
	}
}
