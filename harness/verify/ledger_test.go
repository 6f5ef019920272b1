package verify

import "testing"

// TestNothingVacuous: a check that saw too little fails V-44 where no fault
// explains it, and is not made where one does.
func TestNothingVacuous(t *testing.T) {
	l := newLedger(10)
	l.expect(Selections, 5)
	l.see(Selections, 4)
	rows := l.close()
	if rows[Selections-1].Status != NotMade || rows[NothingVacuous-1].Status != Failed {
		t.Errorf("unexplained: %+v, %+v", rows[Selections-1], rows[NothingVacuous-1])
	}
	if rows[Sums-1].Status != Passed || rows[Pins-1].Status != NotPinned {
		t.Errorf("others: %+v, %+v", rows[Sums-1], rows[Pins-1])
	}

	l = newLedger(10)
	l.expect(Selections, 5)
	l.add(found(BallotShape, "a fault"))
	rows = l.close()
	if rows[Selections-1].Status != NotMade || rows[NothingVacuous-1].Status != NotMade || rows[BallotShape-1].Status != Failed {
		t.Errorf("explained: %+v, %+v", rows[Selections-1], rows[NothingVacuous-1])
	}

	l = newLedger(10)
	l.block("nothing there", Totals)
	if rows = l.close(); rows[Totals-1].Status != NotMade || rows[NothingVacuous-1].Status != Failed {
		t.Errorf("blocked: %+v, %+v", rows[Totals-1], rows[NothingVacuous-1])
	}
}

func TestClip(t *testing.T) {
	for _, s := range []string{"", "short", string(make([]rune, 300)), "€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€"} {
		if got := clip(s); len(got) > maxText+len("…") {
			t.Errorf("clip leaves %d bytes", len(got))
		}
	}
}
