package scrutineer

import (
	"errors"
	"fmt"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
)

// Election is what everybody computes from the board once the ceremony is
// over and the electorate is fixed (S-06, S-08). It is not changed after that
// and may be used by many goroutines.
type Election struct {
	Manifest    *message.Manifest
	SetupID     message.Digest
	Fingerprint message.Digest
	Key         message.Element     // Y
	Commitments [][]message.Element // the trustees' coefficients, by index
	Keys        []message.Element   // X_1 … X_n, the trustees' verification keys

	point kyber.Point
	mul   *ristretto.FixedBase // Y times a secret
	table *ristretto.VarTable  // Y times what is public
}

// ErrKey is wrapped by NewElection where the key cannot be used (V-14).
var ErrKey = errors.New("V-14: election key not sound")

// NewElection computes key, verification keys and fingerprint. Root and count
// are those of the electorate.
func NewElection(m *message.Manifest, setupID message.Digest, commitments [][]message.Element, root message.Digest, count uint64) (*Election, error) {
	e := &Election{Manifest: m, SetupID: setupID, Commitments: commitments}
	sums := make([]kyber.Point, m.Threshold) // Σ_i A_ik
	for k := range sums {
		sums[k] = ristretto.NewPoint()
	}
	for i, coefficients := range commitments {
		points, err := decodeElements(coefficients)
		if err != nil {
			return nil, fmt.Errorf("%w: trustee %d: %w", ErrKey, i+1, err)
		}
		if uint64(len(points)) != m.Threshold {
			return nil, fmt.Errorf("%w: trustee %d: %d coefficients", ErrKey, i+1, len(points))
		}
		for k, p := range points {
			sums[k] = plus(sums[k], p)
		}
	}
	if len(sums) == 0 || len(commitments) != len(m.Trustees) {
		return nil, fmt.Errorf("%w: %d of %d trustees", ErrKey, len(commitments), len(m.Trustees))
	}
	y := sums[0]
	if isIdentity(y) {
		return nil, fmt.Errorf("%w: it is the identity", ErrKey)
	}
	for j := range m.Trustees {
		e.Keys = append(e.Keys, element(evaluatePoints(sums, uint64(j)+1)))
	}
	e.Key = element(y)
	e.Fingerprint = transcript.Fingerprint(setupID, e.Key, commitments, root, count)
	e.point, e.mul, e.table = y, ristretto.NewFixedBase(y), ristretto.NewVarTable(y)
	return e, nil
}

// timesKey is s·Y.
func (e *Election) timesKey(s kyber.Scalar) kyber.Point { return e.mul.Mul(ristretto.NewPoint(), s) }

// Line is what the voter with this credential may vote on.
type Line = message.Credential

// contests are the manifest's contests of a style, in ballot order.
func (e *Election) contests(style string) ([]*message.Contest, error) {
	s := Style(e.Manifest, style)
	if s == nil {
		return nil, fmt.Errorf("no style %q", style)
	}
	out := make([]*message.Contest, len(s.Contests))
	for i, id := range s.Contests {
		if out[i] = Contest(e.Manifest, id); out[i] == nil {
			return nil, fmt.Errorf("style %q: no contest %q", style, id)
		}
	}
	return out, nil
}
