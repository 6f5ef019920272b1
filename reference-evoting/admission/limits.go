// Package admission decides who is served when more come than can be: how often
// a source that nobody vouches for may ask, how many ballots a credential may
// bring, and whose turn it is at the workers. It is decisions alone and knows
// neither HTTP nor ballots. service/api asks it at the door; the authority tells
// it, in the middle of a request, that a signature holds.
//
// A request is a [Visit]. It begins as a stranger's and pays for it with its
// source's tokens, unless a signature turns out to vouch for it: then its
// credential's quota counts instead, and it is served among the known, for whom
// most of the workers are kept.
package admission

import (
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"time"
)

// Limits are what an authority in the field is run with. Zero fields stand for
// the defaults; a negative one is no limit.
type Limits struct {
	PerSecond float64        // requests of one source for which nobody vouches; default 20
	Burst     int            // of them at once after a pause; default 40
	Sources   int            // sources that are told apart; default 65,536
	Peers     []netip.Prefix // sources that are the election's own roles; the zero prefix is a pipe
	Flying    int            // ballots of one credential being looked at; default 1
	Minute    int            // of them in any minute; default 6
	Hour      int            // of them in any hour; default 30
	Workers   int            // requests that compute at a time; default 2 a processor, at least 4
	Kept      int            // per cent of the workers' time that is the known's when they want it; default 70
	Queue     int            // requests that wait for a worker, of the known and of strangers each; default 256
	CPU       int            // thousandths of a processor that workers together may use; default no bound
}

// Filled puts the defaults in place of zero fields.
func (l Limits) Filled() Limits {
	if l.PerSecond == 0 {
		l.PerSecond = 20
	}
	if l.CPU == 0 {
		l.CPU = -1
	}
	for _, f := range []struct {
		field *int
		value int
	}{
		{&l.Burst, 40}, {&l.Sources, 1 << 16}, {&l.Flying, 1}, {&l.Minute, 6}, {&l.Hour, 30},
		{&l.Workers, max(4, 2*runtime.GOMAXPROCS(0))}, {&l.Kept, 70}, {&l.Queue, 256},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	return l
}

// Open is without limits: for elections of the laboratory whose voters all come
// from one place and cast as fast as they can. Whoever uses it says so.
func Open() Limits {
	return Limits{PerSecond: -1, Burst: -1, Flying: -1, Minute: -1, Hour: -1, Workers: -1, Queue: -1}
}

// Differs lists the limits that are not those of the field, for people.
func (l Limits) Differs() []string {
	var out []string
	field, own := Limits{}.Filled(), l.Filled()
	add := func(what string, differs, none bool, value any) {
		switch {
		case differs && none:
			out = append(out, what+": none")
		case differs:
			out = append(out, fmt.Sprintf("%s: %v", what, value))
		}
	}
	number := func(what string, a, b int) { add(what, a != b, a < 0, a) }
	add("requests of a stranger's source a second", own.PerSecond != field.PerSecond, own.PerSecond < 0, own.PerSecond)
	number("requests of such a source at once", own.Burst, field.Burst)
	number("ballots of a credential at a time", own.Flying, field.Flying)
	number("ballots of a credential a minute", own.Minute, field.Minute)
	number("ballots of a credential an hour", own.Hour, field.Hour)
	number("workers", own.Workers, field.Workers)
	number("per cent of the workers kept for the known", own.Kept, field.Kept)
	number("requests waiting for a worker", own.Queue, field.Queue)
	number("thousandths of a processor", own.CPU, field.CPU)
	if len(own.Peers) > 0 {
		out = append(out, fmt.Sprintf("sources that are roles: %v", own.Peers))
	}
	return out
}

func (l Limits) peer(source netip.Prefix) bool {
	return slices.Contains(l.Peers, source) || l.within(source)
}

func (l Limits) within(source netip.Prefix) bool {
	return source.IsValid() && slices.ContainsFunc(l.Peers, func(p netip.Prefix) bool {
		return p.IsValid() && p.Bits() <= source.Bits() && p.Contains(source.Addr())
	})
}

// Rule is why a request is not served; the counters are named after it.
type Rule string

// The rules.
const (
	RuleSource Rule = "source-rate"       // a source has no token left
	RuleFlying Rule = "ballot-flying"     // another ballot of the credential is being looked at
	RuleMinute Rule = "ballots-a-minute"  // the credential brought too many
	RuleHour   Rule = "ballots-an-hour"   // the same in an hour
	RuleQueue  Rule = "workers-and-queue" // too many wait for a worker
)

// Rules lists them.
func Rules() []Rule { return []Rule{RuleSource, RuleFlying, RuleMinute, RuleHour, RuleQueue} }

// Refusal is the error of a request that is not served. Nothing was done.
type Refusal struct {
	Rule  Rule
	After time.Duration // when to ask again
}

func (r *Refusal) Error() string {
	switch r.Rule {
	case RuleFlying:
		return "another ballot of this credential is being looked at"
	case RuleMinute, RuleHour:
		return "this credential has brought too many ballots"
	case RuleQueue:
		return "too many requests are waiting"
	}
	return "too many requests from one source"
}

// Busy says that the server as a whole has too much to do, and not this
// requester.
func (r *Refusal) Busy() bool { return r.Rule == RuleQueue }
