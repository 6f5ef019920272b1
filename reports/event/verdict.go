package event

// RunKind is one of the three runs of a scenario.
type RunKind string

// The three runs. A twin with a planted set ran on the weak system, one
// without on the sound system.
const (
	Attack  RunKind = "attack"
	Planted RunKind = "planted"
	Twin    RunKind = "twin"
)

var runKinds = []RunKind{Attack, Planted, Twin}

// Judgement is what was concluded about one election.
type Judgement string

// The judgements of an attack or planted run, then those that only an honest
// twin can have.
const (
	// Prevented: refused, no damage.
	Prevented Judgement = "prevented"
	// Detected: damage, and an alarm that a third party can re-check.
	Detected Judgement = "detected"
	// Undetected: damage without such an alarm.
	Undetected Judgement = "undetected"
	// Inapplicable: the target lacks an ability.
	Inapplicable Judgement = "inapplicable"
	// Inconclusive: neither damage nor refusal, or assumptions not met.
	Inconclusive Judgement = "inconclusive"

	// Clean: an honest twin without damage and without alarm.
	Clean Judgement = "clean"
	// FalseAlarm: an honest twin in which something cried wolf.
	FalseAlarm Judgement = "false-alarm"
)

var judgements = []Judgement{Prevented, Detected, Undetected, Inapplicable, Inconclusive, Clean, FalseAlarm}

// Outcome is the outcome of an operation or step.
type Outcome string

// The three outcomes. An operation that timed out is unknown, never refused.
const (
	OK      Outcome = "ok"
	Refused Outcome = "refused"
	Unknown Outcome = "unknown"
)

var outcomes = []Outcome{OK, Refused, Unknown}

// Verdict is the judgement on one election of a scenario.
type Verdict struct {
	// Scenario is the id of the catalogue, Title its title.
	Scenario string `json:"scenario"`
	Title    string `json:"title,omitempty"`
	SubCase  string `json:"sub_case,omitempty"`
	// Run is which of the three runs this was, Planted the set of weaknesses
	// in force, sorted; empty means the sound system.
	Run     RunKind  `json:"run"`
	Planted []string `json:"planted,omitempty"`

	Judgement  Judgement `json:"judgement"`
	Expected   Judgement `json:"expected"`
	AsExpected bool      `json:"as_expected"`
	// Summary is one sentence for a reader who reads nothing else. It names
	// no time, port or board index, so that it is equal for equal seeds.
	Summary string `json:"summary"`
	// Waiver says why a verdict is put up with that ought to be better.
	Waiver *Waiver `json:"waiver,omitzero"`
	// Why says what is missing, of an inapplicable or inconclusive verdict.
	Why string `json:"why,omitempty"`

	// Damage is what broke by ground truth and record, Alarms what the
	// system's own procedure raised.
	Damage []Finding `json:"damage,omitempty"`
	Alarms []Finding `json:"alarms,omitempty"`
	// Steps is what the adversary (or its honest twin) did, in order.
	Steps []Step `json:"steps,omitempty"`
	// Tallies compares published totals with the truth, where there are any.
	Tallies []Tally `json:"tallies,omitempty"`
	// Measured are the figures of games of chance, where any was played.
	Measured []Measured `json:"measured,omitempty"`
	// Loads are the stages of floods, where there was any.
	Loads []Load `json:"loads,omitempty"`
	// Proofs say who can prove what to whom.
	Proofs []Proof `json:"proofs,omitempty"`
	// Checks are the numbers (V-07) at which the independent verifier fired.
	Checks []string `json:"checks,omitempty"`
	// Evidence are files below the run folder.
	Evidence []FileRef `json:"evidence,omitempty"`

	// SameAs is another sub-case of the scenario that has the same honest twin;
	// this verdict is that of its election.
	SameAs string `json:"same_as,omitempty"`
	// Replay is the exact command that repeats this one, with its seed.
	Replay string `json:"replay,omitempty"`
	// StartMS is milliseconds since the run began.
	StartMS    int64 `json:"start_ms"`
	DurationMS int64 `json:"duration_ms"`
	// Dir is the folder with history.jsonl below the run folder, with slashes.
	Dir string `json:"dir,omitempty"`
}

