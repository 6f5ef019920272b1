package device

import (
	"bytes"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// A line of the journal: an event of the log, and what it brought. The ballot
// is there for a cast and a challenge, the digest for an export.
type line struct {
	Ballot *message.SignedBallot `json:"ballot,omitzero"`
	Digest message.Digest        `json:"digest,omitzero"`
	Event  message.Event         `json:"event"`
}

// maxLine bounds a line in bytes, newline included.
const maxLine = 8 << 20

// log is the event log: each event names the head that it extends.
type log struct {
	store  Store
	number uint64
	head   message.Digest
}

// append writes an event with what it brought, durably.
func (l *log) append(e line) (message.Event, error) {
	e.Event.Number, e.Event.Previous = l.number+1, l.head
	head, err := headAfter(e.Event)
	if err != nil {
		return e.Event, err
	}
	raw, err := codec.Encode(e)
	if err != nil {
		return e.Event, err
	}
	if err := l.store.Append(append(raw, '\n')); err != nil {
		return e.Event, err
	}
	l.number, l.head = e.Event.Number, head
	return e.Event, nil
}

// extends reports that an event is the next one of the log.
func (l *log) extends(e message.Event) error {
	if e.Number != l.number+1 || e.Previous != l.head {
		return fmt.Errorf("event %d does not follow event %d", e.Number, l.number)
	}
	head, err := headAfter(e)
	if err != nil {
		return err
	}
	l.number, l.head = e.Number, head
	return nil
}

func headAfter(e message.Event) (message.Digest, error) {
	raw, err := codec.Encode(e)
	return transcript.LogHead(raw), err
}

// note writes an event that has a time.
func (d *Device) note(e message.Event) error {
	e.At = d.now()
	_, err := d.log.append(line{Event: e})
	if err == nil {
		d.packed.events++
	}
	return d.kept(err)
}

// lines goes through the journal.
func (d *Device) lines(f func(line) error) error {
	raw, err := d.cfg.Store.Journal()
	if err != nil {
		return err
	}
	for n := 1; len(raw) > 0; n++ {
		end := bytes.IndexByte(raw, '\n')
		if end < 0 {
			return fmt.Errorf("%w: line %d of the journal has no end", ErrBroken, n)
		}
		l, err := codec.Decode[line](raw[:end], codec.Limits{Size: maxLine, Items: 1 << 16})
		if err == nil {
			err = f(l)
		}
		if err != nil {
			return fmt.Errorf("%w: line %d of the journal: %w", ErrBroken, n, err)
		}
		raw = raw[end+1:]
	}
	return nil
}

// replay goes on from where the journal ends.
func (d *Device) replay() error {
	zero, err := d.cfg.Store.Load(zeroFile)
	if err != nil {
		return err
	}
	if err := d.lines(func(l line) error { return d.replayed(l, zero) }); err != nil {
		return err
	}
	return d.loadNonces()
}

func (d *Device) replayed(l line, zero []byte) error {
	if err := d.log.extends(l.Event); err != nil {
		return err
	}
	d.packed.events++
	switch l.Event.Kind {
	case message.EventOpen:
		z, err := codec.Decode[message.ZeroReport](zero, codec.Limits{})
		if err != nil {
			return fmt.Errorf("the zero report: %w", err)
		}
		d.begin(z, zero)
	case message.EventCast, message.EventChallenge:
		if l.Ballot == nil || l.Ballot.Ballot.Sequence != d.sequence+1 || l.Ballot.Ballot.Sequence != l.Event.Sequence {
			return fmt.Errorf("ballot %d does not follow ballot %d", l.Event.Sequence, d.sequence)
		}
		return d.count(*l.Ballot)
	case message.EventExport:
		d.exported(l.Event, l.Digest)
	case message.EventClose:
		d.phase = PhaseClosed
	}
	return nil
}

// count takes a ballot that is in the journal into account.
func (d *Device) count(b message.SignedBallot) error {
	raw, err := codec.Encode(b)
	if err != nil {
		return err
	}
	d.sequence, d.code = b.Ballot.Sequence, b.Ballot.Code
	d.pending = append(d.pending, append(raw, '\n'))
	if b.Ballot.Ballot != nil {
		d.ballots++
		d.packed.ballots++
	} else {
		d.challenged++
		d.packed.challenged++
	}
	return nil
}
