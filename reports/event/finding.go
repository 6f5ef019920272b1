package event

// FindingKind separates what broke from who noticed.
type FindingKind string

// The kinds of findings.
const (
	// Damage is established by oracles and the independent verifier.
	Damage FindingKind = "damage"
	// Alarm is raised by the system's own procedure.
	Alarm FindingKind = "alarm"
)

var findingKinds = []FindingKind{Damage, Alarm}

// Finding is one thing that a check saw.
type Finding struct {
	Kind FindingKind `json:"kind"`
	// Check is a number of the specification (V-07) or a named oracle or check.
	Check string `json:"check"`
	// Role made the check (box, trustee, voter, verifier, oracle, …).
	Role string `json:"role,omitempty"`
	// Culprit is who can be blamed; empty where nobody can.
	Culprit string `json:"culprit,omitempty"`
	Message string `json:"message"`
	// ThirdParty is true where the evidence convinces without secrets.
	ThirdParty bool      `json:"third_party,omitzero"`
	Evidence   *Evidence `json:"evidence,omitzero"`
}

// Evidence is what a third party re-checks: a place and a failed equation.
type Evidence struct {
	// Entry is the index on the board.
	Entry   *int64 `json:"entry,omitzero"`
	Contest string `json:"contest,omitempty"`
	Option  string `json:"option,omitempty"`
	// Equation is the formula that failed, Left and Right its two sides.
	Equation string `json:"equation,omitempty"`
	Left     string `json:"left,omitempty"`
	Right    string `json:"right,omitempty"`
	// Expected and Seen count objects, as text; empty where nothing is counted.
	Expected string `json:"expected,omitempty"`
	Seen     string `json:"seen,omitempty"`
	// File is below the run folder, with slashes.
	File string `json:"file,omitempty"`
}

func (f *Finding) check() error {
	return oneOf("kind", f.Kind, findingKinds)
}

func checkFindings(fs []Finding) error {
	for i := range fs {
		if err := fs[i].check(); err != nil {
			return err
		}
	}
	return nil
}
