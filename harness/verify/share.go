package verify

import (
	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// checkedShare is a decryption share with its proofs checked.
type checkedShare struct {
	trustee int  // position of the signer; -1 where there is none
	valid   bool // V-17 and V-37 hold
	factors []point.Point
}

// checkShare makes V-17 and V-37 for one share, against the values that it
// names itself; V-36 holds these against the aggregate.
func (s *Setup) checkShare(it *item, m *message.DecryptionShare, t *tally) *checkedShare {
	out := &checkedShare{trustee: -1, valid: true}
	t.both(Decoding, 1)
	i, ok := s.index.trustees[it.entry.ID]
	if !ok || i >= len(s.verification) {
		out.valid = false
		return out
	}
	out.trustee = i
	t.expect(ShareProofs, len(m.Shares))
	for k := range m.Shares {
		f := &m.Shares[k]
		d, good := s.checkFactor(it, m, f, i, t)
		out.valid = out.valid && good
		out.factors = append(out.factors, d)
	}
	return out
}

// checkFactor checks a = zG - cX_j, b = zα - c·d (S-35).
func (s *Setup) checkFactor(it *item, m *message.DecryptionShare, f *message.Factor, i int, t *tally) (point.Point, bool) {
	id := it.entry.ID
	fail := func(fd *Finding) {
		t.add(it.raw.place(fd.trustee(id).contest(m.Contest).unit(m.Unit).option(f.Option)).blame(trustee(id)))
	}
	alpha, ok1 := point.Decode(f.Alpha)
	_, ok2 := point.Decode(f.Beta)
	d, ok3 := point.Decode(f.Factor)
	ch, ok4 := point.ParseScalar(f.Proof.Challenge)
	z, ok5 := point.ParseScalar(f.Proof.Response)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		fail(found(Decoding, "an element or scalar of the factor for %s is not canonical", f.Option))
		return point.Identity(), false
	}
	t.see(ShareProofs, 1)
	minus := ch.Negate()
	x := s.verification[i]
	a := point.Combine([]point.Scalar{z, minus}, []point.Point{point.Generator(), x})
	b := point.Combine([]point.Scalar{z, minus}, []point.Point{alpha, d})
	want := challenge.Decryption(s.fingerprint, m, f, x.Encode()).Pt(a.Encode()).Pt(b.Encode()).Scalar()
	if !ch.Equal(&want) {
		fail(found(ShareProofs, "proof of the factor for %s fails", f.Option).
			sides("c = C(\"decryption-proof\"; …)", ch.Bytes(), want.Bytes()))
		return d, false
	}
	return d, true
}
