package event

import (
	"errors"
	"time"
)

// RunStarted holds the facts of a run that are known when it begins.
type RunStarted struct {
	// Version and Commit identify the build of the tool.
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	// GoVersion, OS and Arch are those of the running binary.
	GoVersion string `json:"go_version"`
	OS        string `json:"os"`
	Arch      string `json:"arch,omitempty"`
	// CPUs is the number of processors that the process may use.
	CPUs int `json:"cpus,omitzero"`
	// Seed replays the run. It is text, because a number of 64 bits does not
	// survive every JSON reader.
	Seed string `json:"seed"`
	// Target names the system under test, TargetVersion what it said of itself.
	Target        string `json:"target"`
	TargetVersion string `json:"target_version,omitempty"`
	// CommandLine is the command as typed, ready to paste into a shell.
	CommandLine string `json:"command_line"`
	// Started is when the process began, before set-up.
	Started time.Time `json:"started"`
	// Parallel is the number of elections in flight at once.
	Parallel int `json:"parallel"`
	// CatalogueHash is the SHA-256 (hex) of the scenario files that were loaded.
	CatalogueHash string `json:"catalogue_hash,omitempty"`
	// SpecVersion is the version of the protocol specification.
	SpecVersion string `json:"spec_version,omitempty"`
	// Scenarios and Elections are the numbers planned, for progress.
	Scenarios int `json:"scenarios,omitzero"`
	Elections int `json:"elections,omitzero"`
	// Config is the effective configuration, sorted by name.
	Config []Setting `json:"config,omitempty"`
	// ToolSHA256 is the digest (hex) of the running executable, TargetSHA256
	// that of the system under test; empty where it is not known.
	ToolSHA256   string `json:"tool_sha256,omitempty"`
	TargetSHA256 string `json:"target_sha256,omitempty"`
	// Engagement is under which rules a system that is not ours was attacked.
	Engagement *Engagement `json:"engagement,omitzero"`
}

// Engagement is who allowed what, until when.
type Engagement struct {
	// AllowedBy is who may allow it: name and office.
	AllowedBy string `json:"allowed_by"`
	// Scope is what was allowed.
	Scope string `json:"scope"`
	// Until is the last moment at which it was.
	Until time.Time `json:"until"`
}

// Setting is one effective setting and where it came from (flag, environment,
// file, default).
type Setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source,omitempty"`
}

// When says whether a probe ran before or after the attacks.
type When string

// The moments of a probe.
const (
	Before When = "before"
	After  When = "after"
)

// Probe is an honest election: unless it is clean, nothing else in the run
// means anything.
type Probe struct {
	When When `json:"when"`
	OK   bool `json:"ok"`
	// Ballots is how many ballots were counted.
	Ballots int64 `json:"ballots"`
	// Result is one line that sums up the published result.
	Result string `json:"result,omitempty"`
	// ChecksPassed of Checks numbered checks passed on the published record.
	ChecksPassed int `json:"checks_passed"`
	Checks       int `json:"checks"`
	// Tallies compares published totals with the truth.
	Tallies []Tally `json:"tallies,omitempty"`
	// Findings are what went wrong where OK is false.
	Findings []Finding `json:"findings,omitempty"`
	Message  string    `json:"message,omitempty"`
	// StartMS is milliseconds since the run began.
	StartMS    int64 `json:"start_ms,omitzero"`
	DurationMS int64 `json:"duration_ms"`
	// Dir is the folder of the election below the run folder, with slashes.
	Dir string `json:"dir,omitempty"`
}

func (p *Probe) check() error {
	if err := oneOf("when", p.When, []When{Before, After}); err != nil {
		return err
	}
	return checkFindings(p.Findings)
}

// Origin says whose error a problem is; it decides the exit code.
type Origin string

// The origins of a problem.
const (
	// OwnBug is an error of this tool (exit 70).
	OwnBug Origin = "own"
	// TargetError is an error of the system under test (exit 3).
	TargetError Origin = "target"
	// EnvironmentError is an error of the machine or network (exit 3).
	EnvironmentError Origin = "environment"
)

// Problem is something that kept the tool from judging.
type Problem struct {
	Origin  Origin `json:"origin"`
	Message string `json:"message"`
	// Detail is what a developer needs, such as a stack.
	Detail   string  `json:"detail,omitempty"`
	Scenario string  `json:"scenario,omitempty"`
	SubCase  string  `json:"sub_case,omitempty"`
	Run      RunKind `json:"run,omitempty"`
}

func (p *Problem) check() error {
	if err := oneOf("origin", p.Origin, []Origin{OwnBug, TargetError, EnvironmentError}); err != nil {
		return err
	}
	if p.Run == "" {
		return nil
	}
	return oneOf("run", p.Run, runKinds)
}

// Total counts the verdicts of one kind of run with one judgement.
type Total struct {
	Run       RunKind   `json:"run"`
	Judgement Judgement `json:"judgement"`
	Count     int       `json:"count"`
}

// RunFinished closes the summary stream.
type RunFinished struct {
	// Totals are sorted by run and judgement; zero counts are left out.
	Totals []Total `json:"totals,omitempty"`
	// AsExpected and Unexpected count verdicts; what was inapplicable is
	// neither.
	AsExpected   int `json:"as_expected"`
	Unexpected   int `json:"unexpected"`
	Inapplicable int `json:"inapplicable,omitzero"`
	// Missing counts planned elections without a verdict.
	Missing int `json:"missing,omitzero"`
	// OK is the overall judgement of the command, ExitCode what it returns.
	OK       bool `json:"ok"`
	ExitCode int  `json:"exit_code"`
	// Reason is one sentence for an exit code other than 0.
	Reason string `json:"reason,omitempty"`
	// Changes are the differences from a file of expected verdicts, one a line.
	Changes     []string `json:"changes,omitempty"`
	Interrupted bool     `json:"interrupted,omitzero"`
	DurationMS  int64    `json:"duration_ms"`
}

var errNoID = errors.New("empty scenario id")
