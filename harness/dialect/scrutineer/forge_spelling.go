package scrutineer

import (
	"fmt"
	"math/big"
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// A02: a ballot in another spelling. The content is the same, and every proof
// would hold if the reader took numbers modulo l and elements for what they
// stand for; bytes and tracker are others, so that whoever looks for equal
// bytes finds none.
//
// Cortier and Smyth (CSF 2011) saw that Helios took c + q and s + q for scalars
// of its proofs, and ballots with permuted answers; Belenios accepts "only
// ballots in canonical form" since 2020 (commit 1376dc90).
//
// What the planted weaknesses accept:
//
//   - weak.ballot.acceptNoncanonical. Scalars are reduced modulo l, elements are
//     decoded whatever the sign and the highest bit of the field element, a
//     caster's device and sequence and a sum proof where none belongs are left
//     out of account, contests are taken in the style's order. Proofs are
//     checked over what is so read; the tracker is that of the ballot as sent.
//   - weak.ctx.noContestBinding, for options: each names itself, is proven under
//     its name and counted where it stands.

// Respelled is the ballot in another spelling, with the tracker of that.
func Respelled(b *message.Ballot, spelling string) (*Prepared, error) {
	change, ok := spellings()[spelling]
	if !ok {
		return nil, fmt.Errorf("no spelling %q", spelling)
	}
	out := deepCopy(b)
	if err := change(out); err != nil {
		return nil, fmt.Errorf("spelling %s: %w", spelling, err)
	}
	return &Prepared{Ballot: *out, Tracker: transcript.Tracker(out)}, nil
}

// spellings are the changes by name.
func spellings() map[string]func(*message.Ballot) error {
	return map[string]func(*message.Ballot) error{
		"challenge-0":   eachSelection(func(s *message.Selection) { more(s.Proof.Challenges[:1], 1) }),
		"challenge-1":   eachSelection(func(s *message.Selection) { more(s.Proof.Challenges[1:], 1) }),
		"response-0":    eachSelection(func(s *message.Selection) { more(s.Proof.Responses[:1], 1) }),
		"response-1":    eachSelection(func(s *message.Selection) { more(s.Proof.Responses[1:], 1) }),
		"sum-challenge": eachSum(func(p *message.Branches) { more(p.Challenges, 1) }),
		"sum-response":  eachSum(func(p *message.Branches) { more(p.Responses, 1) }),
		"all-scalars": func(b *message.Ballot) error {
			all := func(p *message.Branches) { more(p.Challenges, 1); more(p.Responses, 1) }
			_ = eachSelection(func(s *message.Selection) { all(&s.Proof) })(b)
			return eachSum(all)(b)
		},
		// 2^256 is a little above 15·l, so that up to 14·l can always be added.
		"many-l":         eachSelection(func(s *message.Selection) { more(s.Proof.Responses, 14) }),
		"alpha-negative": eachSelection(func(s *message.Selection) { s.Alpha = negative(s.Alpha) }),
		"beta-negative":  eachSelection(func(s *message.Selection) { s.Beta = negative(s.Beta) }),
		"alpha-high-bit": eachSelection(func(s *message.Selection) { s.Alpha[31] |= 0x80 }),
		"beta-high-bit":  eachSelection(func(s *message.Selection) { s.Beta[31] |= 0x80 }),
		"extra-device":   func(b *message.Ballot) error { b.Caster.Device = "none"; return nil },
		"extra-sequence": func(b *message.Ballot) error { b.Caster.Sequence = 1; return nil },
		"extra-sum":      extraSum,
		"contest-order": func(b *message.Ballot) error {
			slices.Reverse(b.Contests)
			return atLeast("contests", len(b.Contests))
		},
		"option-order": func(b *message.Ballot) error {
			list := b.Contests[0].Selections
			slices.Reverse(list)
			return atLeast("options", len(list))
		},
	}
}

func eachSelection(f func(*message.Selection)) func(*message.Ballot) error {
	return func(b *message.Ballot) error {
		for i := range b.Contests {
			for k := range b.Contests[i].Selections {
				f(&b.Contests[i].Selections[k])
			}
		}
		return nil
	}
}

func eachSum(f func(*message.Branches)) func(*message.Ballot) error {
	return func(b *message.Ballot) error {
		there := false
		for i := range b.Contests {
			if sum := b.Contests[i].Sum; sum != nil {
				there = true
				f(sum)
			}
		}
		if !there {
			return fmt.Errorf("no contest has a sum proof")
		}
		return nil
	}
}

// extraSum puts a proof of a selection where no sum proof belongs.
func extraSum(b *message.Ballot) error {
	for i := range b.Contests {
		if c := &b.Contests[i]; c.Sum == nil {
			p := c.Selections[0].Proof
			c.Sum = &p
			return nil
		}
	}
	return fmt.Errorf("every contest has a sum proof")
}

func atLeast(what string, n int) error {
	if n < 2 {
		return fmt.Errorf("%d %s have no other order", n, what)
	}
	return nil
}

// more adds a multiple of l to scalars.
func more(list []message.Scalar, times int64) {
	// l = 2^252 + 27742317777372353535851937790883648493 (RFC 9496, section 4).
	l, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	l.Add(l, new(big.Int).Lsh(big.NewInt(1), 252))
	l.Mul(l, big.NewInt(times))
	for i := range list {
		list[i] = littleEndian(new(big.Int).Add(l, fromLittleEndian(list[i])))
	}
}

// negative is p − s for the field element s.
func negative(e message.Element) message.Element {
	p := new(big.Int).Lsh(big.NewInt(1), 255)
	p.Sub(p, big.NewInt(19))
	return littleEndian(p.Sub(p, fromLittleEndian(e)))
}

func fromLittleEndian(b [32]byte) *big.Int {
	slices.Reverse(b[:])
	return new(big.Int).SetBytes(b[:])
}

func littleEndian(n *big.Int) (out [32]byte) {
	n.FillBytes(out[:])
	slices.Reverse(out[:])
	return out
}

// deepCopy shares nothing with b.
func deepCopy(b *message.Ballot) *message.Ballot {
	out := *b
	out.Contests = slices.Clone(b.Contests)
	for i := range out.Contests {
		c := &out.Contests[i]
		c.Selections = slices.Clone(c.Selections)
		for k := range c.Selections {
			c.Selections[k].Proof = copied(c.Selections[k].Proof)
		}
		if c.Sum != nil {
			sum := copied(*c.Sum)
			c.Sum = &sum
		}
	}
	return &out
}

func copied(p message.Branches) message.Branches {
	return message.Branches{Challenges: slices.Clone(p.Challenges), Responses: slices.Clone(p.Responses)}
}
