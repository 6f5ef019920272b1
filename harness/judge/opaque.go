package judge

import (
	"fmt"

	"scrutineer/harness/action"
	"scrutineer/harness/history"
	"scrutineer/harness/oracle"
	"scrutineer/reports/event"
)

// opaque forms an opinion on an election whose ballots only the target could
// read. The oracles are the same; what no honest voter casts is known from the
// history, because it was the harness that cast it. An alarm convinces others
// where the system's own verifier, which anybody may run, raised it twice.
func opaque(in Input, all history.History) (Opinion, error) {
	var out Opinion
	shown := history.Published{}
	if in.Published != nil {
		shown = *in.Published
	}
	e := oracle.Evidence{Electorate: &in.Case.Electorate, History: in.History, Board: shown.Board, Totals: shown.Totals,
		Rejections: taken(in.History, shown.Board), Readings: readings(in.History), Rounds: rounds(in.History)}
	told, err := oracle.Judge(oracle.Standard(), in.Case.Oracles, e)
	if err != nil {
		return out, err
	}
	if shown.Board != nil {
		out.Ballots = shown.Board.Size
	}
	out.conclude(e, told, all, proofs{in: in})
	return out, nil
}

// taken are the casts that no honest voter makes, and that the target took: it
// acknowledged them, and they stand on its board where it has one.
func taken(h history.History, b *history.Board) []event.Finding {
	var out []event.Finding
	for _, o := range h.Ops {
		what := ""
		for _, p := range o.Params {
			if p.Name == action.ParamForgery {
				what = p.Value
			}
		}
		if o.Op != history.OpCast || o.Type != event.OpOK || what == "" || !onBoard(h, b, o) {
			continue
		}
		once(&out, event.Finding{Kind: event.Damage, Check: "O.accept", Role: "oracle", Message: fmt.Sprintf("the box took %s", what)})
	}
	return out
}

// onBoard says whether a forged ballot stands on the board: in the name of who
// cast it, or once more than honest casts of the same bytes explain.
func onBoard(h history.History, b *history.Board, o history.Op) bool {
	if b == nil || o.Ballot == nil {
		return true
	}
	honest := map[string]bool{}
	for _, c := range h.Casts() {
		if !c.Adversary && c.Type == event.OpOK && c.Ballot != nil && c.Ballot.Tracker == o.Ballot.Tracker {
			honest[c.Actor] = true
		}
	}
	n := 0
	for _, x := range b.Entries {
		if x.Tracker != o.Ballot.Tracker {
			continue
		}
		n++
		if x.Voter != "" && x.Voter == o.Actor && !honest[o.Actor] {
			return true
		}
	}
	return n > len(honest)
}
