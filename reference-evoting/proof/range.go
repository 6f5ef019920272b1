package proof

import (
	"crypto/cipher"
	"fmt"
	"sync"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/recall"
)

// ElectionKey is Y, under which ballots are encrypted.
type ElectionKey struct {
	Point   *ristretto.Point
	Encoded message.Element
	secret  func() *ristretto.FixedBase // for secret scalars
	public  func() *ristretto.VarTable  // for public ones
	memory  *recall.Memory
}

// NewElectionKey prepares Y. Its tables are made when first used.
func NewElectionKey(y *ristretto.Point) *ElectionKey {
	return &ElectionKey{
		Point: y, Encoded: y.Bytes(),
		secret: sync.OnceValue(func() *ristretto.FixedBase { return ristretto.NewFixedBase(y) }),
		public: sync.OnceValue(func() *ristretto.VarTable { return ristretto.NewVarTable(y) }),
	}
}

// Remembering is the same key with a memory. Its tables are made once for all
// who share the memory.
func (k *ElectionKey) Remembering(m *recall.Memory) *ElectionKey {
	return recall.Of(m, "proof: election key", func() *ElectionKey {
		own := *k
		own.memory = m
		return &own
	}, coordinates(k.Point))
}

// times is sY in constant time.
func (k *ElectionKey) times(s kyber.Scalar) *ristretto.Point {
	return k.secret().Mul(ristretto.NewPoint(), s).(*ristretto.Point)
}

// Encrypt is exponential ElGamal: α = rG, β = mG + rY.
func (k *ElectionKey) Encrypt(m uint64, r kyber.Scalar) (alpha, beta *ristretto.Point) {
	alpha = base(r)
	beta = ristretto.NewPoint().Add(base(uintScalar(m)), k.times(r)).(*ristretto.Point)
	return alpha, beta
}

// Branch is the pair of commitments of one branch.
type Branch struct{ A, B message.Element }

// ProveRange proves that (rG, mG + rY) encrypts one of lo..hi, by a
// disjunction with a branch for each (Cramer, Damgård, Schoenmakers 1994).
//
// Who knows r simulates from G and Y alone: for branch j ≠ m and random c_j,
// z_j the commitments z_jG − c_jα and z_jY − c_j(β − jG) are uG and
// uY − c_j(m − j)G with u = z_j − c_jr.
func (k *ElectionKey) ProveRange(m uint64, r kyber.Scalar, lo, hi uint64, hash func([]Branch) [32]byte, random cipher.Stream) message.Branches {
	n := int(hi - lo + 1)
	commitments := make([]Branch, n)
	challenges := make([]kyber.Scalar, n)
	responses := make([]kyber.Scalar, n)
	sum := new(ristretto.Scalar).Zero()
	for i := range n {
		if lo+uint64(i) == m {
			responses[i] = Random(random)
			commitments[i] = Branch{base(responses[i]).Bytes(), k.times(responses[i]).Bytes()}
			continue
		}
		challenges[i], responses[i] = Random(random), Random(random)
		commitments[i] = k.simulate(m, lo+uint64(i), r, challenges[i], responses[i])
		sum.Add(sum, challenges[i])
	}
	c := Challenge(hash(commitments))
	real := int(m - lo)
	challenges[real] = new(ristretto.Scalar).Sub(c, sum)
	z := new(ristretto.Scalar).Mul(challenges[real], r)
	responses[real] = z.Add(z, responses[real])
	return encodeBranches(challenges, responses)
}

func (k *ElectionKey) simulate(m, j uint64, r, c, z kyber.Scalar) Branch {
	u := new(ristretto.Scalar).Mul(c, r)
	u.Sub(z, u)
	distance := new(ristretto.Scalar).Sub(uintScalar(m), uintScalar(j))
	distance.Mul(distance, c)
	b := ristretto.NewPoint().Sub(k.times(u), base(distance))
	return Branch{base(u).Bytes(), Element(b)}
}

