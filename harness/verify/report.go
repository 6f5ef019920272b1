package verify

import "scrutineer/protocols/message"

// Status is what became of a check.
type Status string

// The statuses. NotPinned is V-09's where the user gave nothing to compare
// with.
const (
	Passed    Status = "passed"
	Failed    Status = "failed"
	NotMade   Status = "not-made"
	NotPinned Status = "not-pinned"
)

// Ending is how a record ends.
type Ending string

// The endings.
const (
	Complete   Ending = "complete"   // with a result
	Aborted    Ending = "aborted"    // the key ceremony was aborted
	Incomplete Ending = "incomplete" // neither
)

// Report is what a record was found to be. It depends on the record and the
// pins alone, not on time, machine or number of workers.
type Report struct {
	// Passed is true where every check was made and passed.
	Passed   bool          `json:"passed"`
	Ending   Ending        `json:"ending"`
	Protocol string        `json:"protocol"`
	Identity Identity      `json:"identity"`
	Counts   Counts        `json:"counts"`
	Checks   []CheckResult `json:"checks"`
	Findings []Finding     `json:"findings"`
	// Contests are the totals that the shares decrypt to, and the outcome as
	// recomputed from them; empty before there are shares.
	Contests []ContestTotals `json:"contests"`
	// Culprit is whom an abort names.
	Culprit string `json:"culprit,omitempty"`
}

// CheckResult is one row of the table.
type CheckResult struct {
	Check    Check  `json:"check"`
	Title    string `json:"title"`
	Status   Status `json:"status"`
	Expected uint64 `json:"expected"` // objects that signed data say there are
	Seen     uint64 `json:"seen"`
	Faults   uint64 `json:"faults"` // all, also those beyond the findings kept
	Note     string `json:"note,omitempty"`
}

// Identity is what to compare with what one got elsewhere. Digests are absent
// where the record does not get so far.
type Identity struct {
	Title       string         `json:"title,omitempty"`
	Test        bool           `json:"test"`
	Ceremony    uint64         `json:"ceremony,omitempty"`
	BoardKey    message.Key    `json:"boardKey"`
	Origin      string         `json:"origin,omitempty"`
	SetupID     message.Digest `json:"setupID"`
	Fingerprint message.Digest `json:"fingerprint"`
	ElectionKey message.Digest `json:"electionKey"`
	SealedRoot  message.Digest `json:"sealedRoot"`
	Size        uint64         `json:"size"`
	Root        message.Digest `json:"root"` // recomputed from the entries
}

// Counts are the sizes of things.
type Counts struct {
	Entries     uint64 `json:"entries"`
	Credentials uint64 `json:"credentials"`
	Casts       uint64 `json:"casts"`
	Challenges  uint64 `json:"challenges"`
	Counted     uint64 `json:"counted"`    // ballots in the counted set
	Superseded  uint64 `json:"superseded"` // ballots that a later one of the same voter replaced
	Refused     uint64 `json:"refused"`    // casts that do not count because a check failed
	Cells       uint64 `json:"cells"`
	Withheld    uint64 `json:"withheld"`
}

// ContestTotals are the totals of one contest.
type ContestTotals struct {
	Contest string       `json:"contest"`
	Options []string     `json:"options"` // then blank, where the contest allows it
	Totals  []uint64     `json:"totals"`
	Winners []string     `json:"winners"`
	Tied    []string     `json:"tied"`
	Cells   []CellTotals `json:"cells"`
}

// CellTotals are the totals of one cell. Totals is empty where the cell is
// withheld or could not be decrypted.
type CellTotals struct {
	Units    []string `json:"units"`
	Ballots  uint64   `json:"ballots"`
	Weight   uint64   `json:"weight"`
	Withheld bool     `json:"withheld"`
	Totals   []uint64 `json:"totals"`
}

// Check is the row of a check.
func (r *Report) Check(c Check) CheckResult {
	for _, row := range r.Checks {
		if row.Check == c {
			return row
		}
	}
	return CheckResult{}
}

// Failed are the numbers of the checks that failed, ascending.
func (r *Report) Failed() []Check {
	var out []Check
	for _, row := range r.Checks {
		if row.Status == Failed {
			out = append(out, row.Check)
		}
	}
	return out
}
