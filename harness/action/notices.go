package action

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// informed is a voter's client that shows notices of the electoral body.
func (e *election) informed(ctx context.Context, voter string) (targets.Informed, error) {
	voters, err := ability[targets.Voters](e, targets.Client)
	if err != nil {
		return nil, err
	}
	c, err := voters.Voter(ctx, voter)
	if err != nil {
		return nil, wrapTarget(err)
	}
	i, ok := c.(targets.Informed)
	if !ok {
		return nil, &Unable{targets.Notices}
	}
	return i, nil
}

// postNotices has the electoral body post so many notices.
func (e *election) postNotices(ctx context.Context, count int64) ([][]byte, error) {
	body, err := ability[targets.Announcer](e, targets.Notices)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for range count {
		raw, err := body.PostNotice(ctx, "notice "+number(len(e.posted)+1)+" of "+e.step)
		if err != nil {
			return nil, wrapTarget(err)
		}
		e.mu.Lock()
		e.posted = append(e.posted, raw)
		e.mu.Unlock()
		out = append(out, raw)
	}
	return out, nil
}

// inform has the electoral body post notices that reach voters' clients, in
// their order or, by whatever way, the last one first.
func (s *Session) inform(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "officers", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	list, err := e.postNotices(ctx, st.Args.Int("count"))
	if err != nil {
		return r, err
	}
	if st.Args.Text("order") == "reversed" {
		slices.Reverse(list)
	}
	for _, voter := range st.Args.List("voters") {
		seen := 0
		for _, raw := range list {
			shown, err := e.bring(ctx, voter, raw, true)
			if err != nil {
				return r, err
			}
			seen += len(shown)
		}
		if seen != len(list) {
			r.Detail = fmt.Sprintf("%s's client shows %d of %d notices", voter, seen, len(list))
			s.refused(e.step, "voter", "S-76", r.Detail)
			r.Outcome = event.Refused
			return r, nil
		}
	}
	r.Outcome = event.OK
	return r, nil
}

// bring brings a notice to a voter's client. What the client will not show is
// no error: nothing is shown.
func (e *election) bring(ctx context.Context, voter string, raw []byte, genuine bool) ([]string, error) {
	client, err := e.informed(ctx, voter)
	if err != nil {
		return nil, err
	}
	pending := e.invoke(event.Operation{Actor: voter, Role: "voter", Op: OpNotice, Adversary: !genuine, Params: []event.Param{param("genuine", fmt.Sprint(genuine))}})
	defer pending.Unknown(nil)
	shown, err := client.ShowNotice(ctx, raw)
	var objection *targets.Objection
	switch {
	case errors.As(err, &objection):
		pending.Refused(func(o *event.Operation) { o.Code, o.Message = objection.Check, objection.Detail })
		return nil, nil
	case err != nil:
		return nil, wrapTarget(err)
	case len(shown) == 0:
		pending.Refused(func(o *event.Operation) { o.Code, o.Message = "S-76", "it waits for the notices before it" })
		return nil, nil
	}
	pending.OK(nil)
	return shown, nil
}

// spoofNotice is K05: an outsider brings a notice to a voter's client.
func (s *Session) spoofNotice(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "outsider", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	raw, err := e.spoof(ctx, st)
	if err != nil {
		return r, err
	}
	for _, voter := range st.Args.List("voters") {
		shown, err := e.bring(ctx, voter, raw, false)
		if err != nil {
			return r, err
		}
		if len(shown) == 0 {
			r.Outcome, r.Detail = event.Refused, "the client does not show it"
			s.refused(e.step, "voter", "S-76", r.Detail)
			return r, nil
		}
	}
	r.Outcome = event.OK
	return r, nil
}

// spoof is the notice that is brought.
func (e *election) spoof(ctx context.Context, st Step) ([]byte, error) {
	switch how := st.Args.Text("how"); how {
	case "other-election":
		other, err := e.session.in(Step{Args: map[string]any{"in": st.Args.Text("from")}})
		if err != nil {
			return nil, err
		}
		list, err := other.postNotices(ctx, 1)
		if err != nil {
			return nil, err
		}
		return list[0], nil
	case "old":
		if len(e.posted) == 0 {
			return nil, fmt.Errorf("%w: nothing was posted that could be repeated", ErrPlan)
		}
		return e.posted[0], nil
	case "gap":
		list, err := e.postNotices(ctx, 2)
		if err != nil {
			return nil, err
		}
		return list[1], nil
	}
	return e.forgeNotice(ctx)
}

// forgeNotice is a notice that continues the chain and that no officer signed.
func (e *election) forgeNotice(ctx context.Context) ([]byte, error) {
	n := message.BodyNotice{Kind: message.NoticeWarning, Number: 1, Text: "Your ballot was void. Vote again at another address.", Until: closes}
	if len(e.posted) > 0 {
		last, err := codec.Decode[message.BodyNotice](e.posted[len(e.posted)-1], codec.Limits{Size: 1 << 16})
		if err != nil {
			return nil, fmt.Errorf("%w: notice: %w", targets.ErrTarget, err)
		}
		n.Fingerprint, n.Number, n.Previous = last.Fingerprint, last.Number+1, transcript.BodyDigest(e.posted[len(e.posted)-1])
	} else {
		status, err := e.info(ctx)
		if err != nil {
			return nil, err
		}
		n.Fingerprint = status.Fingerprint
	}
	random := e.session.stream(e, "notices")
	var keys []ed25519.PrivateKey
	for range 2 {
		seed := make([]byte, ed25519.SeedSize)
		if _, err := io.ReadFull(random, seed); err != nil {
			return nil, err
		}
		keys = append(keys, ed25519.NewKeyFromSeed(seed))
	}
	n, err := scrutineer.NoticeAs(n, []string{"o1", "o2"}, keys)
	if err != nil {
		return nil, err
	}
	return codec.Encode(n)
}
