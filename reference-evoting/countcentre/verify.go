package countcentre

import (
	"bytes"
	"context"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/pack"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/statement"
)

// verify checks of a pack all that it tells by itself: signatures, sums, the
// chains of codes and events, and every ballot (V-49 to V-51).
func (c *Centre) verify(p *pack.Contents) error {
	for _, step := range []func(*pack.Contents) error{c.signatures, counts, c.ballotsHold, events} {
		if err := step(p); err != nil {
			return err
		}
	}
	return nil
}

func (c *Centre) signatures(p *pack.Contents) error {
	election, print := c.State.Election(), c.State.Fingerprint()
	id := p.Pack.Device
	d, known := election.Device(id)
	ours := p.Pack.Fingerprint == print && p.CheckIns.Fingerprint == print && p.ZeroReport.Fingerprint == print && p.CloseReport.Fingerprint == print
	one := p.CheckIns.Device == id && p.ZeroReport.Device == id && p.CloseReport.Device == id && p.CheckIns.Place == d.Place
	switch {
	case !known:
		return fmt.Errorf("the manifest has no such device")
	case !ours || !one:
		return fmt.Errorf("its files are of another election, device or place")
	}
	if err := statement.Verify(nil, election, print, p.Pack, p.Pack.Signature); err != nil {
		return err
	}
	if err := statement.Verify(nil, election, print, p.CheckIns, p.CheckIns.Signature); err != nil {
		return err
	}
	if err := statement.Verify(nil, election, print, p.ZeroReport, p.ZeroReport.Signature); err != nil {
		return err
	}
	return statement.Verify(nil, election, print, p.CloseReport, p.CloseReport.Signature)
}

// counts compares what the files hold with what pack.json and the reports say.
func counts(p *pack.Contents) error {
	var cast, challenged uint64
	for _, b := range p.Ballots {
		if b.Ballot.Ballot != nil {
			cast++
		} else {
			challenged++
		}
	}
	k := &p.Pack
	for _, c := range []struct {
		what      string
		got, want uint64
	}{
		{"ballots", cast, k.Ballots}, {"challenged ballots", challenged, k.Challenged},
		{"check-ins", uint64(len(p.CheckIns.CheckIns)), k.CheckIns}, {"nonces", uint64(len(p.Nonces.Nonces)), k.CheckIns},
		{"events", uint64(len(p.Events)), k.Events}, {"packs in the close report", p.CloseReport.Sequence, k.Sequence},
		{"packs in the check-ins", p.CheckIns.Sequence, k.Sequence},
		{"ballots in the zero report", p.ZeroReport.Ballots + p.ZeroReport.Challenged, 0},
		{"ballots in the close report", p.CloseReport.Ballots + p.CloseReport.Challenged, k.First + k.Ballots + k.Challenged - 1},
	} {
		if c.got != c.want {
			return fmt.Errorf("%d %s, want %d", c.got, c.what, c.want)
		}
	}
	if k.Sequence < 1 || k.First < 1 || p.CloseReport.CodeEnd != k.CodeEnd {
		return fmt.Errorf("pack.json and the close report do not agree")
	}
	for i := 1; i < len(p.Nonces.Nonces); i++ {
		if bytes.Compare(p.Nonces.Nonces[i-1][:], p.Nonces.Nonces[i][:]) >= 0 {
			return fmt.Errorf("%s: nonce %d is not above the one before", message.FileNonces, i)
		}
	}
	return nil
}

// ballotsHold checks each ballot, the device's signature of it and, from the
// first code that is known, the chain.
func (c *Centre) ballotsHold(p *pack.Contents) error {
	election, print := c.State.Election(), c.State.Fingerprint()
	var code message.Digest
	if p.Pack.Sequence == 1 {
		zero, err := codec.Encode(p.ZeroReport)
		if err != nil {
			return err
		}
		code = transcript.CodeStart(print, p.Pack.Device, transcript.BodyDigest(zero))
	}
	for i, b := range p.Ballots {
		at := func(err error) error { return fmt.Errorf("%s: line %d: %w", message.FileBallots, i+1, err) }
		sequence := p.Pack.First + uint64(i)
		if b.Ballot.Sequence != sequence {
			return at(fmt.Errorf("ballot %d, want %d", b.Ballot.Sequence, sequence))
		}
		if err := statement.VerifyBallot(nil, election, print, p.Pack.Device, b); err != nil {
			return at(err)
		}
		tracker, fault := c.State.Voting().OfDevice(p.Pack.Device, &b.Ballot)
		if fault != nil {
			return at(fault)
		}
		if want := transcript.Code(code, sequence, tracker); (i > 0 || p.Pack.Sequence == 1) && b.Ballot.Code != want {
			return at(fmt.Errorf("the confirmation code does not follow"))
		}
		code = b.Ballot.Code
	}
	if (len(p.Ballots) > 0 || p.Pack.Sequence == 1) && code != p.Pack.CodeEnd {
		return fmt.Errorf("the confirmation codes end otherwise than %s says", message.FilePack)
	}
	return nil
}

