package action

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// postAs is D09: a message of one role, signed with the key of another.
func (s *Session) postAs(ctx context.Context, st Step) (Result, error) {
	by := st.Args.Text("signer")
	r := Result{Actor: by, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	key, err := e.signingKey(ctx, by)
	if err != nil {
		return r, err
	}
	parcels, err := e.payloads(ctx, st)
	if err != nil {
		return r, err
	}
	for _, p := range parcels {
		forged, err := scrutineer.Resigned(p, key, by == "own")
		if err != nil {
			return r, fmt.Errorf("%w: %w", ErrPlan, err)
		}
		switch st.Args.Text("payload") { // what nobody may hand in, or not yet
		case "close-channel":
			r.Outcome = event.OK
			_, err := e.write(ctx, forged)
			return r, err
		case "participation":
			r.Outcome = event.OK
			return r, e.writeClosed(ctx, forged)
		}
		a, err := e.postForged(ctx, by, forged)
		if err != nil {
			return r, err
		}
		if r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a); r.Outcome != event.OK {
			return r, nil
		}
	}
	return r, e.settled(ctx)
}

// signingKey is a role's key, or one that the adversary made.
func (e *election) signingKey(ctx context.Context, role string) (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if role == "own" {
		_, err := io.ReadFull(e.session.stream(e, "own-key"), seed)
		return ed25519.NewKeyFromSeed(seed), err
	}
	if index := int64(role[len(role)-1] - '0'); role[:len(role)-1] == "trustee/" && e.trustees[index] != nil {
		return e.trustees[index].Signer().Key, nil
	}
	insider, err := ability[targets.Corruptible](e, targets.Insider)
	if err != nil {
		return nil, err
	}
	if seed, err = insider.Keys(ctx, role); err != nil {
		return nil, wrapTarget(err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%w: a key of %d bytes", targets.ErrTarget, len(seed))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// payloads are the messages, honest but for their signatures.
func (e *election) payloads(ctx context.Context, st Step) ([]scrutineer.Parcel, error) {
	public, err := e.public(ctx)
	if err != nil {
		return nil, err
	}
	nobody := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	switch st.Args.Text("payload") {
	case "close-channel":
		s := scrutineer.Signer{Role: message.RoleAuthority, Key: nobody}
		p, err := s.Entry(message.TypeCloseChannel, public.Fingerprint, &message.CloseChannel{Channel: public.Manifest.Channels[0].ID})
		return []scrutineer.Parcel{p}, err
	case "participation":
		body := &message.Participation{}
		for _, v := range e.session.cfg.Plan.Electorate.Voters { // all of them have voted
			body.Voters = append(body.Voters, v.Name)
		}
		slices.Sort(body.Voters)
		s := scrutineer.Signer{Role: message.RoleRegistrar, Key: nobody}
		p, err := s.Entry(message.TypeParticipation, public.Fingerprint, body)
		return []scrutineer.Parcel{p}, err
	case "decryption-share":
		index := st.Args.Int("trustee")
		t := e.trustees[index]
		if t == nil {
			return nil, fmt.Errorf("%w: the harness does not play trustee %d", ErrPlan, index)
		}
		var parcels []scrutineer.Parcel
		err := e.sealed(ctx, func(v *scrutineer.View) error {
			return e.session.compute(ctx, func() error {
				parcels, err = t.Shares(v)
				return err
			})
		})
		return parcels, err
	}
	return nil, fmt.Errorf("%w: no payload %q", ErrPlan, st.Args.Text("payload"))
}

// writeClosed has the server close every channel, and put an entry behind that.
func (e *election) writeClosed(ctx context.Context, after scrutineer.Parcel) error {
	public, err := e.public(ctx)
	if err != nil {
		return err
	}
	_, a, err := e.insider(ctx)
	if err != nil {
		return err
	}
	var parcels []scrutineer.Parcel
	for _, c := range public.Manifest.Channels {
		p, err := a.Close(public, c.ID)
		if err != nil {
			return err
		}
		parcels = append(parcels, p)
	}
	_, err = e.write(ctx, append(parcels, after)...)
	return err
}
