package verify

import (
	"cmp"
	"fmt"
	"slices"
)

// tally is what one step adds to the ledger: objects counted and faults.
// Workers fill one for each batch; the fold merges them in order.
type tally struct {
	expected, seen [lastCheck + 1]uint64
	findings       []*Finding
	faults         [lastCheck + 1]uint64
	keep           int // findings to keep of each check
}

func (t *tally) expect(c Check, n int) { t.expected[c] += uint64(n) }
func (t *tally) see(c Check, n int)    { t.seen[c] += uint64(n) }

// both counts objects that were expected and are being looked at.
func (t *tally) both(c Check, n int) { t.expect(c, n); t.see(c, n) }

// add records a fault. Beyond the number to keep it is only counted.
func (t *tally) add(f *Finding) {
	t.faults[f.Check]++
	if t.faults[f.Check] <= uint64(t.keep) {
		t.findings = append(t.findings, f)
	}
}

// ledger is the sum of all tallies, with the checks that could not be made.
type ledger struct {
	tally
	kept    [lastCheck + 1]int
	blocked [lastCheck + 1]string
	notes   [lastCheck + 1]string
}

func newLedger(keep int) *ledger { return &ledger{tally: tally{keep: keep}} }

// add records a fault and keeps the first ones of each check.
func (l *ledger) add(f *Finding) {
	l.faults[f.Check]++
	l.retain(f)
}

func (l *ledger) retain(f *Finding) {
	if l.kept[f.Check] < l.keep {
		l.kept[f.Check]++
		l.findings = append(l.findings, f)
	}
}

// merge adds what another tally counted.
func (l *ledger) merge(t *tally) {
	for c := range t.expected {
		l.expected[c] += t.expected[c]
		l.seen[c] += t.seen[c]
		l.faults[c] += t.faults[c]
	}
	for _, f := range t.findings {
		l.retain(f)
	}
}

// block says that checks cannot be made because an earlier one failed. The
// first reason stands.
func (l *ledger) block(reason string, checks ...Check) {
	for _, c := range checks {
		if l.blocked[c] == "" {
			l.blocked[c] = reason
		}
	}
}

// failed reports whether a check has a fault.
func (l *ledger) failed(c Check) bool { return l.faults[c] > 0 }

// anyFailed is the first check with a fault, or 0.
func (l *ledger) anyFailed() Check {
	for c := Files; c <= lastCheck; c++ {
		if l.failed(c) {
			return c
		}
	}
	return 0
}

// close makes the rows of the report. V-44 is made last, over all the others.
func (l *ledger) close() []CheckResult {
	rows := make([]CheckResult, 0, int(lastCheck))
	l.expected[NothingVacuous] = uint64(lastCheck) - 1
	l.seen[NothingVacuous] = 0
	unexplained := l.failed(NothingVacuous)
	for _, c := range Checks() {
		row := l.row(c)
		rows = append(rows, row)
		switch {
		case c == NothingVacuous:
		case row.Status != NotMade:
			l.seen[NothingVacuous]++
		case l.anyFailed() == 0:
			unexplained = true
			l.add(found(NothingVacuous, "%s saw %d objects where signed data say %d, and no fault explains it",
				c, row.Seen, row.Expected).counts(row.Expected, row.Seen))
		}
	}
	if !unexplained && l.seen[NothingVacuous] < l.expected[NothingVacuous] {
		l.block(fmt.Sprintf("%s failed", l.anyFailed()), NothingVacuous)
	}
	rows[NothingVacuous-1] = l.row(NothingVacuous)
	return rows
}

func (l *ledger) row(c Check) CheckResult {
	row := CheckResult{Check: c, Title: c.Title(), Expected: l.expected[c], Seen: l.seen[c], Faults: l.faults[c], Note: l.notes[c]}
	switch {
	case l.faults[c] > 0:
		row.Status = Failed
	case l.blocked[c] != "":
		row.Status, row.Note = NotMade, l.blocked[c]
	case row.Expected != row.Seen:
		row.Status = NotMade
		row.Note = fmt.Sprintf("saw %d of %d", row.Seen, row.Expected)
		if first := l.anyFailed(); first != 0 {
			row.Note += fmt.Sprintf(", after %s failed", first)
		}
	case (c == Pins || c == Kept) && row.Expected == 0:
		row.Status = NotPinned
	default:
		row.Status = Passed
	}
	return row
}

// sorted are the findings in the order of checks, then of entries.
func (l *ledger) sorted() []Finding {
	slices.SortStableFunc(l.findings, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), compareEntries(a.Evidence.Entry, b.Evidence.Entry))
	})
	return values(l.findings)
}

func compareEntries(a, b *uint64) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return cmp.Compare(*a, *b)
}
