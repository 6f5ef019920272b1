package rules

import (
	"errors"
	"fmt"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/util/random"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/tally"
)

// Errors of a recovery.
var (
	// ErrNotSealed: what counts is not fixed.
	ErrNotSealed = errors.New("the board is not sealed")
	// ErrNotHis: a secret is not the one that the board knows its trustee by.
	ErrNotHis = errors.New("the secret is not this trustee's")
	// ErrTooFew: fewer than t trustees have brought their secrets.
	ErrTooFew = errors.New("too few trustees")
)

// Recover computes the result of a sealed board from the decryption keys of t
// trustees, by id, instead of from shares on the board: each key opens what was
// dealt to its trustee, and the share that follows is held against the key by
// which the board knows him (S-06).
func (s *State) Recover(decryption map[string]kyber.Scalar, logs *tally.Logarithms) (message.Result, error) {
	if s.seal == nil {
		return message.Result{}, ErrNotSealed
	}
	shares := map[uint64]kyber.Scalar{}
	for id, secret := range decryption {
		line, ok := s.election.Trustee(id)
		if !ok {
			return message.Result{}, fmt.Errorf("%w: the election has no trustee %q", ErrNotHis, id)
		}
		index := s.ceremony.Index(line.Index)
		share, complaint, err := s.ceremony.Collect(line.Index, secret, random.New())
		if err != nil || complaint != nil {
			return message.Result{}, fmt.Errorf("%w: %s cannot open what was dealt to him", ErrNotHis, id)
		}
		if key := s.ceremony.VerificationKey(index); key.Bytes() != proof.Element(ristretto.NewPoint().Mul(share, nil)) {
			return message.Result{}, fmt.Errorf("%w: %s", ErrNotHis, id)
		}
		shares[index] = share
	}
	if need := s.election.Manifest.Threshold; uint64(len(shares)) < need {
		return message.Result{}, fmt.Errorf("%w: %d, want %d", ErrTooFew, len(shares), need)
	}
	given := s.tallying.cells
	defer func() { s.tallying.cells = given }()
	s.tallying.cells = map[string]map[uint64][]kyber.Point{}
	for _, a := range s.tallying.due {
		cell := map[uint64][]kyber.Point{}
		for index, share := range shares {
			for _, c := range a.Ciphertexts {
				alpha, err := proof.PointOf(s.weak, c.Alpha)
				if err != nil {
					return message.Result{}, err
				}
				cell[index] = append(cell[index], ristretto.NewPoint().Mul(share, alpha))
			}
		}
		s.tallying.cells[cellName(a.Contest, a.Unit)] = cell
	}
	return s.Compute(logs)
}