func encodeBranches(challenges, responses []kyber.Scalar) message.Branches {
	out := message.Branches{
		Challenges: make([]message.Scalar, len(challenges)),
		Responses:  make([]message.Scalar, len(responses)),
	}
	for i := range challenges {
		out.Challenges[i] = EncodeScalar(challenges[i])
		out.Responses[i] = EncodeScalar(responses[i])
	}
	return out
}

// Opened is a disjunction with its commitments recomputed: it is a proof if
// Sum is the challenge of the commitments.
type Opened struct {
	Branches []Branch
	Sum      kyber.Scalar
}

// Is reports that the challenges add up to the challenge with this digest.
func (o *Opened) Is(digest [32]byte) bool { return o.Sum.Equal(Challenge(digest)) }

// OpenRange recomputes the commitments of a disjunction on (α, β) over
// lo..hi: a_j = z_jG − c_jα, b_j = z_jY − c_j(β − jG), where −c_j(β − jG) is
// −c_jβ + (c_jj)G. The number of branches must be hi − lo + 1. It takes
// variable time: everything in it is public.
func (k *ElectionKey) OpenRange(alpha, beta kyber.Point, lo, hi uint64, p message.Branches) (*Opened, error) {
	values := make([]kyber.Scalar, hi-lo+1)
	for i := range values {
		values[i] = uintScalar(lo + uint64(i))
	}
	return k.OpenBranches(alpha, beta, values, p)
}

// OpenBranches is OpenRange for branches that stand for any values.
func (k *ElectionKey) OpenBranches(alpha, beta kyber.Point, values []kyber.Scalar, p message.Branches) (*Opened, error) {
	n := len(values)
	if len(p.Challenges) != n || len(p.Responses) != n {
		return nil, fmt.Errorf("%w: %d challenges and %d responses, want %d", ErrForm, len(p.Challenges), len(p.Responses), n)
	}
	out := &Opened{Branches: make([]Branch, n), Sum: new(ristretto.Scalar).Zero()}
	g, y := ristretto.GeneratorTable(), k.public()
	as := ristretto.Shared{Point: alpha, Sums: make([]ristretto.Sum, n)}
	bs := ristretto.Shared{Point: beta, Sums: make([]ristretto.Sum, n)}
	for i := range n {
		c, z, err := parts(message.Compact{Challenge: p.Challenges[i], Response: p.Responses[i]})
		if err != nil {
			return nil, err
		}
		out.Sum.Add(out.Sum, c)
		negative := new(ristretto.Scalar).Neg(c)
		shift := new(ristretto.Scalar).Mul(c, values[i])
		as.Sums[i] = ristretto.Sum{Scalar: negative, Terms: []ristretto.Term{{Table: g, Scalar: z}}}
		bs.Sums[i] = ristretto.Sum{Scalar: negative, Terms: []ristretto.Term{{Table: y, Scalar: z}, {Table: g, Scalar: shift}}}
	}
	encoded := k.combine(as, bs, values, p)
	for i := range n {
		out.Branches[i] = Branch{encoded[i], encoded[n+i]}
	}
	return out, nil
}

// combine computes the commitments, or recalls them: everything that as and bs
// are made of is in the key of the memory.
func (k *ElectionKey) combine(as, bs ristretto.Shared, values []kyber.Scalar, p message.Branches) [][32]byte {
	inputs := [][]byte{coordinates(k.Point), coordinates(as.Point), coordinates(bs.Point)}
	for i, v := range values {
		inputs = append(inputs, scalarBytes(v), p.Challenges[i][:], p.Responses[i][:])
	}
	var suite ristretto.VarTime = publicSuite
	return recall.Of(k.memory, "proof: branches", func() [][32]byte { return suite.CombineBytes(as, bs) }, inputs...)
}

// publicSuite does arithmetic on public data; it draws nothing.
var publicSuite = ristretto.NewSuite(nil)
