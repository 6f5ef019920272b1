package tally

import (
	"errors"
	"fmt"
	"sync"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/proof"
)

// ErrNoLogarithm tells that a total is not within the bound: the aggregate
// does not decrypt to a possible number of votes.
var ErrNoLogarithm = errors.New("no total within the bound")

// Lagrange is λ_j = Π_{m∈Q, m≠j} m/(m−j) for distinct indices (S-36).
func Lagrange(indices []uint64) []kyber.Scalar {
	out := make([]kyber.Scalar, len(indices))
	for i, j := range indices {
		num, den := proof.Uint(1), proof.Uint(1)
		for _, m := range indices {
			if m == j {
				continue
			}
			num.Mul(num, proof.Uint(m))
			den.Mul(den, new(ristretto.Scalar).Sub(proof.Uint(m), proof.Uint(j)))
		}
		out[i] = num.Div(num, den)
	}
	return out
}

// Exponent is T·G = β − Σλ_jd_j.
func Exponent(beta kyber.Point, lambdas []kyber.Scalar, factors []kyber.Point) *ristretto.Point {
	out := ristretto.NewPoint().Set(beta)
	for i, d := range factors {
		out.Sub(out, ristretto.NewPoint().Mul(lambdas[i], d))
	}
	return out.(*ristretto.Point)
}

// Logarithms finds small discrete logarithms to the base G by baby steps and
// giant steps (Shanks). The table grows with the largest bound asked for and
// is shared by all calls.
type Logarithms struct {
	mu    sync.Mutex
	steps map[message.Element]uint64
	next  *ristretto.Point // steps·G
}

// maxSteps bounds the table: 2^16 steps reach 10^8 in 1,526 giant steps.
const maxSteps = 1 << 16

// Find returns T with T·G = p and 0 ≤ T ≤ bound.
func (l *Logarithms) Find(p *ristretto.Point, bound uint64) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	width := l.grow(bound)
	giant := ristretto.NewPoint().Mul(proof.Uint(width), nil)
	at := ristretto.NewPoint().Set(p)
	for done := uint64(0); done <= bound; done += width {
		if low, ok := l.steps[proof.Element(at)]; ok && done+low <= bound {
			return done + low, nil
		}
		at.Sub(at, giant)
	}
	return 0, fmt.Errorf("%w of %d", ErrNoLogarithm, bound)
}

// grow makes the table about the square root of the bound, and returns its
// width.
func (l *Logarithms) grow(bound uint64) uint64 {
	width := uint64(64)
	for width*width < bound && width < maxSteps {
		width *= 2
	}
	if l.steps == nil {
		l.steps = map[message.Element]uint64{}
		l.next = ristretto.NewPoint().Null().(*ristretto.Point)
	}
	g := ristretto.NewPoint().Base()
	for n := uint64(len(l.steps)); n < width; n++ {
		l.steps[l.next.Bytes()] = n
		l.next.Add(l.next, g)
	}
	return uint64(len(l.steps))
}
