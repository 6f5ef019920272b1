package action

import (
	"context"
	"fmt"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
)

// forgeShare is E08: a trustee whose factors are false in one cell.
func (s *Session) forgeShare(ctx context.Context, st Step) (Result, error) {
	index := st.Args.Int("trustee")
	actor := "trustee/" + number(index)
	r := Result{Actor: actor, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	t := e.trustees[index]
	if t == nil || t.Share() == nil {
		return r, fmt.Errorf("%w: the harness does not play trustee %d", ErrPlan, index)
	}
	var parcels []scrutineer.Parcel
	err = e.sealed(ctx, func(v *scrutineer.View) error {
		return s.compute(ctx, func() error {
			f := forger{st: st, view: v, trustee: t, shares: &scrutineer.Shares{View: v, Index: uint64(index), Secret: t.Share(),
				Quorum: quorum(v, uint64(index)), Random: s.stream(e, actor+"/forged")}}
			parcels, err = f.all()
			return err
		})
	})
	if err != nil {
		return r, err
	}
	for _, p := range parcels {
		a, err := e.postForged(ctx, actor, p)
		if err != nil {
			return r, err
		}
		r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
		if r.Outcome != event.OK {
			return r, nil
		}
	}
	return r, nil
}

// quorum are the trustees that answer: those who have and the forger.
func quorum(v *scrutineer.View, forger uint64) []uint64 {
	seen := map[uint64]bool{forger: true}
	for i := range v.Shares {
		seen[v.Shares[i].Body.Index] = true
	}
	var out []uint64
	for j := uint64(1); j <= uint64(len(v.Manifest.Trustees)); j++ {
		if seen[j] {
			out = append(out, j)
		}
	}
	return out
}

// forger makes the shares of one trustee, false in the first cell of one
// contest.
type forger struct {
	st      Step
	view    *scrutineer.View
	trustee *scrutineer.Trustee
	shares  *scrutineer.Shares
}

// all makes a share for every cell, in the board's order.
func (f *forger) all() ([]scrutineer.Parcel, error) {
	var out []scrutineer.Parcel
	lied := false
	for i := range f.view.Aggregates {
		a := &f.view.Aggregates[i].Body
		b, err := f.shares.ForgeNaming(a, a.Ciphertexts) // the honest one
		if a.Contest == f.st.Args.Text("contest") && !lied {
			lied = true
			b, err = f.lie(a)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPlan, err)
		}
		p, err := f.shares.Post(f.trustee.Signer(), b)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	if !lied {
		return nil, fmt.Errorf("%w: contest %s has no cell", ErrPlan, f.st.Args.Text("contest"))
	}
	return out, nil
}

// lie is the false share of one cell.
func (f *forger) lie(a *message.Aggregate) (*message.DecryptionShare, error) {
	args := f.st.Args
	from, to, shift := args.Text("from"), args.Text("to"), args.Int("shift")
	deltas := scrutineer.Deltas{from: -shift, to: shift}
	switch args.Text("fault") {
	case "junk-proof":
		return f.shares.ForgeShift(a, deltas)
	case "empty-proof":
		return f.shares.ForgeOmitted(a, deltas)
	case "same-proof":
		return f.shares.ForgeIdentical(a, deltas)
	case "other-ciphertext":
		return f.shares.ForgeUnbound(a, deltas)
	case "outside-group":
		return f.shares.ForgeNonmember(a)
	case "swapped-options":
		return f.swapped(a, from, to)
	case "other-contest":
		for i := range f.view.Aggregates {
			if other := &f.view.Aggregates[i].Body; other.Contest == args.Text("source") {
				return f.shares.ForgeOtherContest(a, other)
			}
		}
		return nil, fmt.Errorf("contest %s has no cell", args.Text("source"))
	case "other-trustee":
		for i := range f.view.Shares {
			if b := &f.view.Shares[i].Body; b.Contest == a.Contest && b.Unit == a.Unit && b.Index != f.shares.Index {
				return f.shares.ForgeFrom(a, b)
			}
		}
		return nil, fmt.Errorf("nobody else has answered for contest %s", a.Contest)
	}
	return nil, fmt.Errorf("no fault %q", args.Text("fault"))
}

// swapped decrypts each of two options in the other's place, and names the
// ciphertexts that it decrypted.
func (f *forger) swapped(a *message.Aggregate, from, to string) (*message.DecryptionShare, error) {
	named := slices.Clone(a.Ciphertexts)
	at := func(option string) int {
		return slices.IndexFunc(named, func(c message.Ciphertext) bool { return c.Option == option })
	}
	i, j := at(from), at(to)
	if i < 0 || j < 0 {
		i, j = 0, 1
	}
	if len(named) < 2 || i == j {
		return nil, fmt.Errorf("contest %s has no two options to swap", a.Contest)
	}
	named[i], named[j] = named[j], named[i]
	return f.shares.ForgeNaming(a, named)
}
