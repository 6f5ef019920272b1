package point

import (
	"filippo.io/edwards25519/field"
)

// The geometry of [Table]: signed digits in radix 2^window.
const (
	window  = 8
	windows = 256 / window
	entries = 1 << (window - 1)
)

// affine is a point with z = 1 made ready to be added: y+x, y-x, 2d·xy.
type affine struct {
	yPlusX, yMinusX, t2d field.Element
}

// Table multiplies one fixed point: it holds j·2^(8i)·P for j = 1..128 and
// all 32 windows i, half a megabyte. It is read-only once made and safe for
// concurrent use.
type Table struct {
	multiples [windows][entries]affine
}

// NewTable makes the table of p, in about 3 ms.
func NewTable(p *Point) *Table {
	t := new(Table)
	base := *p
	row := make([]Point, entries)
	for i := range t.multiples {
		var step cached
		step.set(&base)
		row[0] = base
		for j := 1; j < entries; j++ {
			row[j].addCached(&row[j-1], &step)
		}
		normalise(t.multiples[i][:], row)
		base.Double(&row[entries-1])
	}
	return t
}

// normalise makes points affine with one inversion (Montgomery's trick).
func normalise(out []affine, points []Point) {
	products := make([]field.Element, len(points))
	var all field.Element
	all.One()
	for i := range points {
		products[i] = all
		all.Multiply(&all, &points[i].z)
	}
	all.Invert(&all)
	for i := len(points) - 1; i >= 0; i-- {
		var zInv, x, y, xy field.Element
		zInv.Multiply(&all, &products[i])
		all.Multiply(&all, &points[i].z)
		x.Multiply(&points[i].x, &zInv)
		y.Multiply(&points[i].y, &zInv)
		xy.Multiply(&x, &y)
		out[i].yPlusX.Add(&y, &x)
		out[i].yMinusX.Subtract(&y, &x)
		out[i].t2d.Multiply(&xy, &k.d2)
	}
}

// Mul returns s·P.
func (t *Table) Mul(s *Scalar) Point {
	p := Identity()
	w := s.words()
	t.addMul(&p, &w)
	return p
}

// addMul sets p = p + w·P for w < 2^255, one addition a window.
func (t *Table) addMul(p *Point, w *[4]uint64) {
	carry := 0
	for i := range t.multiples {
		digit := int(bitsAt(w, i*window, window)) + carry
		carry = 0
		if digit > entries {
			digit -= 2 * entries
			carry = 1
		}
		switch {
		case digit > 0:
			p.addAffine(p, &t.multiples[i][digit-1])
		case digit < 0:
			p.subAffine(p, &t.multiples[i][-digit-1])
		}
	}
}

// addAffine sets p = a + c (madd-2008-hwcd-3).
func (p *Point) addAffine(a *Point, c *affine) {
	var A, B, C, D field.Element
	A.Subtract(&a.y, &a.x)
	A.Multiply(&A, &c.yMinusX)
	B.Add(&a.y, &a.x)
	B.Multiply(&B, &c.yPlusX)
	C.Multiply(&a.t, &c.t2d)
	D.Add(&a.z, &a.z)
	p.finish(&A, &B, &C, &D)
}

// subAffine sets p = a - c.
func (p *Point) subAffine(a *Point, c *affine) {
	var A, B, C, D field.Element
	A.Subtract(&a.y, &a.x)
	A.Multiply(&A, &c.yPlusX)
	B.Add(&a.y, &a.x)
	B.Multiply(&B, &c.yMinusX)
	C.Multiply(&a.t, &c.t2d)
	C.Negate(&C)
	D.Add(&a.z, &a.z)
	p.finish(&A, &B, &C, &D)
}
