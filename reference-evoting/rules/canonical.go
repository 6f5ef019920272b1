package rules

import (
	"math/big"
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/weakness"
)

// canonical is the ballot as a role reads it: as it stands, or under
// weak.ballot.acceptNoncanonical in the one form that means the same, so that
// what is hashed, proven and compared are elements and numbers and not their
// spelling. The tracker covers the ballot as it stands.
//
// The weak reader reduces scalars modulo l and elements modulo p, takes the
// positive one of a field element and its negative, drops members that mean
// nothing where they stand, and puts contests into the style's order.
func canonical(weak weakness.View, election *manifest.Election, b *message.Ballot) *message.Ballot {
	if !weak.Has(weakness.AcceptNoncanonical) || election == nil {
		return b
	}
	out := *b
	out.Caster.Device, out.Caster.Sequence = "", 0
	out.Contests = slices.Clone(b.Contests)
	for i := range out.Contests {
		c := &out.Contests[i]
		c.Selections = slices.Clone(c.Selections)
		for j := range c.Selections {
			s := &c.Selections[j]
			s.Alpha, s.Beta, s.Proof = spelling(s.Alpha), spelling(s.Beta), reduced(s.Proof)
		}
		contest, _, known := election.Contest(c.Contest)
		switch {
		case known && !manifest.NeedsSum(contest):
			c.Sum = nil
		case c.Sum != nil:
			sum := reduced(*c.Sum)
			c.Sum = &sum
		}
	}
	if style, _, ok := election.Style(b.Style); ok {
		place := func(c message.BallotContest) int { return slices.Index(style.Contests, c.Contest) }
		slices.SortStableFunc(out.Contests, func(x, y message.BallotContest) int { return place(x) - place(y) })
	}
	return &out
}

// sorted is a contest with its options in the manifest's order: the order in
// which honest proofs hash them.
func sorted(contest message.Contest, c message.BallotContest) message.BallotContest {
	options := manifest.Selections(contest)
	c.Selections = slices.Clone(c.Selections)
	place := func(s message.Selection) int { return slices.Index(options, s.Option) }
	slices.SortStableFunc(c.Selections, func(x, y message.Selection) int { return place(x) - place(y) })
	return c
}

// hashed are the contests as proofs hash them: as they stand, or for the weak
// reader with their options in order.
func (v *Voting) hashed(b *message.Ballot) []message.BallotContest {
	if !v.Weak.Has(weakness.AcceptNoncanonical) {
		return b.Contests
	}
	out := slices.Clone(b.Contests)
	for i, c := range out {
		contest, _, _ := v.Election.Contest(c.Contest)
		out[i] = sorted(contest, c)
	}
	return out
}

// prime is that of the field, 2^255 − 19; groupOrder is that of the group, l.
func prime() *big.Int {
	p := new(big.Int).Lsh(big.NewInt(1), 255)
	return p.Sub(p, big.NewInt(19))
}

func groupOrder() *big.Int {
	l, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	return l.Add(l, new(big.Int).Lsh(big.NewInt(1), 252))
}

// spelling is the canonical encoding of what an encoding stands for: the
// highest bit is none of the field element's, and of s and p − s the even one
// is written (RFC 9496, section 4.3).
func spelling(e message.Element) message.Element {
	e[31] &= 0x7f
	s := number(e)
	if s.Mod(s, prime()); s.Bit(0) == 1 {
		s.Sub(prime(), s)
	}
	return littleEndian(s)
}

// reduced has its scalars reduced modulo l.
func reduced(p message.Branches) message.Branches {
	each := func(list []message.Scalar) []message.Scalar {
		out := make([]message.Scalar, len(list))
		for i, s := range list {
			out[i] = littleEndian(new(big.Int).Mod(number(s), groupOrder()))
		}
		return out
	}
	return message.Branches{Challenges: each(p.Challenges), Responses: each(p.Responses)}
}

// number reads 32 bytes, the lowest first.
func number(b [32]byte) *big.Int {
	slices.Reverse(b[:])
	return new(big.Int).SetBytes(b[:])
}

// littleEndian writes a number below 2^256.
func littleEndian(n *big.Int) (out [32]byte) {
	n.FillBytes(out[:])
	slices.Reverse(out[:])
	return out
}

// alphasOf lists the αs of a ballot as they are compared: decoded.
func (s *State) alphasOf(b *message.Ballot) []message.Element {
	return elements(canonical(s.weak, s.election, b).Contests)
}
