package verify

import (
	"fmt"
	"strings"
)

// Check is the number of a check of SPEC.md §6. The zero Check is none.
type Check int

// The checks, named after SPEC.md's table.
const (
	Files          Check = iota + 1 // V-01
	Heads                           // V-02
	Tree                            // V-03
	Prefixes                        // V-04
	Entries                         // V-05
	Order                           // V-06
	Signatures                      // V-07
	Manifest                        // V-08
	Pins                            // V-09
	DKGCommitments                  // V-10
	Coefficients                    // V-11
	Knowledge                       // V-12
	Dealing                         // V-13
	ElectionKey                     // V-14
	Credentials                     // V-15
	Fingerprint                     // V-16
	Decoding                        // V-17
	BallotShape                     // V-18
	Caster                          // V-19
	Selections                      // V-20
	Sums                            // V-21
	Uniqueness                      // V-22
	Tracker                         // V-23
	Decision                        // V-24
	Eligibility                     // V-25
	Chains                          // V-26
	Window                          // V-27
	Openings                        // V-28
	CastOrOpened                    // V-29
	Close                           // V-30
	Participation                   // V-31
	Seal                            // V-32
	AfterSeal                       // V-33
	Times                           // V-34
	Aggregates                      // V-35
	ShareSubject                    // V-36
	ShareProofs                     // V-37
	Quorum                          // V-38
	Totals                          // V-39
	Bounds                          // V-40
	ResultComplete                  // V-41
	Outcome                         // V-42
	ResultBound                     // V-43
	NothingVacuous                  // V-44
	Kept                            // V-45
	Authorisation                   // V-46
	IdentityList                    // V-47
	Minutes                         // V-48
	Packs                           // V-49
	CheckInList                     // V-50
	DeviceBallots                   // V-51
	Voids                           // V-52
	Inventory                       // V-53

	lastCheck = Inventory
)

// Checks are all checks in the order of their numbers.
func Checks() []Check {
	out := make([]Check, 0, lastCheck)
	for c := Files; c <= lastCheck; c++ {
		out = append(out, c)
	}
	return out
}

// String is the number as SPEC.md writes it.
func (c Check) String() string { return fmt.Sprintf("V-%02d", int(c)) }

// MarshalText writes the number as SPEC.md does.
func (c Check) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads V-01..V-53.
func (c *Check) UnmarshalText(text []byte) error {
	for i := Files; i <= lastCheck; i++ {
		if i.String() == string(text) {
			*c = i
			return nil
		}
	}
	return fmt.Errorf("no check %.10q", text)
}

// Title is the short name in SPEC.md's table.
func (c Check) Title() string {
	if c < Files || c > lastCheck {
		return ""
	}
	return explanations[c].title
}

// Explanation says what a check is for.
type Explanation struct {
	Check    Check
	Title    string
	Holds    string // what must hold
	Proves   string // what is known once it does, and to whom
	Protects string // whom that protects, and against what
	Else     string // what an attacker gains where nobody checks it
	Counts   string // which objects it counts
}

// String is the explanation as a paragraph.
func (e Explanation) String() string {
	return fmt.Sprintf("%s %s\nHolds if: %s.\nThen: %s.\nProtects: %s.\nOtherwise: %s.\nCounts: %s.",
		e.Check, e.Title, e.Holds, e.Proves, e.Protects, e.Else, e.Counts)
}

// Explain says what a check is for. It reports false for a number that is
// none.
func Explain(c Check) (Explanation, bool) {
	if c < Files || c > lastCheck {
		return Explanation{}, false
	}
	x := explanations[c]
	return Explanation{Check: c, Title: x.title, Holds: x.holds, Proves: x.proves, Protects: x.protects, Else: x.gain, Counts: x.counts}, true
}

// ParseCheck reads a number such as V-07, v07 or 7.
func ParseCheck(s string) (Check, bool) {
	s = strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(s), "V"), "-")
	for c := Files; c <= lastCheck; c++ {
		if s == fmt.Sprintf("%02d", int(c)) || s == fmt.Sprint(int(c)) {
			return c, true
		}
	}
	return 0, false
}
