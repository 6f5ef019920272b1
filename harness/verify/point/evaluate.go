package point

// Linear is the point u·G + v·Y - c·P: what the commitment of a compact proof
// is recomputed from. P is the index of a point in the list that goes with
// the terms.
type Linear struct {
	U, V, C Scalar
	P       int
}

// Evaluator recomputes commitments and encodes them. It is where a faster
// method (many ballots at once, vector instructions) can take the place of
// [Pair].
type Evaluator interface {
	// Evaluate appends to out the encoding of each term. Terms of the same
	// point, or of two that follow each other in points, should stand
	// together.
	Evaluate(out [][Size]byte, terms []Linear, points []Point) [][Size]byte
}

// Pair evaluates with tables of G and of one more point Y. It is safe for
// concurrent use.
type Pair struct {
	G, Y *Table
}

var _ Evaluator = (*Pair)(nil)

// NewPair makes the tables.
func NewPair(y *Point) *Pair {
	g := Generator()
	return &Pair{G: NewTable(&g), Y: NewTable(y)}
}

// The variable point of a run of terms is cut into parts 2^(32i)·P, so that
// all scalars of the run share most of the doublings.
const (
	parts     = 8
	partBits  = 256 / parts
	partWidth = 4 // NAF width: tables of 1, 3, 5, 7 times a part
)

type partTable [parts][1 << (partWidth - 2)]cached

// split fills the tables of p.
func (t *partTable) split(p *Point) {
	base := *p
	var twice Point
	for i := range t {
		twice.doubleT(&base)
		oddMultiples(t[i][:], &base, &twice)
		if i == parts-1 {
			break
		}
		base = twice
		for range partBits - 2 {
			base.double(&base)
		}
		base.doubleT(&base)
	}
}

// mul returns w·P for w < 2^255.
func (t *partTable) mul(w *[4]uint64) Point {
	var digits [256]int8
	naf(&digits, w, partWidth)
	sum := Identity()
	for i := partBits - 1; i >= 0; i-- {
		sum.doubleT(&sum)
		for part := range t {
			sum.addDigit(digits[part*partBits+i], t[part][:])
		}
	}
	return sum
}

// Evaluate is [Evaluator]'s. It computes half of each term, because the
// double of a point is encoded without a square root: [encodeDoubles].
func (e *Pair) Evaluate(out [][Size]byte, terms []Linear, points []Point) [][Size]byte {
	halves := make([]Point, len(terms))
	var tables [2]partTable // of the last even and the last odd point
	have := [2]int{-1, -1}
	for i := range terms {
		term := &terms[i]
		table := &tables[term.P&1]
		if term.P != have[term.P&1] {
			table.split(&points[term.P])
			have[term.P&1] = term.P
		}
		w := term.C.halfWords()
		p := table.mul(&w)
		p.Negate(&p)
		if !term.U.IsZero() {
			w = term.U.halfWords()
			e.G.addMul(&p, &w)
		}
		if !term.V.IsZero() {
			w = term.V.halfWords()
			e.Y.addMul(&p, &w)
		}
		halves[i] = p
	}
	return encodeDoubles(out, halves)
}
