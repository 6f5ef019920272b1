package scrutineer

import (
	"bytes"
	"maps"
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// plainly undoes every spelling: weak.ballot.acceptNoncanonical, said once
// more.
func plainly(style []string, b message.Ballot) message.Ballot {
	out := *deepCopy(&b)
	out.Caster = message.Caster{Credential: b.Caster.Credential}
	l, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	p, _ := new(big.Int).SetString("57896044618658097711785492504343953926634992332820282019728792003956564819949", 10)
	scalar := func(list []message.Scalar) {
		for i := range list {
			list[i] = littleEndian(new(big.Int).Mod(fromLittleEndian(list[i]), l))
		}
	}
	element := func(e *message.Element) {
		e[31] &= 127
		if e[0]&1 == 1 { // RFC 9496: of s and p − s the even one
			*e = littleEndian(new(big.Int).Sub(p, fromLittleEndian(*e)))
		}
	}
	for i := range out.Contests {
		c := &out.Contests[i]
		for k := range c.Selections {
			s := &c.Selections[k]
			scalar(s.Proof.Challenges)
			scalar(s.Proof.Responses)
			element(&s.Alpha)
			element(&s.Beta)
		}
		slices.SortFunc(c.Selections, func(x, y message.Selection) int { return bytes.Compare([]byte(x.Option), []byte(y.Option)) })
		if c.Contest == "free" {
			c.Sum = nil
		}
		if c.Sum != nil {
			scalar(c.Sum.Challenges)
			scalar(c.Sum.Responses)
		}
	}
	slices.SortFunc(out.Contests, func(x, y message.BallotContest) int {
		return slices.Index(style, x.Contest) - slices.Index(style, y.Contest)
	})
	return out
}

// Each spelling has other bytes, the same content, and is refused by the sound
// reader.
func TestSpellings(t *testing.T) {
	w := opened(t, Description{Voters: voters("m", "u"),
		Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b"), Choose("free", 0, 2, false, "a", "b")}})
	e, m := w.view.Election, w.voter("m")
	p, err := e.Prepare(m.Line, Choices{"c": {"b"}, "free": {"a"}}, m.Random)
	w.must(err)
	before, err := codec.Encode(p.Ballot)
	w.must(err)
	names := slices.Sorted(maps.Keys(spellings()))
	if len(names) < 12 {
		t.Fatalf("%d spellings", len(names))
	}
	for _, name := range names {
		x, err := Respelled(&p.Ballot, name)
		w.must(err)
		after, err := codec.Encode(x.Ballot)
		w.must(err)
		if bytes.Equal(before, after) || e.CheckBallot(&x.Ballot, m.Credential.Key) == nil {
			t.Errorf("%s: the sound reader accepts it", name)
		}
		if x.Tracker != transcript.Tracker(&x.Ballot) {
			t.Errorf("%s: not the tracker of the ballot", name)
		}
		if diff := cmp.Diff(plainly([]string{"c", "free"}, p.Ballot), plainly([]string{"c", "free"}, x.Ballot)); diff != "" {
			t.Errorf("%s says something else: %s", name, diff)
		}
	}
	if again, err := codec.Encode(p.Ballot); err != nil || !bytes.Equal(before, again) {
		t.Error("the ballot itself was changed")
	}
	if _, err := Respelled(&p.Ballot, "none"); err == nil {
		t.Error("an unknown spelling")
	}
}

// A spelling that a ballot does not allow is an error.
func TestSpellingsThatDoNotFit(t *testing.T) {
	w := opened(t, Description{Voters: voters("m", "u"), Contests: []message.Contest{Choose("c", 0, 1, false, "a")}})
	m := w.voter("m")
	p, err := w.view.Election.Prepare(m.Line, Choices{"c": {"a"}}, m.Random)
	w.must(err)
	for _, name := range []string{"sum-challenge", "sum-response", "all-scalars", "contest-order", "option-order"} {
		if _, err := Respelled(&p.Ballot, name); err == nil {
			t.Errorf("%s fits", name)
		}
	}
}