// Surprising says that a verdict is not as expected. What a target has no
// ability for surprises nobody.
func (v Verdict) Surprising() bool { return !v.AsExpected && v.Judgement != Inapplicable }

// Waiver excuses a verdict until a day, which is written 2027-01-31.
type Waiver struct {
	Reason  string `json:"reason"`
	Expires string `json:"expires"`
}

// Step is one thing an actor did.
type Step struct {
	Actor  string `json:"actor"`
	Action string `json:"action"`
	// Adversary is true for what an honest participant would not do.
	Adversary bool    `json:"adversary,omitzero"`
	Params    []Param `json:"params,omitempty"`
	Outcome   Outcome `json:"outcome"`
	Detail    string  `json:"detail,omitempty"`
	// Race names the group of steps that ran at once, whose winner is chance.
	Race string `json:"race,omitempty"`
	// AtMS is milliseconds since this election began.
	AtMS int64 `json:"at_ms"`
}

// Param is a named value, shown as it is.
type Param struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Tally is one total: what the ground truth allows ("41" or "41..43") and
// what was published (empty: nothing).
type Tally struct {
	Contest   string `json:"contest"`
	Unit      string `json:"unit,omitempty"`
	Option    string `json:"option"`
	Truth     string `json:"truth"`
	Published string `json:"published,omitempty"`
	OK        bool   `json:"ok"`
}

// Proof says that Who can convince ToWhom of What.
type Proof struct {
	Who    string `json:"who"`
	ToWhom string `json:"to_whom"`
	What   string `json:"what"`
	// Check is the check that re-checks it, if there is one.
	Check string `json:"check,omitempty"`
}

// FileRef names a file below the run folder, with slashes.
type FileRef struct {
	Label string `json:"label"`
	Path  string `json:"path"`
	// SHA256 is in hex; empty where the file was still growing.
	SHA256 string `json:"sha256,omitempty"`
}

func (v *Verdict) check() error {
	if v.Scenario == "" {
		return errNoID
	}
	if err := oneOf("run", v.Run, runKinds); err != nil {
		return err
	}
	if err := oneOf("judgement", v.Judgement, judgements); err != nil {
		return err
	}
	if err := oneOf("expected", v.Expected, judgements); err != nil {
		return err
	}
	for _, s := range v.Steps {
		if err := oneOf("steps.outcome", s.Outcome, outcomes); err != nil {
			return err
		}
	}
	for i := range v.Loads {
		if err := v.Loads[i].check(); err != nil {
			return err
		}
	}
	for i := range v.Measured {
		if err := v.Measured[i].check(); err != nil {
			return err
		}
	}
	if err := checkFindings(v.Damage); err != nil {
		return err
	}
	return checkFindings(v.Alarms)
}

// MatrixCell is one cell of the kill matrix: a sub-case against a planted set,
// or against the sound system where Planted is empty.
type MatrixCell struct {
	Scenario  string    `json:"scenario"`
	SubCase   string    `json:"sub_case,omitempty"`
	Planted   []string  `json:"planted,omitempty"`
	Judgement Judgement `json:"judgement"`
	// Diagonal is true where the set is one that the sub-case names.
	Diagonal bool `json:"diagonal,omitzero"`
	// OK is false for a survivor on the diagonal or damage on the sound system.
	OK   bool   `json:"ok"`
	Note string `json:"note,omitempty"`
	Dir  string `json:"dir,omitempty"`
}

func (c *MatrixCell) check() error {
	if c.Scenario == "" {
		return errNoID
	}
	return oneOf("judgement", c.Judgement, judgements)
}
