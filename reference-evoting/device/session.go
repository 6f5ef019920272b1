package device

import (
	"fmt"

	"scrutineer/protocols/card"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/voter"
)

// session is the voter before the device. It is in the store while it lasts,
// so that neither a loss of power lets an activation be used twice nor takes a
// voter's ballot.
type session struct {
	Before uint64         `json:"before"` // ballots cast when it began
	Nonce  message.Digest `json:"nonce"`
	Style  string         `json:"style" limit:"64"`
	Unit   string         `json:"unit" limit:"64"`
	Weight uint64         `json:"weight"`
}

// Shown is what a voter is shown before the decision (S-52).
type Shown struct {
	Sequence uint64
	Tracker  message.Digest
	Code     message.Digest
}

// Paper is a ballot card: text and code as a drawing, and the code as a picture.
type Paper struct {
	SVG []byte
	PNG []byte
}

// Begin takes an activation of the place's poll book (S-51). It is used from
// here on; the one of the session that is open may be shown again.
func (d *Device) Begin(a message.Activation) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.within(PhaseOpen, "voters come after the opening and before the close"); err != nil {
		return err
	}
	if now := d.now(); now < d.line.Opens || now > d.line.Closes {
		return fmt.Errorf("%w: its certificate holds from %d to %d, now is %d", ErrState, d.line.Opens, d.line.Closes, now)
	}
	if d.session != nil {
		if d.session.Nonce == a.Nonce {
			return nil
		}
		return fmt.Errorf("%w: a voter stands before it", ErrState)
	}
	if err := d.activates(a); err != nil {
		return err
	}
	s := &session{Before: d.ballots, Nonce: a.Nonce, Style: a.Style, Unit: a.Unit, Weight: a.Weight}
	if err := d.kept(save(d.cfg.Store, sessionFile, s)); err != nil {
		return err
	}
	d.session = s
	return nil
}

// activates checks an activation.
func (d *Device) activates(a message.Activation) error {
	switch {
	case a.Fingerprint != d.print:
		return fmt.Errorf("%w: it is for the election %s", ErrActivation, a.Fingerprint)
	case a.Device != d.cfg.ID || a.Place != d.line.Place:
		return fmt.Errorf("%w: it is for device %q in place %q", ErrActivation, a.Device, a.Place)
	case d.nonces.has(a.Nonce):
		return fmt.Errorf("%w: it was used", ErrActivation)
	}
	if err := d.admitted(a.Style, a.Unit, a.Weight); err != nil {
		return err
	}
	if err := statement.Verify(d.cfg.Recall, d.election, d.print, a, a.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrActivation, err)
	}
	return nil
}

// Encrypt makes a ballot and the code that the voter is shown. What was shown
// before and not decided is forgotten: it is on no record, and its number goes
// to this one.
func (d *Device) Encrypt(choices voter.Choices) (Shown, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.voting(); err != nil {
		return Shown{}, err
	}
	sequence := d.sequence + 1
	e, err := d.make(sequence, d.session.Style, d.session.Unit, d.session.Weight, choices)
	if err != nil {
		return Shown{}, err
	}
	d.shown = e
	return Shown{Sequence: sequence, Tracker: e.Tracker, Code: transcript.Code(d.code, sequence, e.Tracker)}, nil
}

func (d *Device) make(sequence uint64, style, unit string, weight uint64, choices voter.Choices) (*voter.Encrypted, error) {
	return voter.Encrypter{Election: d.election, Key: d.encrypt, Random: d.cfg.Random}.Encrypt(message.Ballot{
		Caster:      message.Caster{Device: d.cfg.ID, Sequence: sequence},
		Fingerprint: d.print, Style: style, Unit: unit, Weight: weight,
	}, choices)
}

func (d *Device) voting() error {
	if err := d.within(PhaseOpen, "voters come after the opening and before the close"); err != nil {
		return err
	}
	if d.session == nil {
		return fmt.Errorf("%w: nobody stands before it; an activation comes first", ErrState)
	}
	return nil
}

// decided is voting with a ballot that was shown.
func (d *Device) decided() error {
	if err := d.voting(); err != nil {
		return err
	}
	if d.shown == nil {
		return fmt.Errorf("%w: no ballot was shown", ErrState)
	}
	return nil
}

