package action

import (
	"context"
	"fmt"
	"strings"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// Codes of what becomes of a tally for which not all trustees answer.
const (
	codeEnough = "enough" // there is a result all the same
	codeNamed  = "named"  // there can be none, and the target says whose shares it waits for
)

// withholdShare is E07: some trustees answer as they should, one or more others
// do not.
func (s *Session) withholdShare(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "trustees", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	for _, index := range st.Args.Ints("answer") {
		if outcome, detail, err := e.answer(ctx, index); err != nil || outcome != event.OK {
			r.Detail = detail
			return r, err
		}
	}
	how := st.Args.Text("how")
	if how == "garbage" {
		if err := e.garbage(ctx, st); err != nil {
			return r, err
		}
	}
	there, status, err := e.comes(ctx)
	if err != nil {
		return r, err
	}
	switch {
	case there && how == "late":
		err = e.late(ctx, st.Args.Ints("trustees"))
		fallthrough
	case there:
		r.Outcome, r.Detail = event.Refused, "there is a result without the trustees who are missing"
		s.refused(e.step, "authority", codeEnough, r.Detail)
	case e.names(status, st.Args.Ints("trustees")):
		r.Outcome, r.Detail = event.Refused, "there is no result, and it is said for whose shares it waits: "+event.Clip(status.Waiting, 200)
		if e.possible(st) {
			// Enough have answered: that it waits is no answer.
			r.Outcome = event.OK
			return r, err
		}
		s.refused(e.step, "authority", codeNamed, r.Detail)
	default:
		r.Outcome = event.OK
	}
	return r, err
}

// possible says whether those who answer are enough by the election's own
// terms.
func (e *election) possible(st Step) bool {
	return uint64(len(st.Args.Ints("answer"))) >= e.session.cfg.Plan.Description.Filled().Threshold
}

// names says whether the target names every trustee who is silent.
func (e *election) names(s message.Status, silent []int64) bool {
	waiting := strings.Fields(s.Waiting)
	for _, index := range silent {
		found := false
		for _, id := range waiting {
			found = found || id == trusteeID(uint64(index))
		}
		if !found {
			return false
		}
	}
	return true
}

// comes waits for a result as long as publish does.
func (e *election) comes(ctx context.Context) (bool, message.Status, error) {
	patient, cancel := context.WithTimeout(ctx, min(e.session.cfg.Limits.Patience+3*e.took, e.session.cfg.Limits.Step/2))
	defer cancel()
	for {
		status, err := e.info(ctx)
		if err != nil {
			return false, status, err
		}
		if status.Phase == message.PhasePublished {
			return true, status, e.settled(ctx)
		}
		if !e.grows(patient, status.Size) {
			return false, status, ctx.Err()
		}
	}
}

// late is the answer that comes when the result stands.
func (e *election) late(ctx context.Context, silent []int64) error {
	trustees, err := ability[targets.Trustees](e, targets.Trustee)
	if err != nil {
		return err
	}
	for _, index := range silent {
		if e.session.playsTrustee(index) {
			continue
		}
		_, found, err := trustees.Decrypt(ctx, int(index))
		if err != nil {
			return wrapTarget(err)
		}
		e.session.alarms(by("trustee/"+number(index), found))
	}
	return nil
}

// garbage posts, for trustees that the harness plays, a worthless share of one
// contest and honest ones of all others.
func (e *election) garbage(ctx context.Context, st Step) error {
	for _, index := range st.Args.Ints("trustees") {
		t := e.trustees[index]
		if t == nil || t.Share() == nil {
			return fmt.Errorf("%w: the harness does not play trustee %d", ErrPlan, index)
		}
		args := st.Args.Clone()
		args["fault"], args["shift"] = "junk-proof", int64(1)
		contest, _ := e.session.cfg.Plan.Electorate.Contest(args.Text("contest"))
		if len(contest.Options) < 2 {
			return fmt.Errorf("%w: contest %q has no two options", ErrPlan, args.Text("contest"))
		}
		args["from"], args["to"] = contest.Options[0], contest.Options[1]
		var parcels []scrutineer.Parcel
		err := e.sealed(ctx, func(v *scrutineer.View) error {
			return e.session.compute(ctx, func() (err error) {
				f := forger{st: Step{Args: args}, view: v, trustee: t, shares: &scrutineer.Shares{View: v, Index: uint64(index), Secret: t.Share(),
					Quorum: quorum(v, uint64(index)), Random: e.session.stream(e, "trustee/"+number(index)+"/forged")}}
				parcels, err = f.all()
				return err
			})
		})
		if err != nil {
			return err
		}
		for _, p := range parcels {
			if _, err := e.submitEntry(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}
