package proof_test

import (
	"reflect"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
)

// flips calls f with each bit of a value changed, and changes it back.
func flips(value []byte, f func(bit int)) {
	for bit := range 8 * len(value) {
		value[bit/8] ^= 1 << (bit % 8)
		f(bit)
		value[bit/8] ^= 1 << (bit % 8)
	}
}

// alike compares what is computed with a memory, which knows the honest values,
// with what is computed without.
func alike[T any](t *testing.T, m *recall.Memory, compute func(m *recall.Memory) (T, error)) func(name string) func(bit int) {
	return func(name string) func(int) {
		return func(bit int) {
			want, wanted := compute(nil)
			got, err := compute(m)
			if (err == nil) != (wanted == nil) || !reflect.DeepEqual(got, want) {
				t.Errorf("%s, bit %d: %v, %v from memory, %v, %v without", name, bit, got, err, want, wanted)
			}
		}
	}
}

func TestDisjunctionsFromMemory(t *testing.T) {
	_, k := key()
	r := proof.Random(random)
	a, b := k.Encrypt(1, r)
	p := k.ProveRange(1, r, 0, 1, statement(k)(a, b), random)
	y, alpha, beta := k.Encoded, a.Bytes(), b.Bytes()
	type opened struct {
		branches []proof.Branch
		sum      message.Scalar
	}
	lo := uint64(0)
	open := func(m *recall.Memory) (out opened, err error) {
		var points [3]*ristretto.Point
		for i, e := range []message.Element{y, alpha, beta} {
			if points[i], err = proof.Point(e); err != nil {
				return out, err
			}
		}
		o, err := proof.NewElectionKey(points[0]).Remembering(m).OpenRange(points[1], points[2], lo, lo+1, p)
		if err != nil {
			return out, err
		}
		return opened{o.Branches, proof.EncodeScalar(o.Sum)}, nil
	}
	m := recall.New()
	test := alike(t, m, open)
	test("honest")(0)
	test("again")(0)
	flips(y[:], test("key"))
	flips(alpha[:], test("α"))
	flips(beta[:], test("β"))
	for i := range 2 {
		flips(p.Challenges[i][:], test("challenge"))
		flips(p.Responses[i][:], test("response"))
	}
	lo = 1
	test("other values")(0)
}

func TestSignaturesFromMemory(t *testing.T) {
	x, k := key()
	f, h := [32]byte{1}, [32]byte{2}
	s := proof.Sign(x, transcript.PurposeDecision, f, h, random)
	public := k.Encoded
	m := recall.New()
	test := alike(t, m, func(m *recall.Memory) (bool, error) {
		return proof.Signed(m, public, transcript.PurposeDecision, f, h, s)
	})
	test("honest")(0)
	flips(public[:], test("key"))
	flips(f[:], test("election"))
	flips(h[:], test("message"))
	flips(s.Commitment[:], test("commitment"))
	flips(s.Response[:], test("response"))
	if ok, err := proof.Signed(m, public, transcript.PurposeDecision, f, h, s); !ok || err != nil {
		t.Errorf("the honest one does not hold any more: %v", err)
	}
}

func TestEqualityFromMemory(t *testing.T) {
	x, k := key()
	base := ristretto.NewPoint().Pick(random).(*ristretto.Point)
	in := [3]message.Element{k.Encoded, base.Bytes(), ristretto.NewPoint().Mul(x, base).(*ristretto.Point).Bytes()}
	hash := func(c ...[32]byte) [32]byte {
		t := transcript.New("test").List(len(c))
		for _, p := range c {
			t.Point(p)
		}
		return t.Sum()
	}
	equal, known := proof.Equal(x, base, hash, random), proof.Know(x, hash, random)
	check := func(m *recall.Memory) (out [2]bool, err error) {
		var points [3]*ristretto.Point
		for i, e := range in {
			if points[i], err = proof.Point(e); err != nil {
				return out, err
			}
		}
		if out[0], err = proof.IsEqual(m, points[0], points[1], points[2], equal, hash); err != nil {
			return out, err
		}
		out[1], err = proof.Knows(m, points[0], known, hash)
		return out, err
	}
	m := recall.New()
	test := alike(t, m, check)
	test("honest")(0)
	for i := range in {
		flips(in[i][:], test("element"))
	}
	for _, c := range []*message.Compact{&equal, &known} {
		flips(c.Challenge[:], test("challenge"))
		flips(c.Response[:], test("response"))
	}
	if out, err := check(m); out != [2]bool{true, true} || err != nil {
		t.Errorf("the honest one does not hold any more: %v, %v", out, err)
	}
}

// The memory goes by the points of the curve, whatever they encode to: beside
// the group it gives what is computed without.
func TestPointsBesideTheGroupFromMemory(t *testing.T) {
	torsion, err := ristretto.UnsafeFromEdwards([32]byte{
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, k := key()
	m := recall.New()
	remembering := k.Remembering(m)
	r := proof.Random(random)
	a, b := k.Encrypt(1, r)
	p := k.ProveRange(1, r, 0, 1, statement(k)(a, b), random)
	for range 8 {
		want, wanted := k.OpenRange(a, b, 0, 1, p)
		got, err := remembering.OpenRange(a, b, 0, 1, p)
		if wanted != nil || err != nil || !reflect.DeepEqual(got.Branches, want.Branches) {
			t.Errorf("%v, %v from memory, %v, %v without", got, err, want, wanted)
		}
		a.Add(a, torsion)
	}
}
