package action

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/results/page"
	"scrutineer/targets"
)

// faker answers in the place of a channel: it takes what the channel shows and
// makes something else of it. With the publisher's key it signs that.
type faker struct {
	how             string
	contest, winner string
	plan            Plan
	key             ed25519.PrivateKey // the publisher's; nil for an outsider
	random          io.Reader
}

// answer is a targets.Liar.
func (f *faker) answer(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	true_, err := next(ctx, r)
	if err != nil || !slices.Contains(forms, r.Path) {
		return true_, err
	}
	if f.how == "delay" {
		// As if results were not out yet: what any path gives that is not there.
		r.Path = "/nothing"
		return next(ctx, r)
	}
	if true_.Status != 200 {
		return true_, nil
	}
	r.Path = "/result.json"
	signed, err := next(ctx, r)
	if err != nil {
		return signed, err
	}
	p, err := codec.Decode[message.Publication](signed.Body, codec.Limits{Size: page.MaxSize})
	if err != nil {
		return signed, fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	body, err := f.make(p, bytes.HasPrefix(true_.Body, []byte("{")), true_.Body)
	true_.Body = body
	return true_, err
}

// make is the false answer.
func (f *faker) make(p message.Publication, file bool, body []byte) ([]byte, error) {
	m := f.plan.Description.Filled().Draft(scrutineer.Public{})
	if f.how == "page" && file || f.how == "json" && !file {
		return body, nil // only the other form is touched
	}
	lie := p
	lie.Result = f.falsified(p.Result)
	key := f.key
	if f.how == "other-host" {
		seed := make([]byte, ed25519.SeedSize)
		if _, err := io.ReadFull(f.random, seed); err != nil {
			return nil, err
		}
		key = ed25519.NewKeyFromSeed(seed)
	}
	if key != nil {
		var err error
		if lie, err = scrutineer.SignPublication(p.Statement.Channel, key, p.Statement.Fingerprint, lie.Content(), p.Statement.Version); err != nil {
			return nil, err
		}
	}
	if file {
		return codec.Encode(lie)
	}
	return page.Write(&m, lie)
}

// falsified is a result in which the winner has every vote, or a part is
// missing, or nothing was counted yet.
func (f *faker) falsified(r message.Result) message.Result {
	out := r
	out.Contests = slices.Clone(r.Contests)
	for i := range out.Contests {
		c := &out.Contests[i]
		c.Cells, c.Totals = slices.Clone(c.Cells), slices.Clone(c.Totals)
		switch {
		case f.how == "stale":
			clear(c.Totals)
			c.Cells = []message.Cell{}
		case c.Contest != f.contest:
		case f.how == "some-units" && len(c.Cells) > 0:
			lost := c.Cells[len(c.Cells)-1]
			c.Cells = c.Cells[:len(c.Cells)-1]
			for j, t := range lost.Totals {
				c.Totals[j] -= t
			}
		default:
			f.award(c)
		}
	}
	return out
}

// award gives all votes for options to the winner, cell by cell, so that every
// sum still adds up.
func (f *faker) award(c *message.ContestResult) {
	known := f.plan.Electorate
	contest, _ := known.Contest(c.Contest)
	at := slices.Index(contest.Options, f.winner)
	move := func(totals []uint64) []uint64 {
		totals = slices.Clone(totals)
		var sum uint64
		for j := range min(len(contest.Options), len(totals)) {
			sum += totals[j]
			totals[j] = 0
		}
		if at >= 0 && at < len(totals) {
			totals[at] = sum
		}
		return totals
	}
	c.Totals = move(c.Totals)
	for k := range c.Cells {
		c.Cells[k].Totals = move(c.Cells[k].Totals)
	}
	c.Outcome.Winners, c.Outcome.Tied = []string{f.winner}, []string{}
}
