package oracle

import (
	"fmt"
	"strings"
	"testing"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
)

// TestTold: who knows is damage, who guesses is none, and few ids decide
// nothing.
func TestTold(t *testing.T) {
	e := honest()
	var asked, all, half []string
	e.Electorate.Voters = nil
	for i := range 100 {
		voter, nobody := fmt.Sprintf("voter-%d", i), fmt.Sprintf("nobody-%d", i)
		e.Electorate.Voters = append(e.Electorate.Voters, history.Voter{Name: voter})
		asked, all = append(asked, voter, nobody), append(all, voter)
		if i%2 == 0 {
			half = append(half, voter, nobody)
		}
	}
	for name, c := range map[string]struct {
		asked, told       []string
		damage, undecided bool
	}{
		"knows": {asked, all, true, false}, "guesses": {asked, half, false, false}, "says nothing": {asked, nil, false, false},
		"few": {asked[:10], all[:5], false, true},
	} {
		e.History.Ops = []history.Op{{Operation: event.Operation{Op: history.OpTold, Type: event.OpOK, Params: []event.Param{
			{Name: "asked", Value: strings.Join(c.asked, " ")}, {Name: "told", Value: strings.Join(c.told, " ")}}}}}
		if r := Told(e); (len(r.Damage) > 0) != c.damage || (r.Undecided != "") != c.undecided {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
