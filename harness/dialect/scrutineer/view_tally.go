package scrutineer

import (
	"errors"
	"fmt"
	"reflect"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// aggregate is V-35: the aggregates are the recomputed ones, in order.
func (v *View) aggregate(b *message.Aggregate) {
	if !v.in(message.TypeAggregate, message.PhaseSealed) {
		return
	}
	v.Aggregates = append(v.Aggregates, *at(v, b))
	want := v.expected()
	if n := len(v.Aggregates); n > len(want) || !reflect.DeepEqual(want[n-1], *b) {
		v.faultf("V-35", "aggregate of contest %q, unit %q is not the recomputed one", b.Contest, b.Unit)
	}
}

// expected are the aggregates of the sealed board.
func (v *View) expected() []message.Aggregate {
	var out []message.Aggregate
	for i := range v.cells {
		if v.cells[i].Decrypted() {
			out = append(out, v.cells[i].aggregate(&v.Manifest))
		}
	}
	return out
}

// Aggregated is nil once all aggregates are there and as recomputed.
func (v *View) Aggregated() error {
	if err := v.Sound(); err != nil {
		return err
	}
	if v.Seal == nil || len(v.Aggregates) != len(v.expected()) {
		return errors.New("V-35: aggregates are missing")
	}
	return nil
}

// Errors about decryption shares.
var (
	ErrSubject    = errors.New("V-36: the share is not for this cell")
	ErrDecryption = errors.New("V-37: a decryption proof does not hold")
)

// share is V-36 and V-37.
func (v *View) share(id string, b *message.DecryptionShare) {
	if !v.in(message.TypeDecryptionShare, message.PhaseSealed, message.PhaseDecrypting) {
		return
	}
	v.Phase = message.PhaseDecrypting
	for _, t := range v.Manifest.Trustees {
		if t.ID == id && t.Index != b.Index {
			v.faultf("V-36", "trustee %q has index %d, not %d", id, t.Index, b.Index)
		}
	}
	for _, s := range v.Shares {
		if s.Body.Index == b.Index && s.Body.Contest == b.Contest && s.Body.Unit == b.Unit {
			v.faultf("V-36", "trustee %q a second time for contest %q, unit %q", id, b.Contest, b.Unit)
		}
	}
	v.Shares = append(v.Shares, *at(v, b))
	if err := v.CheckShare(b); err != nil {
		check := "V-37"
		if errors.Is(err, ErrSubject) {
			check = "V-36"
		}
		v.fault(check, err)
	}
}

// CheckShare is V-36 and V-37 for a share of this board's aggregates.
func (v *View) CheckShare(b *message.DecryptionShare) error {
	a := v.AggregateOf(b.Contest, b.Unit)
	if a == nil || v.Seal == nil || v.Election == nil || b.Root != v.Seal.Body.Root || len(b.Shares) != len(a.Ciphertexts) {
		return fmt.Errorf("%w: contest %q, unit %q, root %s", ErrSubject, b.Contest, b.Unit, b.Root)
	}
	if b.Index < 1 || b.Index > uint64(len(v.Manifest.Trustees)) {
		return fmt.Errorf("%w: index %d", ErrSubject, b.Index)
	}
	for k, f := range b.Shares {
		if c := a.Ciphertexts[k]; f.Option != c.Option || f.Alpha != c.Alpha || f.Beta != c.Beta {
			return fmt.Errorf("%w: option %q has another ciphertext", ErrSubject, f.Option)
		}
		if err := v.Election.checkFactor(v.Election.Fingerprint, b, f); err != nil {
			return err
		}
	}
	return nil
}

// AggregateOf is the aggregate of a cell as the board has it, or nil.
func (v *View) AggregateOf(contest, unit string) *message.Aggregate {
	for i := range v.Aggregates {
		if a := &v.Aggregates[i].Body; a.Contest == contest && a.Unit == unit {
			return a
		}
	}
	return nil
}

// subject is what the proof of a factor is about (S-35).
func (e *Election) subject(fingerprint message.Digest, b *message.DecryptionShare, f message.Factor) transcript.Decryption {
	return transcript.Decryption{
		Fingerprint: fingerprint, Root: b.Root, Index: b.Index,
		Contest: b.Contest, Unit: b.Unit, Option: f.Option,
		Key: e.Keys[b.Index-1], Alpha: f.Alpha, Beta: f.Beta, Factor: f.Factor,
	}
}

// checkFactor is V-37 for the ciphertext that the factor names.
func (e *Election) checkFactor(fingerprint message.Digest, b *message.DecryptionShare, f message.Factor) error {
	points, err := decodeElements([]message.Element{e.Keys[b.Index-1], f.Alpha, f.Factor})
	if err != nil {
		return fmt.Errorf("%w: V-17: option %q: %w", ErrDecryption, f.Option, err)
	}
	scalars, err := decodeScalars([]message.Scalar{f.Proof.Challenge, f.Proof.Response})
	if err != nil {
		return fmt.Errorf("%w: V-17: option %q: %w", ErrDecryption, f.Option, err)
	}
	key, alpha, factor := points[0], points[1], points[2]
	c, z := scalars[0], scalars[1]
	a := element(minus(base(z), times(c, key)))
	b2 := element(minus(times(z, alpha), times(c, factor)))
	if !reduce(e.subject(fingerprint, b, f).Challenge(a, b2)).Equal(c) {
		return fmt.Errorf("%w: contest %q, unit %q, option %q", ErrDecryption, b.Contest, b.Unit, f.Option)
	}
	return nil
}

// result takes the outcome as it is: counting it again is a verifier's work.
func (v *View) result(b *message.Result) {
	if !v.in(message.TypeResult, message.PhaseSealed, message.PhaseDecrypting) {
		return
	}
	v.Result, v.Phase = at(v, b), message.PhasePublished
	if v.Seal != nil && b.Root != v.Seal.Body.Root {
		v.faultf("V-43", "result for root %s", b.Root)
	}
}
