package runner_test

import (
	"slices"
	"testing"
	"time"

	"scrutineer/harness/scenario"
	"scrutineer/targets/core"
)

// Attacks on anything else come out as they do without an identity service
// where the election has one: forged ballots, races, what is cast and opened,
// and mangled bytes have their authorisations like every cast.
func TestAttacksWithAnIdentityService(t *testing.T) {
	cfg := config(t, core.New(time.Now), "A08", "B04", "C11", "H01")
	cfg.Matrix = false
	cfg.Probe = small(t)
	few := []string{"A08/too-few", "B04/cast-after-challenge", "C11/two", "C11/retry", "H01/cast"}
	for _, c := range cfg.Scenarios {
		c.Election.Identity = scenario.Identity("service")
	}
	cfg.Only = func(id, sub string) bool { return slices.Contains(few, id+"/"+sub) }
	s := run(t, cfg)
	for _, v := range s.Verdicts {
		if !v.AsExpected {
			t.Errorf("%s/%s %s %v: %s, %s\n  damage %+v\n  alarms %+v", v.Scenario, v.SubCase, v.Run, v.Planted, v.Judgement, v.Why, v.Damage, v.Alarms)
		}
	}
	if len(s.Verdicts) != 4*len(few) {
		t.Errorf("%d verdicts of %d sub-cases", len(s.Verdicts), len(few))
	}
}
