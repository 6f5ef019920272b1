package point

import (
	"bufio"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
	"pgregory.net/rapid"
)

// vectors reads the lines of one kind.
func vectors(t *testing.T, kind string) (out [][Size]byte) {
	t.Helper()
	f, err := os.Open("testdata/rfc9496.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), kind+" "); ok {
			b, err := hex.DecodeString(text)
			if err != nil || len(b) != Size {
				t.Fatalf("bad vector %q", text)
			}
			out = append(out, [Size]byte(b))
		}
	}
	if len(out) == 0 {
		t.Fatalf("no %s vectors", kind)
	}
	return out
}

func TestMultiplesOfTheGenerator(t *testing.T) {
	g := Generator()
	table := NewTable(&g)
	sum := Identity()
	for i, want := range vectors(t, "multiple") {
		s := ScalarOf(uint64(i))
		byTable, byNAF, byUint := table.Mul(&s), Mul(&s, &g), MulUint(uint64(i), &g)
		decoded, ok := Decode(want)
		if !ok {
			t.Fatalf("%d·G is refused", i)
		}
		for name, p := range map[string]*Point{
			"sum": &sum, "table": &byTable, "naf": &byNAF, "uint": &byUint, "decoded": &decoded} {
			if p.Encode() != want || !p.Equal(&decoded) || p.IsIdentity() != (i == 0) {
				t.Errorf("%d·G by %s is %x, want %x", i, name, p.Encode(), want)
			}
		}
		sum.Add(&sum, &g)
	}
}

func TestInvalidEncodings(t *testing.T) {
	for _, b := range vectors(t, "invalid") {
		if p, ok := Decode(b); ok || p != (Point{}) {
			t.Errorf("%x is accepted", b)
		}
	}
}

// torsion returns p plus each of the four points of the 4-torsion: the same
// element in other coordinates.
func torsion(t testing.TB, p *Point) []Point {
	t.Helper()
	// (0, -1) and (±sqrt(-1), 0), and the identity.
	var zero, one, minusOne, minusI field.Element
	one.One()
	minusOne.Negate(&one)
	minusI.Negate(&k.sqrtM1)
	var out []Point
	for _, xy := range [][2]field.Element{{zero, one}, {zero, minusOne}, {k.sqrtM1, zero}, {minusI, zero}} {
		small := Point{x: xy[0], y: xy[1], z: one}
		small.t.Multiply(&small.x, &small.y)
		out = append(out, *new(Point).Add(p, &small))
	}
	return out
}

func TestClassesAreOneElement(t *testing.T) {
	g := Generator()
	for n := range uint64(20) {
		p := MulUint(n, &g)
		double := new(Point).Double(&p).Encode()
		for i, q := range torsion(t, &p) {
			if !p.Equal(&q) || q.Encode() != p.Encode() || q.IsIdentity() != (n == 0) {
				t.Errorf("%d·G + torsion %d is another element", n, i)
			}
			if got := encodeDoubles(nil, []Point{q, p, q}); got[0] != double || got[1] != double || got[2] != double {
				t.Errorf("2(%d·G + torsion %d) encodes to %x, want %x", n, i, got, double)
			}
		}
	}
}

// scalars weighted to the edges.
func drawScalar(t *rapid.T, name string) Scalar {
	var minusOne Scalar
	one := ScalarOf(1)
	minusOne = one.Negate()
	half := ScalarOf(2)
	half = half.Invert()
	return rapid.OneOf(
		rapid.Custom(func(t *rapid.T) Scalar { return ScalarOf(rapid.Uint64().Draw(t, "small")) }),
		rapid.SampledFrom([]Scalar{{}, one, minusOne, half, ScalarOf(128), ScalarOf(255), ScalarOf(256)}),
		rapid.Custom(func(t *rapid.T) Scalar {
			var wide [64]byte
			for i := range wide {
				wide[i] = rapid.SampledFrom([]byte{0, 0x7f, 0x80, 0xff, 0x55, 0xa7}).Draw(t, "byte")
			}
			return ReduceWide(wide)
		}),
	).Draw(t, name)
}

// reference is s·G by filippo.io/edwards25519, decoded from its coordinates.
func reference(t *rapid.T, s *Scalar) Point {
	b := s.Bytes()
	e, err := edwards25519.NewScalar().SetCanonicalBytes(b[:])
	if err != nil {
		t.Fatal(err)
	}
	x, y, z, xy := new(edwards25519.Point).ScalarMult(e, generatorEdwards(t)).ExtendedCoordinates()
	return Point{x: *x, y: *y, z: *z, t: *xy}
}

