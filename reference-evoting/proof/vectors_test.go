package proof_test

import (
	"errors"
	"fmt"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/reference-evoting/proof"
)

var errFails = errors.New("does not hold")

// each asks about every case of a file.
func each[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), accepts func(C, I) error) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			if err := accepts(g.Context, c.Input); (err == nil) != (c.Result == vectors.Valid) {
				t.Errorf("%s, tcId %d (%s: %s) is %s: %v", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, err)
			}
		}
	}
}

func holds(ok bool, err error) error {
	if err == nil && !ok {
		return errFails
	}
	return err
}

func TestVectorsOfSignatures(t *testing.T) {
	each(t, vectors.Signatures, func(_ vectors.None, in vectors.SignatureInput) error {
		return holds(proof.Signed(nil, in.Key, in.Purpose, in.Fingerprint, in.Digest, in.Signature))
	})
}

func TestVectorsOfKnowledge(t *testing.T) {
	each(t, vectors.Knowledge, func(c vectors.KnowledgeContext, in vectors.KnowledgeInput) error {
		a, err := proof.Point(in.Element)
		if err != nil {
			return err
		}
		return holds(proof.Knows(nil, a, in.Proof, func(r ...[32]byte) [32]byte {
			return transcript.Knowledge(c.SetupID, c.Index, c.Coefficient, in.Element, r[0])
		}))
	})
}

func statementOf(c vectors.StatementContext) transcript.Statement {
	return transcript.Statement{
		Fingerprint: c.Fingerprint, ElectionKey: c.ElectionKey, Style: c.Style, Contest: c.Contest,
		Caster: c.Caster, Ciphertexts: c.Ciphertexts,
	}
}

// disjunction checks a proof whose challenge starts as it is given.
func disjunction(key message.Element, alpha, beta *ristretto.Point, lo, hi uint64, p message.Branches, start *transcript.Transcript) error {
	y, err := proof.Point(key)
	if err != nil {
		return err
	}
	opened, err := proof.NewElectionKey(y).OpenRange(alpha, beta, lo, hi, p)
	if err != nil {
		return err
	}
	for _, b := range opened.Branches {
		start.Branch(b.A, b.B)
	}
	return holds(opened.Is(start.Sum()), nil)
}

func TestVectorsOfSelections(t *testing.T) {
	each(t, vectors.Selections, func(c vectors.SelectionContext, in vectors.SelectionInput) error {
		alpha, err := proof.Point(in.Alpha)
		if err != nil {
			return err
		}
		beta, err := proof.Point(in.Beta)
		if err != nil {
			return err
		}
		if in.Alpha == (message.Element{}) {
			return fmt.Errorf("α is the identity") // the rules make this check
		}
		return disjunction(c.Statement.ElectionKey, alpha, beta, 0, 1, in.Proof, statementOf(c.Statement).Selection(c.Option, in.Alpha, in.Beta))
	})
}

func TestVectorsOfSums(t *testing.T) {
	each(t, vectors.Sums, func(c vectors.SumContext, in vectors.SumInput) error {
		a, b := ristretto.NewPoint(), ristretto.NewPoint()
		for i, s := range c.Selections {
			factor := uint64(1)
			if c.Blank && i == len(c.Selections)-1 {
				factor = c.Max
			}
			alpha, err := proof.Point(s.Alpha)
			if err != nil {
				return err
			}
			beta, err := proof.Point(s.Beta)
			if err != nil {
				return err
			}
			a.Add(a, ristretto.NewPoint().Mul(proof.Uint(factor), alpha))
			b.Add(b, ristretto.NewPoint().Mul(proof.Uint(factor), beta))
		}
		start := statementOf(c.Statement).Sum(c.Min, c.Max, a.Bytes(), b.Bytes())
		return disjunction(c.Statement.ElectionKey, a, b, c.Min, c.Max, in.Sum, start)
	})
}

// What a share is about (V-36) is for the rules; records have those cases.
func TestVectorsOfDecryptions(t *testing.T) {
	f, err := vectors.Decryptions()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			if c.Check == "V-36" {
				continue
			}
			if err := proven(g.Context, c.Input.Share); (err == nil) != (c.Result == vectors.Valid) {
				t.Errorf("tcId %d (%s) is %s: %v", c.TcID, c.Comment, c.Result, err)
			}
		}
	}
}

func proven(c vectors.ShareSubject, m message.DecryptionShare) error {
	key, err := proof.Point(c.VerificationKey)
	if err != nil {
		return err
	}
	for _, f := range m.Shares {
		alpha, err := proof.Point(f.Alpha)
		if err != nil {
			return err
		}
		d, err := proof.Point(f.Factor)
		if err != nil {
			return err
		}
		subject := transcript.Decryption{
			Fingerprint: c.Fingerprint, Root: m.Root, Index: m.Index, Contest: m.Contest, Unit: m.Unit, Option: f.Option,
			Key: c.VerificationKey, Alpha: f.Alpha, Beta: f.Beta, Factor: f.Factor,
		}
		if err := holds(proof.IsEqual(nil, key, alpha, d, f.Proof, func(ab ...[32]byte) [32]byte {
			return subject.Challenge(ab[0], ab[1])
		})); err != nil {
			return fmt.Errorf("option %s: %w", f.Option, err)
		}
	}
	return nil
}
