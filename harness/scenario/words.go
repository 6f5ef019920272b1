package scenario

// The types below are closed lists of words; Words returns them in order.

// Stage is a phase of ENISA's election lifecycle, with a sub-phase.
type Stage string

func (Stage) Words() []string {
	return []string{"register", "campaign", "voting/setup", "voting/cast", "voting/close", "results/tally", "results/publish"}
}

// Vector is how the adversary comes in.
type Vector string

func (Vector) Words() []string {
	return []string{"spear-phishing", "data-theft", "disinformation", "malware", "ddos", "insider", "protocol", "implementation", "supply-chain"}
}

// Actor is who attacks.
type Actor string

func (Actor) Words() []string {
	return []string{"voter", "coercer", "network", "server", "registrar", "trustee", "mixer", "device", "admin", "outsider", "vendor", "accident"}
}

// Property is what the attack aims at.
type Property string

func (Property) Words() []string {
	return []string{"CAI", "RAC", "TAR", "ELIG", "PRIV", "RF", "AVAIL", "COUNT", "RESAUTH", "FAIR", "ACC", "DATA"}
}

// Severity is how bad it is if the attack succeeds, from least to worst.
type Severity string

func (Severity) Words() []string { return []string{"info", "low", "medium", "high", "critical"} }

// Basis is how well the attack is known: carried out once, read in its
// source, cited by something read, or from memory.
type Basis string

func (Basis) Words() []string { return []string{"executed", "read", "cited", "recalled"} }

// ClauseBasis is how well a clause is known.
type ClauseBasis string

func (ClauseBasis) Words() []string { return []string{"seen", "recalled"} }

// Judged is the stage at which an attack run is judged and ends.
type Judged string

// The stages of judgement.
const (
	Accepted Judged = "accepted"
	Sealed   Judged = "sealed"
	Result   Judged = "result"
)

func (Judged) Words() []string { return []string{string(Accepted), string(Sealed), string(Result)} }

// Evidence is whom an alarm must convince to count as detection.
type Evidence string

// The kinds of evidence.
const (
	ThirdParty Evidence = "third-party"
	OnlyVoter  Evidence = "voter"
)

func (Evidence) Words() []string { return []string{string(ThirdParty), string(OnlyVoter)} }

// Player is who plays a role.
type Player string

// The players.
const (
	Target  Player = "target"
	Harness Player = "harness"
)

func (Player) Words() []string { return []string{string(Target), string(Harness)} }

// Role is a role of an election.
type Role string

func (Role) Words() []string {
	return []string{"authority", "registrar", "trustee", "witness", "mirror", "identity", "voter", "auditor", "device", "publisher"}
}

// Verdict is what a sound system can make of an attack.
type Verdict string

func (Verdict) Words() []string { return []string{"prevented", "detected", "undetected"} }

// OnRefusal is how an attack run goes on after a refused step.
type OnRefusal string

// To the judgement, which is the default, or to the next step.
const (
	GoToJudge OnRefusal = "judge"
	Continue  OnRefusal = "continue"
)

func (OnRefusal) Words() []string { return []string{string(GoToJudge), string(Continue)} }

// Revote is the election's policy on second ballots.
type Revote string

func (Revote) Words() []string { return []string{"none", "last-counts"} }

// Identity says whether there is an identity service.
type Identity string

func (Identity) Words() []string { return []string{"none", "service"} }

// Publishing says whether results are published on channels beside the board:
// with a time of release that is over, or one that is far away.
type Publishing string

func (Publishing) Words() []string { return []string{"none", "due", "later"} }

// Pattern is how a group of voters without choices of its own decides: each
// by the seed, or option by option in turn.
type Pattern string

func (Pattern) Words() []string { return []string{"seed", "spread"} }
