package runner_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"scrutineer/harness/scenario"
	"scrutineer/harness/scenarios"
	"scrutineer/harness/vocabulary"
	"scrutineer/targets/core"
)

// Attacks on anything else come out as they do without an identity service
// where the election has one: forged ballots, races, what is cast and opened,
// and mangled bytes have their authorisations like every cast.
func TestAttacksWithAnIdentityService(t *testing.T) {
	cfg := config(t, core.New(time.Now))
	cfg.Scenarios = nil
	for _, id := range []string{"A08", "B04", "C11", "H01"} {
		text, err := scenarios.Files.ReadFile(id + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.Replace(text, []byte("\nelection:\n"), []byte("\nelection:\n  identity: service\n"), 1)
		c, err := scenario.Parse(id+".yaml", text, vocabulary.Standard())
		if err != nil {
			t.Fatal(err)
		}
		if c.Election.Identity != "service" {
			t.Fatalf("%s has no identity service", id)
		}
		cfg.Scenarios = append(cfg.Scenarios, c)
	}
	cfg.Matrix = false
	cfg.Probe = small(t)
	few := []string{"A08/too-few", "B04/cast-after-challenge", "C11/two", "C11/retry", "H01/cast"}
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
