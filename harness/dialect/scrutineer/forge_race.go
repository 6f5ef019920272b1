package scrutineer

import (
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// C11: two ballots of one voter by concurrency.
//
// A box that checks a voter's standing ballot and inserts the next one in two
// steps accepts whatever came in between (ASVS 15.4.2; Belenios' storage has a
// RaceCondition exception for it, 6848d351). The voter makes several children
// of one predecessor and sends them at once.
//
// What weak.cast.checkThenInsert accepts: at the box, a decision whose
// predecessor is the head that stood when its *body* was accepted; so bodies
// that all wait before the first decision can all be cast, at once or one
// after the other, and no luck is needed. In the counted set, every leaf: an
// entry whose predecessor is `none` or an attached entry of its credential is
// attached (where revote is `none`, only with `none`), and every attached
// entry without an attached child counts. An honest chain has one leaf.
//
// A decision sent again, whether with the same bytes or signed anew, is the
// same decision: it gets the one receipt that there is, sound or weak.

// Racer is one of several requests that race: a body and its decision, in
// bytes.
type Racer struct {
	Ticket     *Ticket
	Submission []byte
	Decision   []byte
}

// MaxRacers is how many requests a race has at most.
const MaxRacers = 64

// Siblings are different ballots with one predecessor: 2 to 64 of them. With
// two that are sent one after the other it is a retry after a time-out that
// encrypts again instead of sending the same bytes. All bodies go first.
func (v *Voter) Siblings(n int, choices Choices, predecessor string) ([]Racer, error) {
	if n < 2 || n > MaxRacers {
		return nil, fmt.Errorf("%d requests in a race", n)
	}
	out := make([]Racer, n)
	for i := range out {
		p, err := v.Prepare(choices)
		if err != nil {
			return nil, err
		}
		if out[i], err = v.racer(p, predecessor); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Twins are one ballot whose decision is sent n times: with the same bytes,
// or signed anew each time, which changes the bytes but not the decision. The
// honest counterpart of Siblings.
func (v *Voter) Twins(n int, choices Choices, predecessor string, anew bool) ([]Racer, error) {
	if n < 2 || n > MaxRacers {
		return nil, fmt.Errorf("%d requests in a race", n)
	}
	p, err := v.Prepare(choices)
	if err != nil {
		return nil, err
	}
	first, err := v.racer(p, predecessor)
	if err != nil {
		return nil, err
	}
	out := []Racer{first}
	for len(out) < n {
		next := first
		if anew {
			var d message.Decision
			if d, err = v.Credential.Decide(v.Election.Fingerprint, p.Tracker, predecessor, v.Random); err != nil {
				return nil, err
			}
			if next.Decision, err = codec.Encode(d); err != nil {
				return nil, err
			}
		}
		out = append(out, next)
	}
	return out, nil
}

func (v *Voter) racer(p *Prepared, predecessor string) (Racer, error) {
	submission, err := v.Submission(p)
	if err != nil {
		return Racer{}, err
	}
	t, decision, err := v.Cast(p, predecessor)
	return Racer{Ticket: t, Submission: submission, Decision: decision}, err
}
