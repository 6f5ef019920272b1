package point

import (
	"encoding/binary"

	"filippo.io/edwards25519"
)

// Scalar is an integer modulo l. The zero value is 0.
type Scalar struct {
	s edwards25519.Scalar
}

// ParseScalar reads a scalar: 32 bytes, little endian, strictly below l.
func ParseScalar(b [Size]byte) (Scalar, bool) {
	var s Scalar
	_, err := s.s.SetCanonicalBytes(b[:])
	return s, err == nil
}

// ReduceDigest reads 32 bytes as a little-endian integer, reduced modulo l.
func ReduceDigest(b [Size]byte) Scalar {
	var wide [64]byte
	copy(wide[:], b[:])
	return ReduceWide(wide)
}

// ReduceWide reads 64 bytes as a little-endian integer, reduced modulo l.
func ReduceWide(b [64]byte) Scalar {
	var s Scalar
	if _, err := s.s.SetUniformBytes(b[:]); err != nil {
		panic("point: 64 bytes refused: " + err.Error())
	}
	return s
}

// ScalarOf is n as a scalar.
func ScalarOf(n uint64) Scalar {
	var b [Size]byte
	binary.LittleEndian.PutUint64(b[:], n)
	s, _ := ParseScalar(b)
	return s
}

// Bytes is the canonical encoding.
func (s *Scalar) Bytes() [Size]byte { return [Size]byte(s.s.Bytes()) }

// Add returns s + t.
func (s *Scalar) Add(t *Scalar) (r Scalar) { r.s.Add(&s.s, &t.s); return r }

// Sub returns s - t.
func (s *Scalar) Sub(t *Scalar) (r Scalar) { r.s.Subtract(&s.s, &t.s); return r }

// Mul returns s · t.
func (s *Scalar) Mul(t *Scalar) (r Scalar) { r.s.Multiply(&s.s, &t.s); return r }

// Negate returns -s.
func (s *Scalar) Negate() (r Scalar) { r.s.Negate(&s.s); return r }

// Invert returns 1/s, and 0 for 0.
func (s *Scalar) Invert() (r Scalar) { r.s.Invert(&s.s); return r }

// Equal reports whether s = t.
func (s *Scalar) Equal(t *Scalar) bool { return s.s.Equal(&t.s) == 1 }

// IsZero reports whether s = 0.
func (s *Scalar) IsZero() bool { var zero Scalar; return s.Equal(&zero) }

// order is l as four words, least significant first.
var order = [4]uint64{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000}

// words is s as four words, least significant first.
func (s *Scalar) words() [4]uint64 {
	b := s.Bytes()
	return [4]uint64{
		binary.LittleEndian.Uint64(b[0:]), binary.LittleEndian.Uint64(b[8:]),
		binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])}
}

// halfWords is s/2 modulo l as four words: s or s + l, whichever is even,
// shifted by one. Neither overflows 256 bits.
func (s *Scalar) halfWords() [4]uint64 {
	w := s.words()
	if w[0]&1 == 1 {
		w = addWords(w, order)
	}
	for i := range 3 {
		w[i] = w[i]>>1 | w[i+1]<<63
	}
	w[3] >>= 1
	return w
}

func addWords(a, b [4]uint64) (sum [4]uint64) {
	var carry uint64
	for i := range a {
		s := a[i] + b[i]
		c := s < a[i]
		s += carry
		if s < carry {
			c = true
		}
		sum[i], carry = s, 0
		if c {
			carry = 1
		}
	}
	return sum
}

// bitsAt are the n ≤ 32 bits of w that start at bit i.
func bitsAt(w *[4]uint64, i, n int) uint32 {
	word, shift := i/64, i%64
	v := w[word] >> shift
	if shift > 64-n && word < 3 {
		v |= w[word+1] << (64 - shift)
	}
	return uint32(v & (1<<n - 1))
}

// naf writes w, below 2^255, in width-n non-adjacent form: odd digits of
// absolute value below 2^(n-1), between any two at least n-1 zeros.
func naf(digits *[256]int8, w *[4]uint64, n int) {
	*digits = [256]int8{}
	carry := uint32(0)
	for i := 0; i < 256; {
		window := carry + bitsAt(w, i, n)
		if window&1 == 0 {
			i++
			continue
		}
		if window < 1<<(n-1) {
			carry = 0
			digits[i] = int8(window)
		} else {
			carry = 1
			digits[i] = int8(int(window) - 1<<n)
		}
		i += n
	}
}
