package history

// Published is what an election shows to everybody, where the harness cannot
// read its record: saved, so that a run can be judged again.
type Published struct {
	// Election is the step that set it up.
	Election string `json:"election"`
	// Board is nil where there is none, Totals where nothing was published.
	Board  *Board  `json:"board"`
	Totals *Totals `json:"totals"`
}
