package action

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// Names of operations besides those of package history.
const (
	// OpSubmit hands a ballot body to the box, before any decision.
	OpSubmit = "submit"
	// OpChallenge opens a ballot instead of casting it.
	OpChallenge = "challenge"
	// OpRefuse is a role's refusal: Role is who refuses, Code the check or
	// stable code, Message what it says.
	OpRefuse = "refuse"
	// OpRead is an adversary who reads a voter's ballot: the parameter "voter"
	// says whose, and Ballot what he read; "game" in which game of chance, if in any.
	OpRead = "read"
	// OpRound is a round of a game in which voters audit their devices: the
	// parameter "game" says which, each "voter" who plays, "flip" and "audit"
	// with which chance a ballot is false and is audited, in thousandths.
	OpRound = "round"
	// OpAudit is the audit of an opened ballot by another device of the voter,
	// in the "game" that it belongs to; it is refused where the ballot is not
	// what he wanted.
	OpAudit = "audit"
	// OpSetup sets an election up.
	OpSetup = "setup"
	// OpAnnounce announces an election's definition under a digest.
	OpAnnounce = "announce"
	// OpDecrypt is a trustee's answer, OpPost an entry that is posted.
	OpDecrypt = "decrypt"
	OpPost    = "post"
	// OpCheck, OpFollow and OpVerify are checks by a voter, a trustee and an
	// auditor.
	OpCheck = "check"
	// OpNotices is a voter reading his notices.
	OpNotices = "read-notices"
	OpFollow  = "follow"
	OpVerify  = "verify"
	// OpShown is a reader who looks at a channel: the parameters "channel" and
	// "form" say where, "status" what came, and each "total" what he reads there,
	// as contest, option and number. OpWatch is the target's watchers and auditor.
	OpShown = "shown"
	OpWatch = "watch"
	// OpEarly is an attempt to know totals before they are out: what was read
	// stands in parameters "total", and in "leak" where something shows.
	OpEarly = "early"
	// OpNotice brings a notice of the electoral body to a voter's client; the
	// parameter "genuine" says whether it is one that may be shown then.
	OpNotice = "notice"
	// OpStep is a step of the plan as a whole, by its parameters "step" and
	// "do". Its Code says where it could not be carried out: CodeMissing with
	// the ability after a colon, or one of the other codes.
	OpStep = "step"
)

// Codes of steps that were not carried out as planned.
const (
	CodeMissing = "missing" // the target lacks an ability
	CodeTarget  = "target"  // the target broke, or did not answer in time
	CodePlan    = "plan"    // the plan cannot be carried out
	CodeOwn     = "own"     // a fault of ours
)

// invoke records that an operation of an election begins.
func (e *election) invoke(o event.Operation) *history.Pending {
	o.Election = e.step
	return e.session.cfg.History.Invoke(o)
}

// refused records that a role refused something, and why. Which of several
// trustees was the first is chance, so that the message alone says it.
func (s *Session) refused(election, role, code, detail string) {
	name := roleOf(role)
	if name != role {
		detail = role + ": " + detail
	}
	p := s.cfg.History.Invoke(event.Operation{Election: election, Actor: name, Role: name, Op: OpRefuse})
	p.OK(func(o *event.Operation) { o.Code, o.Message = code, detail })
}

// roleOf is the role of "trustee/2" or "trustee".
func roleOf(name string) string {
	r, _, _ := strings.Cut(name, "/")
	return r
}

// end records the outcome of an answer and returns it; extra may be nil.
func end(p *history.Pending, a targets.Answer, extra func(*event.Operation)) event.Outcome {
	change := func(o *event.Operation) {
		o.Code, o.Message = a.Code, a.Detail
		if len(a.Body) > 0 {
			sum := sha256.Sum256(a.Body)
			o.Response = hex.EncodeToString(sum[:])
		}
		if extra != nil {
			extra(o)
		}
	}
	switch a.Outcome {
	case targets.OK:
		p.OK(change)
		return event.OK
	case targets.Refused:
		p.Refused(change)
		return event.Refused
	}
	p.Unknown(change)
	return event.Unknown
}

// answered turns an error of a call into an answer: a time-out is unknown.
func answered(ctx context.Context, a targets.Answer, err error) (targets.Answer, error) {
	if err == nil {
		return a, nil
	}
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return targets.Answer{Outcome: targets.Unknown, Detail: err.Error()}, nil
	}
	if errors.Is(err, targets.ErrUnable) {
		return a, err
	}
	return a, wrapTarget(err)
}

// alarm records what one of the target's roles found.
func (s *Session) alarm(f targets.Finding) {
	out := event.Finding{Kind: event.Alarm, Check: event.Clip(f.Check, 64), Role: roleOf(f.Role), Culprit: event.Clip(f.Culprit, 200),
		Message: event.Clip(f.Detail, maxDetail), ThirdParty: f.ThirdParty}
	if f.Entry != nil || len(f.Evidence) > 0 {
		out.Evidence = &event.Evidence{}
	}
	if f.Entry != nil && *f.Entry < 1<<53 {
		n := int64(*f.Entry)
		out.Evidence.Entry = &n
	}
	for _, name := range slices.Sorted(maps.Keys(f.Evidence)) {
		if s.cfg.Evidence == nil || len(f.Evidence) > maxPieces {
			break
		}
		file := s.cfg.Evidence(strings.ReplaceAll(f.Role, "/", "-")+"-"+name, f.Evidence[name])
		if name == evidenceOf[roleOf(f.Role)] || name == "head" && f.Check == headCheck || name == captured {
			out.Evidence.File = file
		}
	}
	s.cfg.History.Find(out)
}

// Bounds of one finding.
const (
	maxDetail = 2000
	maxPieces = 8
)

// evidenceOf is the piece of evidence that a finding of a role names first:
// what its author signed.
var evidenceOf = map[string]string{"voter": "receipt", "trustee": "entry", "auditor": "entry"}

// captured is the piece of evidence that watchers signed.
const captured = "capture"

// maxAlarms is how many findings of one check are recorded. A hostile target
// may make any number.
const maxAlarms = 64

// alarms records findings.
func (s *Session) alarms(fs []targets.Finding) {
	for _, f := range fs[:min(len(fs), maxAlarms)] {
		s.alarm(f)
	}
}

func param(name, value string) event.Param { return event.Param{Name: name, Value: value} }

func number[T ~int | ~int64 | ~uint64](n T) string { return strconv.FormatInt(int64(n), 10) }
