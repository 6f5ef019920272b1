package ristretto

import (
	"encoding/binary"

	"filippo.io/edwards25519"
)

// nafWidth is the width of the non-adjacent forms: digits are odd and between
// -15 and 15, on average one position in six is not zero.
const nafWidth = 5

// nonAdjacentForm writes s as Σ naf[i]·2ⁱ with digits that are zero or odd and
// below 2^(nafWidth-1) in magnitude, of any nafWidth neighbours at most one not
// zero. Variable time.
func nonAdjacentForm(s *edwards25519.Scalar) (naf [256]int8) {
	b := s.Bytes()
	var words [5]uint64 // the fifth stays zero: windows may reach beyond the end
	for i := range 4 {
		words[i] = binary.LittleEndian.Uint64(b[8*i:])
	}

	carry := uint64(0)
	for i := 0; i < len(naf); {
		window := words[i/64]>>(i%64) | words[i/64+1]<<1<<(63-i%64)
		window = window&(1<<nafWidth-1) + carry
		if window%2 == 0 {
			// With a carry, a window of all ones has become 2^nafWidth, whose
			// lowest bit is clear: the carry lives on at the next position.
			i++
			continue
		}
		carry = window >> (nafWidth - 1)
		naf[i] = int8(window) - int8(carry<<nafWidth)
		i += nafWidth
	}
	return naf
}

// signedRadix16 writes s as Σ digits[i]·16ⁱ with -8 ≤ digits[i] < 8 but for the
// last, which is at most 2. Constant time.
func signedRadix16(s *edwards25519.Scalar) (digits [64]int8) {
	b := s.Bytes()
	for i := range b {
		digits[2*i] = int8(b[i] & 15)
		digits[2*i+1] = int8(b[i] >> 4)
	}
	for i := range 63 {
		carry := (digits[i] + 8) >> 4
		digits[i] -= carry << 4
		digits[i+1] += carry
	}
	return digits
}
