package scrutineer

import (
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// newScalar is a fresh zero.
func newScalar() kyber.Scalar { return new(ristretto.Scalar) }

// integer is n modulo l; n stays far below 2^63 everywhere in the protocol.
func integer(n uint64) kyber.Scalar { return newScalar().SetInt64(int64(n)) }

// base is s·G.
func base(s kyber.Scalar) kyber.Point { return ristretto.NewPoint().Mul(s, nil) }

// times is s·p.
func times(s kyber.Scalar, p kyber.Point) kyber.Point { return ristretto.NewPoint().Mul(s, p) }

func plus(p, q kyber.Point) kyber.Point  { return ristretto.NewPoint().Add(p, q) }
func minus(p, q kyber.Point) kyber.Point { return ristretto.NewPoint().Sub(p, q) }

func add(a, b kyber.Scalar) kyber.Scalar { return newScalar().Add(a, b) }
func sub(a, b kyber.Scalar) kyber.Scalar { return newScalar().Sub(a, b) }
func mul(a, b kyber.Scalar) kyber.Scalar { return newScalar().Mul(a, b) }
func div(a, b kyber.Scalar) kyber.Scalar { return newScalar().Div(a, b) }
func neg(a kyber.Scalar) kyber.Scalar    { return newScalar().Neg(a) }

// isZero reports s = 0.
func isZero(s kyber.Scalar) bool { return s.Equal(newScalar()) }

// isIdentity reports that p is the identity.
func isIdentity(p kyber.Point) bool { return p.Equal(ristretto.NewPoint()) }

// draw is a uniform scalar from 64 bytes of r.
func draw(r io.Reader) (kyber.Scalar, error) {
	var uniform [64]byte
	if _, err := io.ReadFull(r, uniform[:]); err != nil {
		return nil, fmt.Errorf("drawing a scalar: %w", err)
	}
	return ristretto.ScalarFromUniform(uniform), nil
}

// drawAll is n uniform scalars.
func drawAll(r io.Reader, n int) ([]kyber.Scalar, error) {
	out := make([]kyber.Scalar, n)
	for i := range out {
		s, err := draw(r)
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}

// drawBytes fills a 32-byte string.
func drawBytes(r io.Reader) ([32]byte, error) {
	var b [32]byte
	_, err := io.ReadFull(r, b[:])
	return b, err
}

// reduce reads a digest as a challenge: C of SPEC.md §1.
func reduce(d [32]byte) kyber.Scalar { return ristretto.ReduceScalar(d) }

// element is the canonical encoding of p.
func element(p kyber.Point) message.Element {
	if q, ok := p.(*ristretto.Point); ok {
		return q.Bytes()
	}
	panic(fmt.Sprintf("scrutineer: point of another group: %T", p))
}

// encodeScalar is the canonical encoding of s.
func encodeScalar(s kyber.Scalar) message.Scalar {
	b, err := s.MarshalBinary()
	if err != nil || len(b) != 32 {
		panic(fmt.Sprintf("scrutineer: scalar of another group: %T", s))
	}
	return message.Scalar(b)
}

// decodeElement reads a canonical encoding (V-17). The identity is an element.
func decodeElement(e message.Element) (kyber.Point, error) {
	p := ristretto.NewPoint()
	if err := p.UnmarshalBinary(e[:]); err != nil {
		return nil, err
	}
	return p, nil
}

// decodeScalar reads a canonical encoding (V-17).
func decodeScalar(s message.Scalar) (kyber.Scalar, error) {
	x := new(ristretto.Scalar)
	if err := x.UnmarshalBinary(s[:]); err != nil {
		return nil, err
	}
	return x, nil
}

func decodeElements(es []message.Element) ([]kyber.Point, error) {
	out := make([]kyber.Point, len(es))
	for i, e := range es {
		p, err := decodeElement(e)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

func decodeScalars(ss []message.Scalar) ([]kyber.Scalar, error) {
	out := make([]kyber.Scalar, len(ss))
	for i, s := range ss {
		x, err := decodeScalar(s)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// evaluate is Σ_k c_k·x^k.
func evaluate(coefficients []kyber.Scalar, x uint64) kyber.Scalar {
	at, sum := integer(x), newScalar()
	for k := len(coefficients) - 1; k >= 0; k-- {
		sum = add(mul(sum, at), coefficients[k])
	}
	return sum
}

// evaluatePoints is Σ_k x^k·A_k.
func evaluatePoints(commitments []kyber.Point, x uint64) kyber.Point {
	at := integer(x)
	var sum kyber.Point = ristretto.NewPoint()
	for k := len(commitments) - 1; k >= 0; k-- {
		sum = plus(times(at, sum), commitments[k])
	}
	return sum
}

// Lagrange is λ_j of S-36: the weight of index j when exactly the indices of
// quorum answer, Π m/(m−j) over the other m.
func Lagrange(quorum []uint64, j uint64) kyber.Scalar {
	lambda := integer(1)
	for _, m := range quorum {
		if m != j {
			lambda = mul(lambda, div(integer(m), sub(integer(m), integer(j))))
		}
	}
	return lambda
}
