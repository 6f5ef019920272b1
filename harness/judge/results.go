package judge

import (
	"strconv"
	"strings"

	"scrutineer/harness/action"
	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/oracle"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
)

// shown is what readers saw on channels.
func shown(h history.History) []oracle.Shown {
	var out []oracle.Shown
	for _, o := range h.Ops {
		if o.Op == action.OpShown && o.Type == event.OpOK {
			out = append(out, oracle.Shown{Channel: value(o, "channel"), Form: value(o, "form"), Totals: totals(o)})
		}
	}
	return out
}

// early is what somebody knew too soon.
func early(h history.History) []oracle.Early {
	var out []oracle.Early
	for _, o := range h.Ops {
		if o.Op == action.OpEarly && o.Type == event.OpOK {
			out = append(out, oracle.Early{By: o.Actor, Totals: totals(o), Leak: value(o, "leak")})
		}
	}
	return out
}

// notices are those that voters' clients showed.
func notices(h history.History) []oracle.Brought {
	var out []oracle.Brought
	for _, o := range h.Ops {
		if o.Op == action.OpNotice && o.Type == event.OpOK {
			out = append(out, oracle.Brought{Voter: o.Actor, Genuine: value(o, "genuine") == "true"})
		}
	}
	return out
}

// totals are the parameters "total" of an operation; nil where it has none.
func totals(o history.Op) map[string]map[string]uint64 {
	var out map[string]map[string]uint64
	for _, text := range values(o, "total") {
		f := strings.Fields(text)
		if len(f) != 3 {
			continue
		}
		n, err := strconv.ParseUint(f[2], 10, 53)
		if err != nil {
			continue
		}
		if out == nil {
			out = map[string]map[string]uint64{}
		}
		if out[f[0]] == nil {
			out[f[0]] = map[string]uint64{}
		}
		out[f[0]][f[1]] = n
	}
	return out
}

// watched says whether what watchers signed shows that a channel deviates from
// the record (S-74).
func (p proofs) watched(f event.Finding) bool {
	if p.in.Evidence == nil || p.board == nil || p.board.manifest == nil || p.board.result == nil || f.Evidence == nil || f.Evidence.File == "" {
		return false
	}
	raw, err := p.in.Evidence(f.Evidence.File)
	if err != nil {
		return false
	}
	c, err := codec.Decode[message.Capture](raw, codec.Limits{Size: 64 << 20})
	if err != nil {
		return false
	}
	at := p.board.opened()
	if at < 0 {
		return false
	}
	why, err := scrutineer.Deviates(p.board.manifest, p.board.entries[at].Context, *p.board.result, c)
	return err == nil && why != ""
}
