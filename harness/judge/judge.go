// Package judge says what one election showed: damage by oracles and the
// independent verifier, refusals and alarms of the system's own. It reads the
// history, the record as it was exported, and the ground truth, and nothing
// else: it has no field for planted weaknesses, never talks to a target, and
// is a pure function, so that a saved run can be judged again from its folder
// with the same result.
//
// The target's word is not taken for evidence. An alarm convinces others only
// where what it names can be checked again from the record: a receipt signed
// by the board beside the entry at the index that it promises, or a check of
// the specification that the independent verifier sees fail, too.
package judge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"scrutineer/harness/action"
	"scrutineer/harness/history"
	"scrutineer/harness/oracle"
	"scrutineer/harness/verdict"
	"scrutineer/harness/verify"
	"scrutineer/protocols/record"
	"scrutineer/reports/event"
)

// Case is what there is to know of an election besides what happened in it.
type Case struct {
	Scenario string `json:"scenario"`
	SubCase  string `json:"sub_case"`
	// Election is the step that set up the election that is judged.
	Election string `json:"election"`
	// Oracles establish the damage that the scenario is about.
	Oracles []string `json:"oracles"`
	// Electorate is who may vote on what, and what they want.
	Electorate history.Electorate `json:"electorate"`
	// Opaque says that only the target could read its ballots: there is no
	// record, and what was published stands by itself.
	Opaque bool `json:"opaque,omitempty"`
}

// Input is all that a judgement rests on.
type Input struct {
	Case    Case
	History history.History
	// Record is the export of the judged election; nil where there is none.
	Record record.Source
	// Published is what an election with opaque ballots showed; nil elsewhere.
	Published *history.Published
	// Evidence reads a file that a finding names; nil where none was kept.
	Evidence func(path string) ([]byte, error)
}

// Opinion is what an election showed.
type Opinion struct {
	Facts verdict.Facts
	// Tallies compares published totals with the truth; empty where nothing
	// was published.
	Tallies []event.Tally
	// Measured are the figures of games of chance.
	Measured []event.Measured
	// Loads are the stages of floods.
	Loads []event.Load
	// Checks are the numbers at which the independent verifier fired.
	Checks []string
	// Report is the independent verifier's; nil where there is no record.
	Report *verify.Report
	// Ballots is how many ballots count by the record.
	Ballots int64
}

// Judge forms an opinion. An error is a fault of ours; whatever is wrong with
// the target or the scenario is in the opinion.
func Judge(ctx context.Context, in Input) (Opinion, error) {
	var out Opinion
	all := in.History
	in.History = in.History.In(in.Case.Election)
	if in.Case.Opaque {
		return opaque(in, all)
	}
	board, err := read(in.Record)
	if err != nil {
		return out, err
	}
	if in.Record != nil {
		out.Report, err = verify.Verify(ctx, in.Record, verify.Options{})
		if err != nil {
			return out, err
		}
		out.Ballots = int64(out.Report.Counts.Counted)
	}
	before, after := rejected(out.Report, board)
	out.Checks = numbers(slices.Concat(before, after))
	e := oracle.Evidence{
		Electorate: &in.Case.Electorate, History: in.History, Board: board.casts(credentials(all)),
		Totals: board.totals(), Setup: before, Rejections: after, Readings: readings(in.History),
		Rounds: rounds(in.History), Visits: visits(in.History), Shown: shown(in.History), Early: early(in.History), Notices: notices(in.History),
	}
	told, err := oracle.Judge(oracle.Standard(), in.Case.Oracles, e)
	if err != nil {
		return out, err
	}
	out.conclude(e, told, all, proofs{in: in, board: board, checks: out.Checks})
	return out, nil
}

// conclude puts together what oracles told, and what the system itself raised.
func (out *Opinion) conclude(e oracle.Evidence, told oracle.Report, all history.History, p proofs) {
	for _, d := range told.Damage {
		once(&out.Facts.Damage, d)
	}
	out.Loads = loads(e.History)
	out.Measured, out.Facts.Short = e.Measured(), e.Short()
	raised(&out.Facts, all, p)
	broken(&out.Facts, all)
	if out.Facts.Broken == "" && told.Undecided != "" && len(told.Damage) == 0 {
		out.Facts.Broken = told.Undecided
	}
	if e.Totals != nil {
		out.Tallies = e.Allowed().Tallies(e.Totals)
	}
}

// raised collects refusals and alarms, each once.
func raised(f *verdict.Facts, h history.History, p proofs) {
	for _, o := range h.Ops {
		if o.Op != action.OpRefuse {
			continue
		}
		add(&f.Refusals, event.Finding{Kind: event.Alarm, Check: o.Code, Role: o.Role, Message: o.Message})
	}
	for _, found := range h.Findings {
		if found.Kind != event.Alarm {
			continue
		}
		found.ThirdParty = found.ThirdParty && p.convince(found)
		add(&f.Alarms, found)
	}
}

