package oracle

import (
	"strings"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
)

// Told is O.tell: of the voter ids that an adversary asked for he named those
// that are somebody's, and was right about so many that, with 99 % confidence,
// the rate is more than 0.1 above one half.
func Told(e Evidence) Report {
	var out Report
	for _, o := range e.History.Ops {
		if o.Op != history.OpTold || o.Type != event.OpOK {
			continue
		}
		told := map[string]bool{}
		for _, id := range strings.Fields(value(o.Params, "told")) {
			told[id] = true
		}
		asked := strings.Fields(value(o.Params, "asked"))
		right := 0
		for _, id := range asked {
			if _, known := e.Electorate.Voter(id); known == told[id] {
				right++
			}
		}
		switch {
		case len(asked) < enough:
			out.Undecided = "too few ids to tell from guessing"
		case LowerBound(right, len(asked), confidence) > 0.5+margin:
			out.Damage = append(out.Damage, damage("O.tell", "of %d ids the adversary knows of %d whether they are voters'", len(asked), right))
		}
	}
	return out
}

// value is that of a parameter; empty where there is none.
func value(params []event.Param, name string) string {
	for _, p := range params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}
