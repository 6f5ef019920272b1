package scrutineer

import (
	"errors"
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// A10: points outside the group.
//
// Nicholas Chang-Fong, Aleksander Essex, "The Cloudier Side of Cryptographic
// End-to-End Verifiable Voting: A Security Analysis of Helios", ACSAC 2016;
// Belenios 3.3.0, "Add missing group membership checks".
//
// ristretto255 has no non-members: its elements are classes of points of
// edwards25519 up to the points of order 4, and every encoding is that of an
// element or of nothing. A system that decodes the curve below it has them:
// with T of order 8, β + T is a point that stands for no element. Twice T has
// order 4 and vanishes, so T has order 2 in everything that follows:
//
//   - c·(β + T) = c·β for even c. A proof for β is one for β + T if its
//     challenges on it are even; the forger makes proofs until they are.
//   - In a total an odd number of T stays. β − Σλ_jd_j is then T·G beside the
//     group, no number has it for an image, and the logarithm is not found. Two
//     of them cancel: in a contest with a sum proof two options have one each, and
//     so their sum, which the proof is about, has none.
//   - In α a T may vanish with the trustee's multiplication.
//   - In a decryption factor d + T stays if λ is odd.
//
// What weak.group.noMembershipCheck accepts: α and β of a ballot, and α and
// the factor of a decryption share, where they are no canonical encodings of
// elements, as encodings of RFC 8032 of points of the curve, the ones that are
// not reduced and those of small order included. Aggregates and factors that
// stand for no element are written in that form, too. Keys, credentials,
// commitments of the ceremony and of signatures are decoded soundly.

// order8 is an encoding (RFC 8032) of a point of order 8.
var order8 = [32]byte{
	0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
	0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
}

// NonmemberForm is where the forged ballot has a point outside the group.
type NonmemberForm uint8

// The forms of A10. The zero NonmemberForm is none.
const (
	NonmemberBeta      NonmemberForm = iota + 1 // β + T in the first option of a contest without sum proof
	NonmemberPair                               // β + T in two options
	NonmemberAlpha                              // α + T in the first option of a contest without sum proof
	NonmemberTwin                               // α + 2T: the same element, encoded on the curve
	NonmemberIdentity                           // α is the point (0, 1), encoded on the curve, so that β = mG
	NonmemberUnreduced                          // the same with y = p + 1
)

// errCanonical: the bytes are an element's by chance; take another.
var errCanonical = errors.New("the encoding is that of an element")

// outside is p + n·T in the encoding of the curve.
func outside(p kyber.Point, n uint64) (message.Element, error) {
	t, err := ristretto.UnsafeFromEdwards(order8)
	if err != nil {
		return message.Element{}, err
	}
	sum := ristretto.NewPoint().Set(p)
	for range n {
		sum.Add(sum, t)
	}
	raw := message.Element(ristretto.UnsafeEdwardsBytes(sum.(*ristretto.Point)))
	if _, err := decodeElement(raw); err == nil {
		return raw, errCanonical
	}
	return raw, nil
}

// ForgeNonmember is A10 for one contest of a ballot; the ballot is otherwise
// the honest one of choices.
func (e *Election) ForgeNonmember(form NonmemberForm, line Line, contest string, choices Choices, r io.Reader) (*Prepared, error) {
	for {
		plain, err := e.plaintexts(line.Style, choices)
		if err != nil {
			return nil, err
		}
		d, at, err := e.exponents(line, plain, contest, nil, r)
		if err != nil {
			return nil, err
		}
		selections := len(d.contests[at].Options)
		switch {
		case form != NonmemberPair && NeedsSum(d.contests[at]):
			return nil, fmt.Errorf("contest %q has a sum proof, which one ciphertext alone would break", contest)
		case form == NonmemberPair && selections < 2:
			return nil, fmt.Errorf("contest %q has one option", contest)
		}
		if err = d.leave(form, at); errors.Is(err, errCanonical) {
			continue
		}
		if err == nil {
			err = d.proveEven(r)
		}
		if err != nil {
			return nil, err
		}
		return d.finish(), nil
	}
}

// leave puts points outside the group into a contest's ciphertexts.
func (d *draft) leave(form NonmemberForm, at int) error {
	list := d.ballot.Contests[at].Selections
	o := &d.openings[at][0]
	var err error
	switch form {
	case NonmemberBeta:
		list[0].Beta, err = d.shifted(list[0].Beta, 1)
	case NonmemberPair:
		var second error
		list[0].Beta, err = d.shifted(list[0].Beta, 1)
		list[1].Beta, second = d.shifted(list[1].Beta, 1)
		err = errors.Join(err, second)
	case NonmemberAlpha:
		list[0].Alpha, err = d.shifted(list[0].Alpha, 1)
	case NonmemberTwin:
		list[0].Alpha, err = d.shifted(list[0].Alpha, 2)
	case NonmemberIdentity, NonmemberUnreduced:
		o.r = newScalar()
		_, list[0].Beta = d.election.seal(*o)
		list[0].Alpha = message.Element{1}
		if form == NonmemberUnreduced {
			list[0].Alpha = unreducedOne
		}
	default:
		err = fmt.Errorf("no form %d", form)
	}
	d.ciphertexts = d.hct()
	return err
}

// unreducedOne is y = p + 1, little endian, the other encoding of (0, 1) that
// a lax decoder takes.
var unreducedOne = message.Element{
	0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
}

func (d *draft) shifted(e message.Element, n uint64) (message.Element, error) {
	p, err := decodeElement(e)
	if err != nil {
		return e, err
	}
	return outside(p, n)
}

// proveEven proves every selection until its challenges are even, and then the
// sums.
func (d *draft) proveEven(r io.Reader) error {
	for i := range d.ballot.Contests {
		list := d.ballot.Contests[i].Selections
		for k := range list {
			for {
				if err := d.proveSelection(i, k, r); err != nil {
					return err
				}
				if even(list[k].Proof.Challenges...) {
					break
				}
			}
		}
	}
	return d.proveSums(r)
}

// even reports that all scalars are even numbers below l.
func even(scalars ...message.Scalar) bool {
	for _, s := range scalars {
		if s[0]&1 == 1 {
			return false
		}
	}
	return true
}

// ForgeNonmember is d + T for the first option, with a proof for d whose
// challenge is even.
func (s *Shares) ForgeNonmember(a *message.Aggregate) (*message.DecryptionShare, error) {
	if even(encodeScalar(Lagrange(s.Quorum, s.Index))) {
		return nil, fmt.Errorf("trustee %d of %d counts an even number of times: the component would vanish", s.Index, s.Quorum)
	}
	b, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	f := &b.Shares[0]
	alpha, d, err := decodeCiphertext(f.Alpha, f.Factor)
	if err != nil {
		return nil, err
	}
	// Any odd multiple of T will do; not all of them look like elements.
	for n := uint64(1); n < 8; n += 2 {
		if f.Factor, err = outside(d, n); !errors.Is(err, errCanonical) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	for {
		v, err := draw(s.Random)
		if err != nil {
			return nil, err
		}
		subject := s.View.Election.subject(s.View.Election.Fingerprint, b, *f)
		c := reduce(subject.Challenge(element(base(v)), element(times(v, alpha))))
		f.Proof = message.Compact{Challenge: encodeScalar(c), Response: encodeScalar(add(v, mul(c, s.Secret)))}
		if even(f.Proof.Challenge) {
			return b, nil
		}
	}
}
