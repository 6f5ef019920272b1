package judge

import (
	"slices"
	"strconv"

	"scrutineer/harness/action"
	"scrutineer/harness/history"
	"scrutineer/harness/oracle"
	"scrutineer/reports/event"
)

// readings are what an adversary read in ballots, contest by contest.
func readings(h history.History) []oracle.Reading {
	var out []oracle.Reading
	for _, o := range h.Ops {
		if o.Op != action.OpRead || o.Type != event.OpOK || o.Ballot == nil {
			continue
		}
		for contest, s := range history.VoteOf(o.Ballot.Choices) {
			out = append(out, oracle.Reading{Game: value(o, "game"), Voter: value(o, "voter"), Contest: contest, Guess: s})
		}
	}
	return out
}

// rounds are those of games in which voters audit their devices. A round is
// noticed where an audit of one of its voters was not content.
func rounds(h history.History) []oracle.Round {
	var out []oracle.Round
	var voters [][]string
	for _, o := range h.Ops {
		if o.Op != action.OpRound {
			continue
		}
		out = append(out, oracle.Round{Game: value(o, "game"), Voters: len(values(o, "voter")),
			Flip: thousandths(value(o, "flip")), Audit: thousandths(value(o, "audit"))})
		voters = append(voters, values(o, "voter"))
	}
	for _, o := range h.Ops {
		if o.Op != action.OpAudit {
			continue
		}
		for i := range out {
			if out[i].Game == value(o, "game") && slices.Contains(voters[i], o.Actor) {
				out[i].Audited = true
				out[i].Noticed = out[i].Noticed || o.Type == event.OpRefused
			}
		}
	}
	return out
}

// value is the first parameter of that name.
func value(o history.Op, name string) string {
	if all := values(o, name); len(all) > 0 {
		return all[0]
	}
	return ""
}

func values(o history.Op, name string) []string {
	var out []string
	for _, p := range o.Params {
		if p.Name == name {
			out = append(out, p.Value)
		}
	}
	return out
}

// thousandths reads a rate; what is none is no chance at all.
func thousandths(text string) float64 {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n > 1000 {
		return 0
	}
	return float64(n) / 1000
}
