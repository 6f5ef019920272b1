package judge

import (
	"strconv"

	"scrutineer/harness/action"
	"scrutineer/harness/history"
	"scrutineer/harness/oracle"
	"scrutineer/reports/event"
)

// visits are those of honest voters during floods.
func visits(h history.History) []oracle.Visit {
	var out []oracle.Visit
	for _, o := range h.Ops {
		if o.Op == action.OpArrive {
			out = append(out, oracle.Visit{Flood: value(o, "flood"), Most: value(o, "most") == "true", Served: o.Type == event.OpOK})
		}
	}
	return out
}

// loads are the stages of floods with their figures.
func loads(h history.History) []event.Load {
	var out []event.Load
	for _, o := range h.Ops {
		if o.Op != action.OpLoad {
			continue
		}
		n := func(name string) int64 {
			v, err := strconv.ParseInt(value(o, name), 10, 64)
			if err != nil || v < 0 || v > 1<<40 {
				return 0
			}
			return v
		}
		out = append(out, event.Load{Flood: value(o, "flood"), Capacity: n("capacity"), Attack: n("attack"),
			Arrivals: n("arrivals"), Served: min(n("served"), n("arrivals")), P50MS: n("p50"), P99MS: n("p99"),
			Sent: n("sent"), Refused: n("refused"), Held: n("held"), Missed: n("missed")})
	}
	return out
}
