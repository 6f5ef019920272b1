package scrutineer

import (
	"fmt"

	"scrutineer/protocols/counting"
	"scrutineer/protocols/message"
)

// Outcome is the body of S-37 that the shares on the board give, were these
// besides among them. It trusts the shares, as Totals does: a server in league
// with a trustee publishes what the trustee's share says.
func (v *View) Outcome(bound uint64, besides ...*message.DecryptionShare) (*message.Result, error) {
	if v.Seal == nil {
		return nil, ErrNotReady
	}
	foreseen := *v
	foreseen.Shares = append([]At[message.DecryptionShare]{}, v.Shares...)
	for _, b := range besides {
		foreseen.Shares = append(foreseen.Shares, At[message.DecryptionShare]{Body: *b})
	}
	out := &message.Result{Root: v.Seal.Body.Root, Version: 1}
	for i := range v.Manifest.Contests {
		r, err := foreseen.outcomeOf(&v.Manifest.Contests[i], bound)
		if err != nil {
			return nil, err
		}
		out.Contests = append(out.Contests, *r)
	}
	return out, nil
}

// outcomeOf is the result of one contest.
func (v *View) outcomeOf(c *message.Contest, bound uint64) (*message.ContestResult, error) {
	r := &message.ContestResult{Contest: c.ID, Totals: make([]uint64, len(Selections(c)))}
	for i := range v.cells {
		cell := &v.cells[i]
		if cell.Contest != c.ID {
			continue
		}
		published := message.Cell{Ballots: cell.Ballots, Weight: cell.Weight, Unit: cell.Units[0], Units: cell.Units,
			Withheld: cell.Withheld, Totals: []uint64{}}
		switch {
		case cell.Decrypted():
			totals, err := v.Totals(c.ID, cell.Units[0], bound)
			if err != nil {
				return nil, err
			}
			published.Totals = totals
		case !cell.Withheld:
			published.Totals = make([]uint64, len(r.Totals))
		}
		for k, n := range published.Totals {
			r.Totals[k] += n
		}
		r.Cells = append(r.Cells, published)
	}
	counted, err := counting.Plurality(r.Totals[:len(c.Options)], int(c.Method.Seats))
	if err != nil {
		return nil, fmt.Errorf("contest %q: %w", c.ID, err)
	}
	r.Outcome = message.Outcome{Kind: c.Method.Kind, Winners: []string{}, Tied: []string{}}
	for _, i := range counted.Winners {
		r.Outcome.Winners = append(r.Outcome.Winners, c.Options[i].ID)
	}
	for _, i := range counted.Tied {
		r.Outcome.Tied = append(r.Outcome.Tied, c.Options[i].ID)
	}
	return r, nil
}
