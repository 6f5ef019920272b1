package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// fromHex reads constants of this package.
func fromHex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic("generate: " + err.Error())
	}
	return b
}

func encoding(b []byte) vectors.Encoding { return vectors.Encoding{Encoding: codec.HexBytes(b)} }

func elementVectors(b *book) {
	s := newSuite[vectors.None, vectors.Encoding](b, "elements",
		"Do these bytes encode an element of ristretto255?",
		"A reader accepts exactly the canonical encodings of ristretto255 elements (RFC 9496 §4.3.1). The identity is one; where it must not stand another check says so.")
	s.group("multiples of the generator", vectors.None{})
	p := prover.Zero()
	for i := range 16 {
		e := prover.Element(p)
		s.valid(fmt.Sprintf("%d·G", i), encoding(e[:]))
		p = prover.Add(p, prover.Base(prover.Integer(1)))
	}
	for i := range 4 {
		e := prover.Element(prover.Base(election.Seed.Scalar("element", []byte{byte(i)})))
		s.valid(fmt.Sprintf("element %d", i+1), encoding(e[:]))
	}
	s.group("of RFC 9496, appendix A.2", vectors.None{})
	for _, list := range refused() {
		for i, text := range list.encodings {
			s.invalid("V-17", fmt.Sprintf("%s, %d", list.comment, i+1), encoding(fromHex(text)), list.flag)
		}
	}
	s.group("made from elements", vectors.None{})
	for i := range 3 {
		e := prover.Element(prover.Base(election.Seed.Scalar("element", []byte{byte(i)})))
		negative := prover.Negative(e)
		s.invalid("V-17", fmt.Sprintf("negative of element %d", i+1), encoding(negative[:]), "NegativeElement")
		high := e
		high[31] |= 0x80
		s.invalid("V-17", fmt.Sprintf("highest bit of element %d", i+1), encoding(high[:]), "NonCanonicalElement")
	}
	s.group("lengths", vectors.None{})
	g := prover.Element(prover.Base(prover.Integer(1)))
	s.invalid("V-17", "nothing", encoding(nil), "WrongLength")
	s.invalid("V-17", "one zero byte", encoding([]byte{0}), "WrongLength")
	s.invalid("V-17", "31 bytes of the generator", encoding(g[:31]), "WrongLength")
	s.invalid("V-17", "the generator with a zero byte after it", encoding(slices.Concat(g[:], []byte{0})), "WrongLength")
	s.invalid("V-17", "the generator twice", encoding(slices.Concat(g[:], g[:])), "WrongLength")
	s.finish()
}

type refusedEncodings struct {
	comment, flag string
	encodings     []string
}

// refused are the encodings of RFC 9496, appendix A.2.
func refused() []refusedEncodings {
	return []refusedEncodings{
		{"not below p, or beyond 255 bits", "NonCanonicalElement", []string{
			"00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
			"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
			"f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
			"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		}},
		{"negative field element", "NegativeElement", []string{
			"0100000000000000000000000000000000000000000000000000000000000000",
			"01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
			"ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
			"c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562",
		}},
		{"x² is no square", "NoElement", []string{
			"26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
			"4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
			"de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b",
			"bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042",
		}},
		{"xy is negative", "NoElement", []string{
			"3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
			"a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220",
			"d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e",
			"8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32",
		}},
		{"s = −1, which gives y = 0", "NoElement", []string{
			"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		}},
	}
}

// order is l, little endian.
func order() []byte {
	return fromHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
}

// nudged is a little-endian number with its lowest byte changed.
func nudged(b []byte, by int) []byte {
	out := bytes.Clone(b)
	out[0] = byte(int(out[0]) + by)
	return out
}

func scalarVectors(b *book) {
	s := newSuite[vectors.None, vectors.Encoding](b, "scalars",
		"Do these bytes encode a scalar?",
		"A reader accepts 32 bytes, little endian, of a number strictly below l = 2^252 + 27742317777372353535851937790883648493.")
	s.group("below l", vectors.None{})
	for i := range 3 {
		x := prover.Scalar(prover.Integer(uint64(i)))
		s.valid(fmt.Sprintf("%d", i), encoding(x[:]))
	}
	s.valid("l − 1", encoding(nudged(order(), -1)))
	s.valid("2^252", encoding(append(make([]byte, 31), 0x10)))
	for i := range 3 {
		x := prover.Scalar(election.Seed.Scalar("scalar", []byte{byte(i)}))
		s.valid(fmt.Sprintf("scalar %d", i+1), encoding(x[:]))
	}
	s.group("l and above", vectors.None{})
	s.invalid("V-17", "l", encoding(order()), "UnreducedScalar")
	s.invalid("V-17", "l + 1", encoding(nudged(order(), 1)), "UnreducedScalar")
	for i := range 3 {
		x := prover.AddOrder(prover.Scalar(election.Seed.Scalar("scalar", []byte{byte(i)})))
		s.invalid("V-17", fmt.Sprintf("l + scalar %d", i+1), encoding(x[:]), "UnreducedScalar")
	}
	s.invalid("V-17", "2^253", encoding(append(make([]byte, 31), 0x20)), "UnreducedScalar")
	s.invalid("V-17", "2^255", encoding(append(make([]byte, 31), 0x80)), "UnreducedScalar")
	s.invalid("V-17", "2^255 + 1, of which some readers drop the highest bit", encoding(slices.Concat([]byte{1}, make([]byte, 30), []byte{0x80})), "UnreducedScalar")
	s.invalid("V-17", "2^256 − 1", encoding(bytes.Repeat([]byte{0xff}, 32)), "UnreducedScalar")
	s.group("lengths", vectors.None{})
	one := append([]byte{1}, make([]byte, 31)...)
	s.invalid("V-17", "nothing", encoding(nil), "WrongLength")
	s.invalid("V-17", "one in one byte", encoding([]byte{1}), "WrongLength")
	s.invalid("V-17", "one in 31 bytes", encoding(one[:31]), "WrongLength")
	s.invalid("V-17", "one in 33 bytes", encoding(slices.Concat(one, []byte{0})), "WrongLength")
	s.invalid("V-17", "one in 64 bytes", encoding(slices.Concat(one, make([]byte, 32))), "WrongLength")
	s.finish()
}
