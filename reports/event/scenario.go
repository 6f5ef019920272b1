package event

// ScenarioInfo is what a report tells about a scenario: the parts of its
// file that a reader needs.
type ScenarioInfo struct {
	// ID and Slug are those of the catalogue: A03, weakfs-ballot-forge.
	ID    string `json:"id"`
	Slug  string `json:"slug,omitempty"`
	Title string `json:"title"`
	// Stage is the phase of ENISA's lifecycle, with a sub-phase after a slash:
	// voting/cast.
	Stage  string `json:"stage"`
	Vector string `json:"vector"`
	Actor  string `json:"actor"`
	// Properties are those that the attack aims at: CAI, RAC, TAR, …
	Properties []string `json:"properties,omitempty"`
	Severity   string   `json:"severity,omitempty"`
	// Mechanism says how the attack works.
	Mechanism string `json:"mechanism,omitempty"`
	// Defence says what stops it on a sound system.
	Defence string `json:"defence,omitempty"`
	// JudgedAt is accepted, sealed or result.
	JudgedAt string `json:"judged_at,omitempty"`
	// Expect is the judgement expected of the attack on a sound system.
	Expect Judgement `json:"expect,omitempty"`
	// References are the published flaws and papers that it reproduces.
	References []Reference `json:"references,omitempty"`
	// Requirements are the clauses that it touches.
	Requirements []Requirement `json:"requirements,omitempty"`
	SubCases     []SubCase     `json:"sub_cases,omitempty"`
}

// Reference is a publication; URL may be empty.
type Reference struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
}

// Requirement is a clause of a standard: "CoE Rec(2017)5", "15".
type Requirement struct {
	Standard string `json:"standard"`
	Clause   string `json:"clause"`
	// Basis is recalled where the number of the clause is from memory and must
	// be checked before it is quoted; otherwise it was seen.
	Basis string `json:"basis,omitempty"`
}

// Requirements are the clauses that a run is measured against, tested or not.
type Requirements struct {
	Standards []Standard `json:"standards"`
}

// Standard is a document with numbered clauses.
type Standard struct {
	Name    string   `json:"name"`
	Title   string   `json:"title,omitempty"`
	Clauses []Clause `json:"clauses"`
}

// Clause is one of them.
type Clause struct {
	ID string `json:"id"`
	// Says is what it asks for, in our words.
	Says string `json:"says,omitempty"`
	// Basis is recalled where the number must be checked before it is quoted.
	Basis string `json:"basis,omitempty"`
	// Attacks are those of the catalogue that touch it, built or not.
	Attacks []string `json:"attacks,omitempty"`
}

// SubCase is one variant of a scenario.
type SubCase struct {
	ID     string    `json:"id"`
	Title  string    `json:"title,omitempty"`
	Expect Judgement `json:"expect,omitempty"`
	// Planted are the minimal sets of weaknesses that let it through.
	Planted [][]string `json:"planted,omitempty"`
}

func (s *ScenarioInfo) check() error {
	if s.ID == "" {
		return errNoID
	}
	if s.Expect != "" {
		if err := oneOf("expect", s.Expect, judgements); err != nil {
			return err
		}
	}
	for _, c := range s.SubCases {
		if c.Expect == "" {
			continue
		}
		if err := oneOf("sub_cases.expect", c.Expect, judgements); err != nil {
			return err
		}
	}
	return nil
}

// ScenarioStarted says that an election of a scenario began, for progress
// bars and time lines.
type ScenarioStarted struct {
	Scenario string   `json:"scenario"`
	SubCase  string   `json:"sub_case,omitempty"`
	Run      RunKind  `json:"run"`
	Planted  []string `json:"planted,omitempty"`
}

func (s *ScenarioStarted) check() error {
	if s.Scenario == "" {
		return errNoID
	}
	return oneOf("run", s.Run, runKinds)
}
