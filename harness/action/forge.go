package action

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
)

// forgers are the handlers of the actions that make ballots with false
// mathematics.
func (s *Session) forgers() map[string]handler {
	return map[string]handler{
		"forge-exponents-ballot": s.forgeExponents,
		"forge-branches-ballot":  s.forgeBranches,
		"setup-solved-key":       s.setupSolvedKey,
		"forge-omission-ballot":  s.forgeOmission,
		"write-cast":             s.writeCast,
		"forge-nonmember-ballot": s.forgeNonmember,
	}
}

// planned says that a forger's complaint is about the plan.
func planned[T any](made T, err error) (T, error) {
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrPlan, err)
	}
	return made, err
}

// each makes a ballot for every word of a parameter.
func each(words []string, forge func(word string) (*scrutineer.Prepared, error)) ([]*scrutineer.Prepared, error) {
	out := make([]*scrutineer.Prepared, len(words))
	for i, w := range words {
		var err error
		if out[i], err = planned(forge(w)); err != nil {
			return nil, fmt.Errorf("%s: %w", w, err)
		}
	}
	return out, nil
}

// forgeExponents is A07.
func (s *Session) forgeExponents(ctx context.Context, st Step) (Result, error) {
	forms := map[string]scrutineer.RangeForm{"junk": scrutineer.RangeJunk, "absent": scrutineer.RangeAbsent,
		"truncated": scrutineer.RangeTruncated, "copied": scrutineer.RangeCopied, "reordered": scrutineer.RangeReordered}
	a := st.Args
	return s.makeAll(ctx, st, true, func(v *harnessVoter, want history.Vote) ([]*scrutineer.Prepared, error) {
		return each(a.List("proofs"), func(form string) (*scrutineer.Prepared, error) {
			return v.Election.ForgeExponents(forms[form], v.Line, a.Text("contest"), a.Text("to"), a.Text("from"), uint64(a.Int("shift")), choices(want), v.Random)
		})
	})
}

// forgeBranches is A09.
func (s *Session) forgeBranches(ctx context.Context, st Step) (Result, error) {
	table := scrutineer.BranchFaults()
	return s.makeAll(ctx, st, true, func(v *harnessVoter, _ history.Vote) ([]*scrutineer.Prepared, error) {
		return each(st.Args.List("faults"), func(name string) (*scrutineer.Prepared, error) {
			i := slices.IndexFunc(table, func(f scrutineer.BranchFault) bool { return f.Name == name })
			if i < 0 {
				return nil, errors.New("there is no such fault")
			}
			return v.Election.ForgeBranches(table[i], v.Line, v.Random)
		})
	})
}

// forgeNonmember is A10.
func (s *Session) forgeNonmember(ctx context.Context, st Step) (Result, error) {
	forms := map[string]scrutineer.NonmemberForm{"beta": scrutineer.NonmemberBeta, "pair": scrutineer.NonmemberPair,
		"alpha": scrutineer.NonmemberAlpha, "same-alpha": scrutineer.NonmemberTwin,
		"identity": scrutineer.NonmemberIdentity, "unreduced": scrutineer.NonmemberUnreduced}
	return s.makeAll(ctx, st, true, func(v *harnessVoter, want history.Vote) ([]*scrutineer.Prepared, error) {
		return each(st.Args.List("forms"), func(form string) (*scrutineer.Prepared, error) {
			return v.Election.ForgeNonmember(forms[form], v.Line, st.Args.Text("contest"), choices(want), v.Random)
		})
	})
}
