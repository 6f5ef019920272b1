package action

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/results/page"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// readEarly is K04: somebody wants totals before the seal.
func (s *Session) readEarly(ctx context.Context, st Step) (Result, error) {
	e, err := s.in(st)
	if err != nil {
		return Result{Outcome: event.Unknown}, err
	}
	if st.Args.Text("how") == "shares" {
		return e.earlyShares(ctx, st)
	}
	return e.guessPaths(ctx, st)
}

// earlyShares: the server asks the trustees for the sums of what was cast.
func (e *election) earlyShares(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	_, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	trustees, err := ability[targets.Trustees](e, targets.Trustee)
	if err != nil {
		return r, err
	}
	if err := e.settled(ctx); err != nil { // so that all that was cast is in the sums
		return r, err
	}
	var parcels []scrutineer.Parcel
	var asked []message.Aggregate
	err = e.board.see(ctx, 0, func(v *scrutineer.View) (err error) {
		parcels, asked, err = a.EarlyAggregates(v)
		return err
	})
	if err != nil {
		return r, err
	}
	from, err := e.write(ctx, parcels...)
	if err != nil {
		return r, err
	}
	for _, index := range st.Args.Ints("trustees") {
		answer, found, err := trustees.Decrypt(ctx, int(index))
		e.session.alarms(by("trustee/"+number(index), found))
		if answer, err = answered(ctx, answer, err); err != nil {
			return r, err
		}
		if answer.Outcome == targets.Refused {
			e.session.refused(e.step, "trustee/"+number(index), answer.Code, answer.Detail)
			r.Outcome, r.Detail = event.Refused, answer.Detail
			return r, nil
		}
	}
	totals, err := e.combine(ctx, from, asked)
	if err != nil {
		return r, err
	}
	e.invoke(event.Operation{Actor: "server", Role: "server", Op: OpEarly, Adversary: true, Params: totalParams(totals)}).OK(nil)
	r.Outcome = event.OK
	return r, nil
}

// combine puts together what trustees answered on the board.
func (e *election) combine(ctx context.Context, from uint64, asked []message.Aggregate) (page.Totals, error) {
	if err := e.settled(ctx); err != nil {
		return nil, err
	}
	all, err := e.board.all(ctx)
	if err != nil {
		return nil, err
	}
	var shares []message.DecryptionShare
	for _, p := range all[min(from, uint64(len(all))):] {
		m, err := message.DecodeEntry(p.Entry)
		if err != nil || m.Type != message.TypeDecryptionShare {
			continue
		}
		body := []byte(m.Body)
		if len(body) == 0 {
			body = slices.Concat(p.Chunks...)
		}
		if share, err := codec.Decode[message.DecryptionShare](body, codec.Limits{Size: message.MaxBody}); err == nil {
			shares = append(shares, share)
		}
	}
	m := e.session.cfg.Plan.Description.Filled()
	draft := m.Draft(scrutineer.Public{})
	draft.Trustees = make([]message.TrusteeLine, m.Trustees)
	out := page.Totals{}
	for _, a := range asked {
		totals, err := scrutineer.EarlyTotals(&draft, a, shares)
		if err != nil {
			return nil, fmt.Errorf("%w: the trustees answered, and no total comes of it: %w", targets.ErrTarget, err)
		}
		if out[a.Contest] == nil {
			out[a.Contest] = map[string]uint64{}
		}
		for i, c := range a.Ciphertexts {
			out[a.Contest][c.Option] += totals[i]
		}
	}
	return out, nil
}

// guesses are names under which results are found on real servers before their
// time, besides the ones under which they are found afterwards.
func guesses(units []string) []string {
	out := []string{"/", "/result.json", "/result.csv", "/result-sp1500-100.json", "/results.json", "/result", "/result-1.json",
		"/results/1.json", "/draft.json", "/preview", "/staging/result-1.json", "/staging/", "/.result.json.tmp", "/result.json.bak"}
	for _, u := range units {
		out = append(out, "/staging/unit-"+u+".json", "/units/"+u+".json", "/unit-"+u+".json")
	}
	return out
}

// guessPaths asks for what is not out yet by names that can be guessed, and
// holds the answers against that for a name that will never be: any difference
// tells something, and a difference between two elections that differ in votes
// alone tells about votes.
func (e *election) guessPaths(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "outsider", Outcome: event.Unknown}
	channels, err := ability[targets.Channels](e, targets.Results)
	if err != nil {
		return r, err
	}
	var leak string
	var totals page.Totals
	for _, name := range message.Channels() {
		nothing, err := channels.ReadChannel(ctx, name, "/0123456789abcdef.json")
		if err != nil {
			return r, wrapTarget(err)
		}
		for _, path := range guesses(e.session.cfg.Plan.Electorate.Units) {
			got, err := channels.ReadChannel(ctx, name, path)
			if err != nil {
				return r, wrapTarget(err)
			}
			if got.Status == nothing.Status && len(got.Body) == len(nothing.Body) && bytes.Equal(got.Body, nothing.Body) {
				continue
			}
			leak = name + " " + path
			if t := e.unitTotals(got); t != nil {
				totals = t
			}
		}
	}
	if leak == "" {
		detail := "what is not out cannot be told from what will never be: same status, same bytes"
		e.session.refused(e.step, "publisher", "S-72", detail)
		r.Outcome, r.Detail = event.Refused, detail
		return r, nil
	}
	params := append(totalParams(totals), param("leak", leak))
	e.invoke(event.Operation{Actor: "outsider", Role: "outsider", Op: OpEarly, Adversary: true, Params: params}).OK(nil)
	r.Outcome, r.Detail = event.OK, leak
	return r, nil
}

// unitTotals are the totals of a unit result in an answer.
func (e *election) unitTotals(got targets.Response) page.Totals {
	u, err := codec.Decode[message.UnitResult](got.Body, codec.Limits{Size: 1 << 20})
	if err != nil || got.Status != 200 {
		return shown(e.session.cfg.Plan, got)
	}
	out := page.Totals{}
	for _, c := range u.Contests {
		contest, _ := e.session.cfg.Plan.Electorate.Contest(c.Contest)
		out[c.Contest] = map[string]uint64{}
		for i, o := range contest.Options {
			if i < len(c.Totals) {
				out[c.Contest][o] = c.Totals[i]
			}
		}
	}
	return out
}