// add adds a finding unless one with the same words is there.
func add(to *[]event.Finding, f event.Finding) {
	same := func(x event.Finding) bool {
		return x.Check == f.Check && x.Role == f.Role && x.Culprit == f.Culprit && x.ThirdParty == f.ThirdParty &&
			(x.Message == f.Message || f.Evidence == nil)
	}
	if !slices.ContainsFunc(*to, same) {
		*to = append(*to, f)
	}
}

// once adds damage unless the same was told, of another place perhaps.
func once(to *[]event.Finding, f event.Finding) {
	same := func(x event.Finding) bool {
		return x.Check == f.Check && x.Culprit == f.Culprit && x.Message == f.Message
	}
	if !slices.ContainsFunc(*to, same) {
		*to = append(*to, f)
	}
}

// broken reads from the steps whether everything was carried out as planned.
func broken(f *verdict.Facts, h history.History) {
	for _, o := range h.Ops {
		if o.Op != action.OpStep || o.Code == "" {
			continue
		}
		what, detail, _ := strings.Cut(o.Code, ":")
		switch {
		case what == action.CodeMissing && !slices.Contains(f.Missing, detail):
			f.Missing = append(f.Missing, detail)
		case what != action.CodeMissing && f.Broken == "":
			f.Broken = o.Message
		}
	}
}

// numbers lists the checks of findings, ascending.
func numbers(fs []event.Finding) []string {
	var out []string
	for _, f := range fs {
		if !slices.Contains(out, f.Check) {
			out = append(out, f.Check)
		}
	}
	slices.Sort(out)
	return out
}

// credentials says whose credential is whose, as far as the harness knows.
func credentials(h history.History) map[string]string {
	out := map[string]string{}
	for _, o := range h.Casts() {
		if o.Ballot != nil && o.Ballot.Credential != "" {
			out[o.Ballot.Credential] = o.Actor
		}
	}
	return out
}

// rejected is what the independent verifier found wrong with the entries up to
// the opening, and from there on. Of a record that ends before the result,
// only what is wrong with the entries that are there counts: a run that is
// judged early has nothing else to show. Where the set-up does not hold, the
// verifier leaves what follows alone; then each ballot is checked in the
// set-up that the target itself names.
func rejected(r *verify.Report, b *board) (before, after []event.Finding) {
	if r == nil {
		return nil, nil
	}
	opened := b.opened()
	for _, f := range r.Findings {
		at := f.Evidence.Entry
		switch {
		case f.Check == verify.Tree: // no file is early: it has what the head covers, or it does not
			after = append(after, finding(f))
		case r.Ending == verify.Incomplete && !ofEntries(f):
		case opened < 0 && r.Ending == verify.Incomplete: // it was never opened: nothing was accepted
		case at != nil && int64(*at) <= opened:
			before = append(before, finding(f))
		default:
			after = append(after, finding(f))
		}
	}
	if r.Check(verify.BallotShape).Status == verify.NotMade {
		after = append(after, b.ballots()...)
	}
	return before, after
}

// ofEntries says whether a finding is about an entry and not about what does
// not follow it yet.
func ofEntries(f verify.Finding) bool {
	c := f.Check
	return f.Evidence.Entry != nil && (c == verify.Entries || c == verify.Signatures || c == verify.Credentials ||
		c >= verify.DKGCommitments && c <= verify.Dealing || c >= verify.Decoding && c <= verify.CastOrOpened ||
		c == verify.ShareSubject || c == verify.ShareProofs || c == verify.Authorisation || c == verify.IdentityList)
}

// finding puts a verifier's finding into the words of events.
func finding(f verify.Finding) event.Finding {
	out := event.Finding{Kind: event.Damage, Check: f.Check.String(), Role: "verifier", Message: f.Message,
		Culprit: strings.Join(f.Blame, ", "), ThirdParty: f.ThirdParty}
	x := f.Evidence
	e := event.Evidence{Contest: x.Contest, Option: x.Option, Equation: x.Equation, Left: x.Left, Right: x.Right,
		Expected: x.Expected, Seen: x.Seen, File: ""}
	if x.Entry != nil && *x.Entry < 1<<53 {
		n := int64(*x.Entry)
		e.Entry = &n
	}
	out.Evidence = &e
	return out
}

// errRecord is wrapped where a record cannot be read as far as its head says.
var errRecord = errors.New("the record cannot be read")

func recordFault(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errRecord, fmt.Sprintf(format, args...))
}
