// Package coverage holds the verifier's checks against those that others have
// published: of ElectionGuard, Swiss Post, Belenios, IVXV and Verificatum, and
// against the union of all of them with what none of them makes. Each row
// names the checks of ours that cover it, or says why there is nothing to
// cover. The page docs/verifier-coverage.md is made of it.
//
// It is a table and makes no check.
package coverage

import v "scrutineer/harness/verify"

// Source is where a list of checks was published.
type Source struct {
	Prefix string
	Title  string
	Note   string
	Rows   []Row
}

// Row is one check of others.
type Row struct {
	ID   string
	What string // what it asks, in our words
	// By are the checks of ours that cover it.
	By []v.Check
	// Note says what differs, or, where By is empty, why there is nothing to
	// cover.
	Note string
}

// Sources are all lists.
func Sources() []Source {
	return []Source{
		{"EG", "ElectionGuard design specification 2.1.0", "The numbers are those of its verification boxes.", electionGuard()},
		{"SP", "Swiss Post verifier specification 1.6.0", "Consistency and evidence checks under their numbers; 4.01 and 9.01 stand for the domain checks that have none there.", swissPost()},
		{"BEL", "Belenios specification and tool 2.0", "Numbered here in the order of its documents: it has no numbers of its own.", belenios()},
		{"IVXV", "IVXV protocol documents", "Numbered here.", ivxv()},
		{"VMN", "Verificatum verifier", "Numbered here.", verificatum()},
		{"U", "The union", "What any of them asks, by topic, and what none does: those are marked.", union()},
	}
}

func by(checks ...v.Check) []v.Check { return checks }

// Reasons that stand in several rows.
const (
	noPacks     = "does not apply: there are no pre-encrypted ballots"
	noMix       = "does not apply: the tally is homomorphic and nothing is shuffled"
	noCodes     = "does not apply: there are no return codes; cast as intended by challenges (V-28)"
	noWriteIns  = "does not apply: a contest has its options and blank, and no free text"
	oneStore    = "does not apply: there is one board and no second store to compare it with; that all see one board is for the witnesses (V-02) and what people kept (V-45)"
	outOfRecord = "not a check of the record: "
)
