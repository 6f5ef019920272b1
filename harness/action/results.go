package action

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"maps"
	"slices"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/results/page"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// The forms in which a reader sees a result.
var forms = []string{"/", "/result.json"}

// results carry out what becomes of a result in public.
func (s *Session) results() map[string]handler {
	return map[string]handler{
		"read-results":    s.readResults,
		"watch-results":   s.watchResults,
		"fake-site":       s.fakeSite,
		"deviate-channel": s.deviateChannel,
		"read-early":      s.readEarly,
		"withhold-share":  s.withholdShare,
		"inform":          s.inform,
		"spoof-notice":    s.spoofNotice,
	}
}

// readResults has people look at every channel, in every form. One that shows
// nothing yet is looked at again until patience ends.
func (s *Session) readResults(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "readers", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	channels, err := ability[targets.Channels](e, targets.Results)
	if err != nil {
		return r, err
	}
	patient, cancel := context.WithTimeout(ctx, s.cfg.Limits.Patience+e.took)
	defer cancel()
	for _, name := range message.Channels() {
		for _, form := range forms {
			if err := e.readChannel(patient, channels, name, form); err != nil {
				return r, err
			}
		}
	}
	r.Outcome = event.OK
	return r, ctx.Err()
}

// readChannel notes what a reader sees of one form of one channel.
func (e *election) readChannel(patient context.Context, channels targets.Channels, channel, form string) error {
	got, err := channels.ReadChannel(patient, channel, form)
	for again := 20 * time.Millisecond; err == nil && got.Status != 200 && waits(patient, again); again *= 2 {
		got, err = channels.ReadChannel(patient, channel, form)
	}
	if err != nil && patient.Err() == nil {
		return wrapTarget(err)
	}
	params := []event.Param{param("channel", channel), param("form", form), param("status", number(got.Status))}
	params = append(params, totalParams(shown(e.session.cfg.Plan, got))...)
	e.invoke(event.Operation{Actor: "reader", Role: "reader", Op: OpShown, Params: params}).OK(nil)
	return nil
}

// waits waits a little; false when time is up.
func waits(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// shown are the totals that a person sees in an answer; nil where there are
// none.
func shown(p Plan, got targets.Response) page.Totals {
	if got.Status != 200 {
		return nil
	}
	if bytes.HasPrefix(got.Body, []byte("{")) {
		m := p.Description.Filled().Draft(scrutineer.Public{})
		pub, err := codec.Decode[message.Publication](got.Body, codec.Limits{Size: page.MaxSize})
		if err != nil {
			return nil
		}
		return page.TotalsOf(&m, pub.Result)
	}
	seen, err := page.Read(got.Body)
	if err != nil {
		return nil
	}
	return seen.Totals
}

// totalParams are totals as a history has them: contest, option and number.
func totalParams(t page.Totals) []event.Param {
	var out []event.Param
	for _, contest := range slices.Sorted(maps.Keys(t)) {
		for _, option := range slices.Sorted(maps.Keys(t[contest])) {
			out = append(out, param("total", contest+" "+option+" "+number(t[contest][option])))
		}
	}
	return out
}

// watchResults has the target's watchers look, and its auditor compare.
func (s *Session) watchResults(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "auditor", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	channels, err := ability[targets.Channels](e, targets.Results)
	if err != nil {
		return r, err
	}
	pending := e.invoke(event.Operation{Actor: "auditor", Role: "auditor", Op: OpWatch})
	defer pending.Unknown(nil)
	found, err := channels.WatchChannels(ctx)
	if err != nil {
		return r, wrapTarget(err)
	}
	s.alarms(by("auditor", found))
	pending.OK(nil)
	r.Outcome = event.OK
	return r, nil
}

// fakeSite is K01: who has the web tier answers in a channel's place.
func (s *Session) fakeSite(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "outsider", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	channels, err := ability[targets.Channels](e, targets.Results)
	if err != nil {
		return r, err
	}
	f := &faker{how: st.Args.Text("how"), contest: st.Args.Text("contest"), winner: st.Args.Text("winner"), plan: s.cfg.Plan,
		random: s.stream(e, "fake-site")}
	if err := channels.InterposeChannel(ctx, st.Args.Text("channel"), f.answer); err != nil {
		return r, wrapTarget(err)
	}
	r.Outcome = event.OK
	return r, nil
}

// deviateChannel is K02: a publisher shows something else.
func (s *Session) deviateChannel(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "publisher", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	channels, err := ability[targets.Channels](e, targets.Results)
	if err != nil {
		return r, err
	}
	insider, err := ability[targets.Corruptible](e, targets.Insider)
	if err != nil {
		return r, err
	}
	name := st.Args.Text("channel")
	seed, err := insider.Keys(ctx, "publisher/"+name)
	if err != nil {
		return r, wrapTarget(err)
	}
	if len(seed) != ed25519.SeedSize {
		return r, fmt.Errorf("%w: a key of %d bytes", targets.ErrTarget, len(seed))
	}
	f := &faker{how: st.Args.Text("how"), contest: st.Args.Text("contest"), winner: st.Args.Text("winner"), plan: s.cfg.Plan,
		key: ed25519.NewKeyFromSeed(seed)}
	if err := channels.InterposeChannel(ctx, name, f.answer); err != nil {
		return r, wrapTarget(err)
	}
	r.Outcome = event.OK
	return r, nil
}
