package ristretto

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// Untrusted bytes never panic, and what decodes encodes to the same bytes.
func FuzzDecode(f *testing.F) {
	for _, encoding := range smallMultiples {
		f.Add(mustHex(encoding))
	}
	for _, encodings := range invalidEncodings {
		for _, encoding := range encodings {
			f.Add(mustHex(encoding))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := NewPoint()
		if p.UnmarshalBinary(b) == nil {
			if got := p.Bytes(); !bytes.Equal(got[:], b) {
				t.Errorf("point %x comes back as %x", b, got)
			}
			if double := NewPoint().Add(p, p).(*Point); EncodeDoubles([]*Point{p})[0] != double.Bytes() {
				t.Errorf("the double of %x encodes in two ways", b)
			}
		} else if !p.Equal(NewPoint()) {
			t.Errorf("%x: refused, yet the receiver changed", b)
		}
		s := new(Scalar)
		if s.UnmarshalBinary(b) == nil {
			if got, _ := s.MarshalBinary(); !bytes.Equal(got, b) {
				t.Errorf("scalar %x comes back as %x", b, got)
			}
		}
		if reducedAgain := new(Scalar).SetBytes(b); !s.Equal(new(Scalar)) && !s.Equal(reducedAgain) {
			t.Errorf("scalar %x decodes and reduces to different values", b)
		}
	})
}

func mustHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}