// Cast confirms the ballot that was shown, and ends the session. The paper is
// the voter's to put into the box; the device forgets its number.
func (d *Device) Cast() (Paper, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.decided(); err != nil {
		return Paper{}, err
	}
	e := d.shown
	printed, err := d.paper(e.Ballot, e.Choices)
	if err != nil {
		return Paper{}, err
	}
	ballot := e.Ballot
	if _, err := d.record(message.EventCast, message.DeviceBallot{Ballot: &ballot}); err != nil {
		return Paper{}, err
	}
	return printed, d.endSession()
}

// Challenge opens the ballot that was shown instead, and signs that. The
// session goes on: the voter makes another.
func (d *Device) Challenge() (message.SignedBallot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.decided(); err != nil {
		return message.SignedBallot{}, err
	}
	opened := d.shown.Open()
	return d.record(message.EventChallenge, message.DeviceBallot{Challenge: &opened})
}

// record signs a decided ballot and writes it to the journal, with its event.
func (d *Device) record(kind message.EventKind, b message.DeviceBallot) (message.SignedBallot, error) {
	b.Sequence = d.sequence + 1
	b.Code = transcript.Code(d.code, b.Sequence, d.shown.Tracker)
	signed, err := statement.SignBallot(b, d.cfg.ID, d.print, d.key)
	if err != nil {
		return signed, err
	}
	if _, err := d.log.append(line{Ballot: &signed, Event: message.Event{Kind: kind, Sequence: b.Sequence}}); err != nil {
		return signed, d.kept(err)
	}
	d.packed.events++
	d.shown = nil
	return signed, d.count(signed)
}

// endSession moves the activation to those that were used.
func (d *Device) endSession() error {
	d.nonces.use(d.session.Nonce)
	if err := d.kept(save(d.cfg.Store, noncesFile, d.nonces)); err != nil {
		return err
	}
	if err := d.kept(d.cfg.Store.Save(sessionFile, nil)); err != nil {
		return err
	}
	d.session, d.shown = nil, nil
	return nil
}

// Cancel ends the session without a ballot: the voter went away. With what it
// returns the poll book strikes the check-in.
func (d *Device) Cancel() (message.Cancelled, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.voting(); err != nil {
		return message.Cancelled{}, err
	}
	c := message.Cancelled{Device: d.cfg.ID, Fingerprint: d.print, Nonce: d.session.Nonce}
	var err error
	if c.Signature, err = sign(d, c); err != nil {
		return message.Cancelled{}, err
	}
	d.nonces.cancel(c.Nonce)
	if err := d.kept(save(d.cfg.Store, noncesFile, d.nonces)); err != nil {
		return message.Cancelled{}, err
	}
	if err := d.kept(d.cfg.Store.Save(sessionFile, nil)); err != nil {
		return message.Cancelled{}, err
	}
	d.session, d.shown = nil, nil
	return c, nil
}

// paper draws the card of a ballot (S-54).
func (d *Device) paper(b message.Ballot, choices voter.Choices) (Paper, error) {
	c := message.Card{Device: d.cfg.ID, Fingerprint: d.print, Style: b.Style, Unit: b.Unit, Weight: b.Weight, Contests: []message.CardContest{}}
	d.cfg.Random.XORKeyStream(c.Card[:], c.Card[:])
	style, _, _ := d.election.Style(b.Style)
	for _, id := range style.Contests {
		contest, _, _ := d.election.Contest(id)
		c.Contests = append(c.Contests, message.CardContest{Contest: id, Options: inOrder(contest, choices[id])})
	}
	signed, err := card.Sign(c, d.key)
	if err != nil {
		return Paper{}, err
	}
	var p Paper
	if p.SVG, err = card.SVG(&d.election.Manifest, signed); err != nil {
		return Paper{}, err
	}
	p.PNG, err = card.PNG(signed)
	return p, err
}

func sign[T statement.Single[T]](d *Device, s T) (message.Signature, error) {
	return statement.Sign(s, d.print, d.key)
}

func save(s Store, name string, v any) error {
	raw, err := codec.Encode(v)
	if err != nil {
		return err
	}
	return s.Save(name, raw)
}