// events checks the log: its chain, that a ballot has no time and all else has,
// and that the ballots of the pack are in it, in order.
func events(p *pack.Contents) error {
	var head message.Digest
	ballots := p.Ballots
	for i, e := range p.Events {
		at := func(format string, args ...any) error {
			return fmt.Errorf("%s: line %d: %s", message.FileEvents, i+1, fmt.Sprintf(format, args...))
		}
		if i > 0 && (e.Previous != head || e.Number != p.Events[i-1].Number+1) || i == 0 && p.Pack.Sequence == 1 && (e.Number != 1 || e.Previous != message.Digest{}) {
			return at("event %d does not follow: there is a gap, or an event was changed", e.Number)
		}
		ballot := e.Kind == message.EventCast || e.Kind == message.EventChallenge
		if ballot != (e.Sequence > 0) || ballot == (e.At > 0) {
			return at("an event has a time, a cast or challenge its number instead")
		}
		if ballot {
			if len(ballots) == 0 || ballots[0].Ballot.Sequence != e.Sequence || (ballots[0].Ballot.Ballot != nil) != (e.Kind == message.EventCast) {
				return at("ballot %d is logged otherwise than it is in the pack", e.Sequence)
			}
			ballots = ballots[1:]
		}
		raw, err := codec.Encode(e)
		if err != nil {
			return err
		}
		head = transcript.LogHead(raw)
	}
	if len(ballots) > 0 || head != p.Pack.LogHead {
		return fmt.Errorf("%s: %d ballots are not in it, or it ends otherwise than %s says", message.FileEvents, len(ballots), message.FilePack)
	}
	return nil
}

// Minutes takes the minutes of a place (S-55).
func (c *Centre) Minutes(ctx context.Context, m message.Minutes) error {
	place, known := c.State.Election().Place(m.Place)
	if !known || m.Fingerprint != c.State.Fingerprint() {
		return fmt.Errorf("%w: minutes of place %q, which is unknown or of another election", ErrRefused, m.Place)
	}
	return hold(ctx, c, message.TypeMinutes, m.Place, m, m.Signatures, place.Officers)
}

// NoPack takes the officers' word that a device's packs are given up (S-58).
func (c *Centre) NoPack(ctx context.Context, n message.NoPack) error {
	if _, known := c.State.Election().Device(n.Device); !known {
		return fmt.Errorf("%w: the manifest has no device %q", ErrRefused, n.Device)
	}
	return hold(ctx, c, message.TypeNoPack, n.Device, n, n.Signatures, c.State.Election().Manifest.Officers)
}

// Revoke takes the officers' revocation of a device (S-58).
func (c *Centre) Revoke(ctx context.Context, r message.RevokeDevice) error {
	if _, known := c.State.Election().Device(r.Device); !known {
		return fmt.Errorf("%w: the manifest has no device %q", ErrRefused, r.Device)
	}
	return hold(ctx, c, message.TypeRevokeDevice, r.Device, r, r.Signatures, c.State.Election().Manifest.Officers)
}

// hold keeps what officers signed. The same again is no change; another one for
// the same is refused.
func hold[T Joint[T]](ctx context.Context, c *Centre, t message.Type, id string, m T, signatures []message.OfficerSignature, among []message.Officer) error {
	if err := statement.VerifyJointly(nil, c.State.Election(), c.State.Fingerprint(), m, signatures, among); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	raw, err := codec.Encode(m)
	if err != nil {
		return err
	}
	before, err := c.Ledger.Held(ctx, t, id)
	switch {
	case err != nil:
		return fmt.Errorf("ledger: %w", err)
	case before != nil && !bytes.Equal(before, raw):
		return fmt.Errorf("%w: there is another %s of %s", ErrRefused, t, id)
	}
	return c.Ledger.Hold(ctx, t, id, raw)
}

// held is the entry of what officers signed, where there is one.
func held[T Joint[T]](ctx context.Context, c *Centre, t message.Type, id string) ([]entry.Packed, error) {
	raw, err := c.Ledger.Held(ctx, t, id)
	if err != nil || raw == nil {
		return nil, err
	}
	m, err := codec.Decode[T](raw, codec.Limits{Size: message.MaxBody})
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	p, err := entry.Pack(c.header(t), m, c.Key)
	return []entry.Packed{p}, err
}
