package verdict

import (
	"slices"
	"strings"
	"testing"

	"scrutineer/reports/event"
)

func finding(role string, third bool) []event.Finding {
	return []event.Finding{{Kind: event.Alarm, Check: "V-21", Role: role, ThirdParty: third, Message: "index taken"}}
}

func damage(checks ...string) []event.Finding {
	var out []event.Finding
	for _, c := range checks {
		out = append(out, event.Finding{Kind: event.Damage, Check: c, Role: "oracle"})
	}
	return out
}

func TestJudge(t *testing.T) {
	hit := damage("O.tally")
	for _, c := range []struct {
		name   string
		facts  Facts
		e      Evidence
		attack event.Judgement
		twin   event.Judgement
	}{
		{"nothing", Facts{}, ThirdParty, event.Inconclusive, event.Clean},
		{"refused", Facts{Refusals: finding("authority", false)}, ThirdParty, event.Prevented, event.FalseAlarm},
		{"refused and noticed", Facts{Refusals: finding("authority", false), Alarms: finding("voter", true)}, ThirdParty, event.Prevented, event.FalseAlarm},
		{"alarm alone", Facts{Alarms: finding("voter", true)}, ThirdParty, event.Inconclusive, event.FalseAlarm},
		{"damage", Facts{Damage: hit}, ThirdParty, event.Undetected, event.Undetected},
		{"damage and proof", Facts{Damage: hit, Alarms: finding("voter", true)}, ThirdParty, event.Detected, event.Detected},
		{"damage noticed without proof", Facts{Damage: hit, Alarms: finding("voter", false)}, ThirdParty, event.Undetected, event.Undetected},
		{"damage noticed by a voter, which is enough", Facts{Damage: hit, Alarms: finding("voter/vera", false)}, VoterAlone, event.Detected, event.Detected},
		{"damage noticed by another, which is not", Facts{Damage: hit, Alarms: finding("auditor", false)}, VoterAlone, event.Undetected, event.Undetected},
		{"refused here, damaged there", Facts{Damage: hit, Refusals: finding("authority", false)}, ThirdParty, event.Undetected, event.Undetected},
		{"refused with proof, damaged all the same", Facts{Damage: hit, Refusals: finding("trustee", true)}, ThirdParty, event.Detected, event.Detected},
		{"broken", Facts{Damage: hit, Broken: "timeout"}, ThirdParty, event.Inconclusive, event.Inconclusive},
		{"missing", Facts{Missing: []string{"insider"}, Broken: "x", Damage: hit}, ThirdParty, event.Inapplicable, event.Inapplicable},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, why := Judge(c.facts, c.e)
			if j != c.attack {
				t.Errorf("attack: %s (%s)", j, why)
			}
			if (why == "") != (j != event.Inapplicable && j != event.Inconclusive) {
				t.Errorf("%s with reason %q", j, why)
			}
			if j, why := JudgeTwin(c.facts, c.e); j != c.twin {
				t.Errorf("twin: %s (%s)", j, why)
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	r := Run{Scenario: "A03", Case: "pair", Kind: event.Attack, Evidence: ThirdParty,
		Expected: Expectation{Judgement: event.Prevented, By: []string{"authority"}}, Facts: Facts{Refusals: finding("authority", false)}}
	v := r.Verdict()
	if v.Judgement != event.Prevented || !v.AsExpected || v.Why != "" || v.Summary != "Refused by the authority; nothing was damaged." || len(v.Alarms) != 1 {
		t.Errorf("%+v", v)
	}
	r.Facts = Facts{Refusals: finding("authority/1", false)}
	if v := r.Verdict(); !v.AsExpected || v.Summary != "Refused by the authority; nothing was damaged." {
		t.Errorf("prevented by one of the expected role: %+v", v)
	}
	r.Facts = Facts{Refusals: finding("trustee", false)}
	if v := r.Verdict(); v.AsExpected || !strings.Contains(v.Why, "expected the authority to refuse") {
		t.Errorf("prevented by another role: %+v", v)
	}
	r.Facts = Facts{Damage: damage("V-20", "O.accept", "V-07", "V-20"), Alarms: finding("voter", true)}
	v = r.Verdict()
	if v.AsExpected || v.Why != "expected prevented, found detected" || !slices.Equal(v.Checks, []string{"V-07", "V-20"}) {
		t.Errorf("%+v", v)
	}
	if len(v.Proofs) != 1 || v.Proofs[0].ToWhom != "anyone with the record" || v.Proofs[0].Check != "V-21" {
		t.Errorf("%+v", v.Proofs)
	}
	r.Kind, r.Expected = event.Planted, Through()
	r.Facts.Alarms = finding("voter", false)
	if v := r.Verdict(); !v.AsExpected || v.Proofs[0].ToWhom != "nobody but himself" {
		t.Errorf("%+v", v)
	}
	r.Facts.Refusals = finding("authority", false)
	if v := r.Verdict(); v.AsExpected || v.Judgement != event.Undetected || !strings.Contains(v.Why, "the authority refused some") {
		t.Errorf("a part was refused: %+v", v)
	}
	r.Kind, r.Expected, r.Facts = event.Twin, Quiet(), Facts{}
	if v := r.Verdict(); !v.AsExpected || v.Judgement != event.Clean || v.Summary == "" {
		t.Errorf("%+v", v)
	}
	for _, f := range []Facts{{Missing: []string{"insider"}}, {Broken: "x"}, {Alarms: finding("voter", false)}, {Damage: damage("O.tally")}} {
		r.Facts = f
		if v := r.Verdict(); v.Summary == "" || v.AsExpected || v.Why == "" {
			t.Errorf("%+v", v)
		}
	}
}

func TestRuns(t *testing.T) {
	good, bad := &event.Verdict{AsExpected: true}, &event.Verdict{Why: "expected clean, found false-alarm"}
	for _, c := range []struct {
		r        Runs
		planting bool
		want     int
	}{
		{Runs{good, good, good, good}, true, 0},
		{Runs{good, nil, good, nil}, false, 0},
		{Runs{good, nil, good, nil}, true, 2},
		{Runs{nil, nil, nil, nil}, false, 2},
		{Runs{good, good, bad, good}, true, 1},
		{Runs{good, nil, good, bad}, false, 1},
	} {
		if got := c.r.Unexpected(c.planting); len(got) != c.want {
			t.Errorf("%+v: %v", c.r, got)
		}
	}
}

func TestSeverity(t *testing.T) {
	for i, name := range Severities() {
		s, err := ParseSeverity(name)
		if err != nil || int(s) != i+1 || s.String() != name {
			t.Errorf("%s: %v %v", name, s, err)
		}
	}
	if _, err := ParseSeverity("Critical"); err == nil || Severity(0).String() != "severity(0)" {
		t.Error("what is no severity is one")
	}
}

func TestConclude(t *testing.T) {
	v := func(run event.RunKind, got, expected event.Judgement, s Severity) Graded {
		return Graded{event.Verdict{Run: run, Judgement: got, Expected: expected, AsExpected: got == expected}, s}
	}
	pass := v(event.Attack, event.Prevented, event.Prevented, High)
	for _, c := range []struct {
		name string
		vs   []Graded
		want Status
	}{
		{"none", nil, Open},
		{"pass", []Graded{pass}, Passed},
		{"nothing applicable", []Graded{v(event.Attack, event.Inapplicable, event.Prevented, High)}, Open},
		{"something applicable", []Graded{pass, v(event.Attack, event.Inapplicable, event.Prevented, High)}, Passed},
		{"inconclusive", []Graded{pass, v(event.Attack, event.Inconclusive, event.Prevented, Low)}, Open},
		{"finding", []Graded{pass, v(event.Attack, event.Undetected, event.Prevented, Medium)}, Found},
		{"finding below the limit", []Graded{pass, v(event.Attack, event.Undetected, event.Prevented, Low)}, Passed},
		{"less than expected", []Graded{v(event.Attack, event.Detected, event.Prevented, High)}, Found},
		{"more than expected", []Graded{v(event.Attack, event.Prevented, event.Detected, High)}, Passed},
		{"expected to go through", []Graded{v(event.Attack, event.Undetected, event.Undetected, High)}, Passed},
		{"survivor on a planted system", []Graded{v(event.Planted, event.Prevented, event.Undetected, Info)}, Found},
		{"false alarm", []Graded{v(event.Twin, event.FalseAlarm, event.Clean, Info)}, Found},
		{"finding beside inconclusive", []Graded{v(event.Attack, event.Inconclusive, event.Prevented, High), v(event.Attack, event.Undetected, event.Prevented, High)}, Found},
	} {
		if got := Conclude(c.vs, Medium); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	byOther := pass
	byOther.AsExpected = false
	if Conclude([]Graded{byOther}, Medium) != Found {
		t.Error("prevented by a role that was not expected is no finding")
	}
}
