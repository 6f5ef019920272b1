package ristretto

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/group/edwards25519"
	kybertest "go.dedis.ch/kyber/v3/util/test"
)

func TestKyberSuite(t *testing.T) {
	kybertest.SuiteTest(t, NewSuite(nil))
}

func TestKyberSuiteFromStream(t *testing.T) {
	kybertest.SuiteTest(t, NewSuiteFromStream(NewSuite(nil).XOF([]byte("seed"))))
}

func TestSuite(t *testing.T) {
	suite := NewSuite(nil)
	if suite.String() != "ristretto255" || suite.PointLen() != 32 || suite.ScalarLen() != 32 {
		t.Errorf("%v, points of %d bytes, scalars of %d", suite, suite.PointLen(), suite.ScalarLen())
	}
	if !suite.Point().Equal(suite.Point().Null()) || !suite.Scalar().Equal(suite.Scalar().Zero()) {
		t.Error("a new point or scalar is not neutral")
	}
}

// The same randomness gives the same elements, and each takes 64 bytes.
func TestStreamIsReproducible(t *testing.T) {
	seed := bytes.Repeat([]byte("randomness"), 30)
	pick := func() (string, int) {
		r := bytes.NewReader(seed)
		random := NewSuite(r).RandomStream()
		picked := new(Scalar).Pick(random).String() + NewPoint().Pick(random).String()
		return picked, r.Len()
	}
	first, left := pick()
	second, _ := pick()
	if first != second {
		t.Errorf("one seed gave %s and %s", first, second)
	}
	if used := len(seed) - left; used != 128 {
		t.Errorf("a scalar and a point took %d bytes", used)
	}
	if want := ScalarFromUniform([64]byte(seed)); !strings.HasPrefix(first, want.String()) {
		t.Errorf("the scalar is not the first 64 bytes reduced")
	}
}

func TestStreamXORs(t *testing.T) {
	out := []byte{1, 2, 3, 9}
	Stream(bytes.NewReader([]byte{0xf0, 0xf0, 0xf0})).XORKeyStream(out, out[:3])
	if !bytes.Equal(out, []byte{0xf1, 0xf2, 0xf3, 9}) {
		t.Errorf("got %x", out)
	}
}

// Mistakes in the program panic instead of continuing with something else.
func TestMisusePanics(t *testing.T) {
	suite, other := NewSuite(nil), edwards25519.NewBlakeSHA256Ed25519()
	broken := Stream(iotest.ErrReader(errors.New("no entropy")))
	for name, misuse := range map[string]func(){
		"point of another group":  func() { suite.Point().Add(suite.Point(), other.Point()) },
		"scalar of another group": func() { suite.Point().Mul(other.Scalar(), nil) },
		"no point":                func() { suite.Point().Set(nil) },
		"no scalar":               func() { suite.Scalar().Set(nil) },
		"point without value":     func() { new(Point).Bytes() },
		"point added to nothing":  func() { suite.Point().Add(suite.Point(), new(Point)) },
		"randomness fails":        func() { suite.Scalar().Pick(broken) },
		"randomness ends":         func() { suite.Point().Pick(Stream(strings.NewReader("short"))) },
		"randomness repeats":      func() { suite.Point().Embed([]byte("Hi"), constant{}) },
		"output too short":        func() { Stream(nil).XORKeyStream(nil, []byte{1}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			misuse()
		})
	}
}

func TestMarshalToAndUnmarshalFrom(t *testing.T) {
	suite := NewSuite(nil)
	for name, c := range map[string]struct {
		value, read kyber.Marshaling
		refused     []byte
		sentinel    error
	}{
		"point":  {suite.Point().Pick(suite.RandomStream()), suite.Point(), bytes.Repeat([]byte{0xff}, 32), ErrPoint},
		"scalar": {suite.Scalar().Pick(suite.RandomStream()), suite.Scalar(), bytes.Repeat([]byte{0xff}, 32), ErrScalar},
	} {
		t.Run(name, func(t *testing.T) {
			var buf bytes.Buffer
			if n, err := c.value.MarshalTo(&buf); n != 32 || err != nil {
				t.Fatalf("MarshalTo: %d, %v", n, err)
			}
			encoded := bytes.Clone(buf.Bytes())
			buf.WriteString("rest")
			if n, err := c.read.UnmarshalFrom(iotest.OneByteReader(&buf)); n != 32 || err != nil {
				t.Fatalf("UnmarshalFrom: %d, %v", n, err)
			}
			if c.read.String() != c.value.String() || buf.String() != "rest" {
				t.Errorf("read %v, left %q", c.read, buf.String())
			}
			if n, err := c.read.UnmarshalFrom(bytes.NewReader(encoded[:31])); n != 31 || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("31 bytes: %d, %v", n, err)
			}
			if n, err := c.read.UnmarshalFrom(bytes.NewReader(c.refused)); n != 32 || !errors.Is(err, c.sentinel) {
				t.Errorf("not canonical: %d, %v", n, err)
			}
			if c.read.String() != c.value.String() {
				t.Error("refused, yet the receiver changed")
			}
			if n, err := c.read.UnmarshalFrom(suite.XOF([]byte("seed"))); n != -1 || err != nil || c.read.String() == c.value.String() {
				t.Errorf("from a stream: %d, %v, %v", n, err, c.read)
			}
		})
	}
}

// constant is a key stream of zeros.
type constant struct{}

func (constant) XORKeyStream(dst, src []byte) { copy(dst, src) }
