package voter

import (
	"context"
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/reading"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// Alarm is what a voter's check raises. ThirdParty says that its evidence
// convinces others: a promise signed by the board against an entry of the
// cosigned board. Without it, it convinces only the voter.
type Alarm struct {
	Step       string // of SPEC.md
	Detail     string
	ThirdParty bool
	Receipt    *message.Receipt
	Entry      []byte // what stands at the promised index
	Index      uint64
}

func (a *Alarm) Error() string { return a.Step + ": " + a.Detail }

// View is a cosigned state of the board: its size and its entries, read with
// proofs.
type View interface {
	rules.Source
	Size() uint64
}

// Check makes the voter's check S-21 of everything this client has cast. The
// same check is owed at the cast and offered again after the seal. A promise
// beyond the view's size is not judged; pending counts those.
func (c *Client) Check(ctx context.Context, view View) (alarms []*Alarm, pending int, err error) {
	var last *Prepared
	for _, p := range c.history {
		if !p.Acknowledged() {
			continue
		}
		last = p
		if p.receipt == nil {
			continue
		}
		if p.receipt.Index >= view.Size() {
			pending++
			continue
		}
		alarm, err := c.checkPromise(ctx, view, p)
		if err != nil {
			return nil, 0, err
		}
		if alarm != nil {
			alarms = append(alarms, alarm)
		}
	}
	if last == nil || c.voting.Weak.Has(weakness.Aliases) && last.receipt != nil {
		return alarms, pending, nil
	}
	more, err := c.checkChain(ctx, view, last)
	return append(alarms, more...), pending, err
}

// checkPromise compares the entry at the promised index with what was cast.
func (c *Client) checkPromise(ctx context.Context, view View, p *Prepared) (*Alarm, error) {
	raw, err := one(ctx, view, p.receipt.Index)
	if err != nil {
		return nil, err
	}
	broken := func(format string, args ...any) (*Alarm, error) {
		return &Alarm{
			Step: "S-21", Detail: fmt.Sprintf(format, args...), ThirdParty: true,
			Receipt: p.receipt, Entry: raw, Index: p.receipt.Index,
		}, nil
	}
	cast, err := c.castOf(ctx, view, raw)
	if err != nil {
		return broken("the entry at the promised index %d is no cast: %v", p.receipt.Index, err)
	}
	digest, err := decisionDigest(cast)
	if err != nil {
		return nil, err
	}
	mine := digest == p.decision && cast.Decision.Credential == c.credential.Key
	alias := c.voting.Weak.Has(weakness.Aliases)
	if !c.voting.Weak.Widen(weakness.Aliases, mine, func() bool { return cast.Decision.Tracker == p.Tracker }) {
		return broken("the entry at the promised index %d is another's: credential %s, tracker %s", p.receipt.Index, cast.Decision.Credential, cast.Decision.Tracker)
	}
	if fault := c.voting.Authorised(cast.Decision); fault != nil {
		return broken("the cast at index %d: %v", p.receipt.Index, fault)
	}
	own := cast.Ballot.Caster.Credential == c.credential.Key
	if !c.voting.Weak.Widen(weakness.NoVoterBinding, own, func() bool { return true }) {
		return broken("the ballot at index %d names another caster", p.receipt.Index)
	}
	if !c.voting.Weak.Widen(weakness.BoxIDUnbound, cast.Ballot.Unit == c.credential.Unit, func() bool { return true }) {
		return broken("the ballot at index %d lies in the box of unit %q", p.receipt.Index, cast.Ballot.Unit)
	}
	if _, fault := c.voting.Ballot(&cast.Ballot); fault != nil {
		return broken("the ballot at index %d does not verify: %v", p.receipt.Index, fault)
	}
	if tracker := message.Digest(transcript.Tracker(&cast.Ballot)); tracker != p.Tracker && !alias {
		return broken("the ballot at index %d has the tracker %s", p.receipt.Index, tracker)
	}
	return nil, nil
}

// checkChain holds that the last ballot of this credential on the board is
// the last one that this client cast.
func (c *Client) checkChain(ctx context.Context, view View, last *Prepared) ([]*Alarm, error) {
	var found bool
	var head *message.Cast
	var index uint64
	err := view.Entries(ctx, 0, view.Size(), func(i uint64, raw []byte) error {
		cast, err := c.castOf(ctx, view, raw)
		if err != nil {
			return nil // not a cast
		}
		found = found || cast.Decision.Tracker == last.Tracker
		if cast.Decision.Credential == c.credential.Key {
			head, index = &cast, i
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if last.receipt == nil {
		if !found {
			return []*Alarm{{Step: "S-21", Detail: "no entry has my tracker, and I hold no promise"}}, nil
		}
		return nil, nil
	}
	alone := head == nil || head.Decision.Tracker == last.Tracker || index < last.receipt.Index
	if !c.voting.Weak.Widen(weakness.NoChain, alone, func() bool { return c.made(head.Decision) }) {
		return []*Alarm{{Step: "S-21", Detail: fmt.Sprintf("entry %d is a later ballot in my name that I did not cast", index), Index: index}}, nil
	}
	return nil, nil
}

// made reports that a decision is one that this client sent: without chains it
// cannot say in which order they should stand.
func (c *Client) made(d message.Decision) bool {
	return slices.ContainsFunc(c.history, func(p *Prepared) bool { return p.cast && p.Tracker == d.Tracker })
}

func one(ctx context.Context, view View, index uint64) ([]byte, error) {
	var out []byte
	err := view.Entries(ctx, index, index+1, func(_ uint64, raw []byte) error {
		out = raw
		return nil
	})
	return out, err
}

func (c *Client) castOf(ctx context.Context, chunks entry.Chunks, raw []byte) (message.Cast, error) {
	e, body, err := entry.Open(ctx, c.voting.Weak, raw, chunks)
	if err != nil {
		return message.Cast{}, err
	}
	if e.Type != message.TypeCast {
		return message.Cast{}, fmt.Errorf("%w: it is a %s", entry.ErrForm, e.Type)
	}
	return reading.Decode[message.Cast](c.voting.Weak, body, codec.Limits{Size: message.MaxBody})
}

func decisionDigest(c message.Cast) (message.Digest, error) {
	canonical, err := codec.Encode(c.Decision.Content())
	if err != nil {
		return message.Digest{}, err
	}
	return transcript.DecisionDigest(canonical), nil
}
