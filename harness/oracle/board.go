package oracle

import (
	"slices"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
)

// Turnout is INV3: no more ballots than voters who cast, and of every voter at
// most one stands. It looks at three places: the history (two ballots after
// one predecessor cannot both have been taken), the board (two children of one
// predecessor), and the published numbers of ballots.
func Turnout(e Evidence) Report {
	var r Report
	for _, c := range e.Allowed().Conflicts {
		r.Damage = append(r.Damage, damage("INV3", "%s", c))
	}
	r.Damage = append(r.Damage, e.forks()...)
	cast := map[string]bool{}
	for _, o := range e.History.Casts() {
		if o.Type != event.OpRefused {
			cast[o.Actor] = true
		}
	}
	for _, c := range e.cells() {
		if c.cell.Ballots == nil {
			continue
		}
		var voters uint64
		for _, v := range e.Electorate.Voters {
			if cast[v.Name] && slices.Contains(c.cell.Units, v.Unit) && slices.Contains(e.Electorate.Styles[v.Style], c.cell.Contest) {
				voters++
			}
		}
		if *c.cell.Ballots > voters {
			r.Damage = append(r.Damage, damage("INV3", "contest %s, %s: %d ballots of %d voters who cast", c.contest.ID, c.place, *c.cell.Ballots, voters))
		}
	}
	return r
}

// forks finds decisions on the board that name the same predecessor of the
// same voter.
func (e Evidence) forks() []event.Finding {
	if e.Board == nil {
		return nil
	}
	type place struct{ voter, predecessor string }
	first := map[place]string{}
	var out []event.Finding
	for _, x := range e.Board.Entries {
		if x.Voter == "" {
			continue
		}
		p := place{x.Voter, x.Predecessor}
		if t, twice := first[p]; twice && t != x.Tracker {
			out = append(out, at(damage("INV3", "%s has two ballots on the board after one predecessor", x.Voter), x.Index))
			continue
		}
		first[p] = x.Tracker
	}
	return out
}

// Promised is INV14: where a receipt promised an index that the board has
// reached, the promised entry stands there.
func Promised(e Evidence) Report {
	if e.Board == nil {
		return Report{}
	}
	var r Report
	for _, o := range e.receipts() {
		if o.Ballot.Index == nil || *o.Ballot.Index >= e.Board.Size {
			continue
		}
		i := slices.IndexFunc(e.Board.Entries, func(x history.Entry) bool { return x.Index == *o.Ballot.Index })
		if i >= 0 && e.Board.Entries[i].Tracker == o.Ballot.Tracker && mine(e.Board.Entries[i], o.Actor) {
			continue
		}
		r.Damage = append(r.Damage, at(damage("INV14", "the receipt of %s promises an index at which something else stands", o.Actor), *o.Ballot.Index))
	}
	return r
}

// Kept is INV15: at the seal every acknowledged ballot is on the board, and at
// any time every ballot on the board is one that its voter cast. A ballot of
// unknown outcome whose tracker never became known explains one entry of its
// voter.
func Kept(e Evidence) Report {
	if e.Board == nil {
		return Report{}
	}
	var r Report
	if e.Board.Sealed {
		for _, o := range e.receipts() {
			found := slices.ContainsFunc(e.Board.Entries, func(x history.Entry) bool {
				return x.Tracker == o.Ballot.Tracker && mine(x, o.Actor)
			})
			if f := damage("INV15", "the ballot of %s was acknowledged and is not on the board", o.Actor); !found && !said(r.Damage, f) {
				r.Damage = append(r.Damage, f)
			}
		}
	}
	r.Damage = append(r.Damage, e.surplus()...)
	return r
}

// surplus finds entries that nobody cast.
func (e Evidence) surplus() []event.Finding {
	trackers := map[string][]string{} // to the voters who cast it
	nameless := map[string]int{}
	for _, o := range e.History.Casts() {
		switch {
		case o.Type == event.OpRefused:
		case o.Ballot == nil || o.Ballot.Tracker == "":
			nameless[o.Actor]++
		default:
			trackers[o.Ballot.Tracker] = append(trackers[o.Ballot.Tracker], o.Actor)
		}
	}
	var out []event.Finding
	for _, x := range e.Board.Entries {
		if slices.ContainsFunc(trackers[x.Tracker], func(voter string) bool { return mine(x, voter) }) {
			continue
		}
		if x.Voter != "" && nameless[x.Voter] > 0 {
			nameless[x.Voter]--
			continue
		}
		who := x.Voter
		if who == "" {
			who = "an unknown voter"
		}
		out = append(out, at(damage("INV15", "a ballot of %s is on the board that the voter did not cast", who), x.Index))
	}
	return out
}

// mine says whether an entry may be the voter's.
func mine(x history.Entry, voter string) bool { return x.Voter == "" || x.Voter == voter }

// said says whether a finding is there already.
func said(fs []event.Finding, f event.Finding) bool {
	return slices.ContainsFunc(fs, func(x event.Finding) bool { return x.Check == f.Check && x.Message == f.Message })
}

// receipts lists the voters' acknowledged casts with a tracker.
func (e Evidence) receipts() []history.Op {
	var out []history.Op
	for _, o := range e.History.Casts() {
		if o.Type == event.OpOK && o.Ballot != nil && o.Ballot.Tracker != "" {
			out = append(out, o)
		}
	}
	return out
}