func generatorEdwards(t *rapid.T) *edwards25519.Point {
	g := Generator()
	p, err := new(edwards25519.Point).SetExtendedCoordinates(&g.x, &g.y, &g.z, &g.t)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMultiplicationsAgree(t *testing.T) {
	g := Generator()
	table := NewTable(&g)
	rapid.Check(t, func(t *rapid.T) {
		s := drawScalar(t, "s")
		want := reference(t, &s)
		byTable, byNAF := table.Mul(&s), Mul(&s, &g)
		var parts partTable
		parts.split(&g)
		w := s.words()
		byParts := parts.mul(&w)
		for name, p := range map[string]*Point{"table": &byTable, "naf": &byNAF, "parts": &byParts} {
			if !p.Equal(&want) || p.Encode() != want.Encode() {
				t.Errorf("%s: %x, want %x", name, p.Encode(), want.Encode())
			}
		}
		if back, ok := Decode(want.Encode()); !ok || !back.Equal(&want) {
			t.Error("encoding does not decode to the same")
		}
		if got := encodeDoubles(nil, []Point{want}); got[0] != new(Point).Double(&want).Encode() {
			t.Errorf("double encodes to %x", got[0])
		}
	})
}

func TestEvaluateAndCombineAgree(t *testing.T) {
	g := Generator()
	seven := ScalarOf(7)
	y := Mul(&seven, &g)
	pair := NewPair(&y)
	rapid.Check(t, func(t *rapid.T) {
		points := []Point{g, y, Identity()}
		var terms []Linear
		for range rapid.IntRange(0, 6).Draw(t, "terms") {
			terms = append(terms, Linear{
				U: drawScalar(t, "u"), V: drawScalar(t, "v"), C: drawScalar(t, "c"),
				P: rapid.IntRange(0, 2).Draw(t, "p")})
		}
		got := pair.Evaluate(nil, terms, points)
		for i, term := range terms {
			minusC := term.C.Negate()
			want := Combine([]Scalar{term.U, term.V, minusC}, []Point{g, y, points[term.P]})
			if got[i] != want.Encode() {
				t.Errorf("term %d: %x, want %x", i, got[i], want.Encode())
			}
		}
	})
}

func TestScalars(t *testing.T) {
	l := [Size]byte{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 31: 0x10}
	if _, ok := ParseScalar(l); ok {
		t.Error("l is accepted")
	}
	l[0]--
	s, ok := ParseScalar(l)
	if !ok || s.Bytes() != l {
		t.Error("l - 1 is refused")
	}
	one := ScalarOf(1)
	if sum := s.Add(&one); !sum.IsZero() {
		t.Error("l - 1 + 1 is not zero")
	}
	l[0]++
	if r := ReduceDigest(l); !r.IsZero() {
		t.Error("l does not reduce to zero")
	}
}

func TestHalves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScalar(t, "s")
		half := s.halfWords()
		var b [Size]byte
		for i := range b {
			b[i] = byte(half[i/8] >> (8 * (i % 8)))
		}
		h, ok := ParseScalar(b)
		if sum := h.Add(&h); !ok || !sum.Equal(&s) {
			t.Errorf("half of %x is %x", s.Bytes(), b)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		Decode(generator)
	}
}

func BenchmarkTable(b *testing.B) {
	g := Generator()
	for b.Loop() {
		NewTable(&g)
	}
}

// BenchmarkSelection is the arithmetic of one 0/1 proof with its decoding.
func BenchmarkSelection(b *testing.B) {
	g := Generator()
	random := rand.New(rand.NewPCG(1, 2))
	draw := func() Scalar {
		var wide [64]byte
		for i := range wide {
			wide[i] = byte(random.Uint32())
		}
		return ReduceWide(wide)
	}
	s := draw()
	y := Mul(&s, &g)
	pair := NewPair(&y)
	terms := []Linear{
		{U: draw(), C: draw(), P: 0}, {U: draw(), C: draw(), P: 0},
		{V: draw(), C: draw(), P: 1}, {V: draw(), U: draw(), C: draw(), P: 1},
	}
	alpha, beta := Mul(&terms[0].U, &g), Mul(&terms[1].U, &g)
	ea, eb := alpha.Encode(), beta.Encode()
	b.ReportAllocs()
	for b.Loop() {
		pa, _ := Decode(ea)
		pb, _ := Decode(eb)
		pair.Evaluate(nil, terms, []Point{pa, pb})
	}
}
