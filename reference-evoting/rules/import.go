package rules

import (
	"context"
	"crypto/sha256"
	"hash"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	said "scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/tally"
)

// importing is a pack whose ballots follow on the board.
type importing struct {
	pack   message.Pack
	place  string
	left   uint64 // ballots still to come, cast or challenged
	casts  uint64 // so far
	free   map[cell]uint64
	lines  hash.Hash // of ballots.jsonl
	before device
}

// cell is for what a ballot counts.
type cell struct {
	style, unit string
	weight      uint64
}

// planImport makes V-49 and V-50: the pack is the device's next one, and the
// check-ins in it are those of the poll book.
func (s *State) planImport(e message.Entry, body codec.Raw) (effect, *Fault) {
	m, fault := counted[message.Import](s, e, body)
	if fault != nil {
		return nil, fault
	}
	line, known := s.election.Device(m.Pack.Device)
	if !known {
		return nil, broken("V-49", "device %q is not in the manifest", m.Pack.Device)
	}
	d := *s.places.devices[line.ID]
	if fault := s.packSigned(&m); fault != nil {
		return nil, fault
	}
	if fault := s.packNext(&m, &d); fault != nil {
		return nil, fault
	}
	voters, fault := s.packCheckIns(&m, line.Place)
	if fault != nil {
		return nil, fault
	}
	return func() error { return s.takeImport(&m, line.Place, d, voters) }, nil
}

// packSigned holds that device and poll book signed what travels on the medium,
// and that it is of this election.
func (s *State) packSigned(m *message.Import) *Fault {
	p := &m.Pack
	if p.Fingerprint != s.print || m.CheckIns.Fingerprint != s.print {
		return broken("V-49", "pack %d of device %s is of another election", p.Sequence, p.Device)
	}
	if err := said.Verify(s.memory, s.election, s.print, *p, p.Signature); err != nil {
		return broken("V-49", "of device %s: %v", p.Device, err)
	}
	if err := said.Verify(s.memory, s.election, s.print, m.CheckIns, m.CheckIns.Signature); err != nil {
		return broken("V-50", "of device %s: %v", p.Device, err)
	}
	files := map[string]message.Digest{}
	for _, f := range p.Files {
		files[f.Name] = f.Digest
	}
	checkIns, err := codec.Encode(m.CheckIns)
	if err != nil || files[message.FileCheckIns] != message.Digest(transcript.BodyDigest(checkIns)) {
		return broken("V-49", "the check-ins of pack %d of device %s are not those that it names", p.Sequence, p.Device)
	}
	if (m.ZeroReport != nil) != (p.Sequence == 1) {
		return broken("V-49", "pack %d of device %s has a zero report exactly if it is the first", p.Sequence, p.Device)
	}
	if m.ZeroReport == nil {
		return nil
	}
	return s.zero(m.ZeroReport, p, files[message.FileZeroReport])
}

// zero holds that a device opened with nothing.
func (s *State) zero(z *message.ZeroReport, p *message.Pack, named message.Digest) *Fault {
	digest, err := zeroDigest(z)
	if err != nil || digest != named || z.Device != p.Device || z.Fingerprint != s.print || z.Ballots != 0 || z.Challenged != 0 {
		return broken("V-49", "the zero report of device %s is not the pack's, or not zero", p.Device)
	}
	if err := said.Verify(s.memory, s.election, s.print, *z, z.Signature); err != nil {
		return broken("V-49", "of device %s: %v", p.Device, err)
	}
	return nil
}

// packNext makes V-49 for the place of the pack among those of its device, and
// against the minutes where it is the final one.
func (s *State) packNext(m *message.Import, d *device) *Fault {
	p := &m.Pack
	ordered := p.Sequence == uint64(len(d.archives))+1 && p.Previous == d.last() && p.First == d.next() && !d.final
	switch {
	case d.revoked || d.noPack != nil:
		return broken("V-53", "device %s is revoked, or its packs are given up", p.Device)
	case !ordered:
		return broken("V-49", "is pack %d of device %s with ballots from %d; %d packs and %d ballots of it stand", p.Sequence, p.Device, p.First, len(d.archives), d.next()-1)
	case p.Ballots+p.Challenged == 0 && p.Sequence > 1 && p.CodeEnd != d.code:
		return broken("V-51", "the codes of device %s end otherwise without a ballot", p.Device)
	}
	l, minuted := s.line(p.Device)
	if !minuted {
		return broken("V-49", "the place of device %s has no minutes yet", p.Device)
	}
	total, challenged := d.ballots+p.Ballots, d.challenged+p.Challenged
	agrees := l.Pack == m.Digest && l.Ballots == total && l.Challenged == challenged && l.CodeEnd == p.CodeEnd
	if !p.Final {
		agrees = total <= l.Ballots && challenged <= l.Challenged
	}
	if !agrees {
		return broken("V-49", "pack %d of device %s is not what the minutes say", p.Sequence, p.Device)
	}
	return nil
}

// packCheckIns makes V-50 and gives the voters who came, by their place in the
// credential list.
func (s *State) packCheckIns(m *message.Import, place string) ([]int, *Fault) {
	c := &m.CheckIns
	if c.Device != m.Pack.Device || c.Place != place || c.Sequence != m.Pack.Sequence || uint64(len(c.CheckIns)) != m.Pack.CheckIns {
		return nil, broken("V-50", "the check-ins are not those of pack %d of device %s in place %s", m.Pack.Sequence, m.Pack.Device, place)
	}
	at, _ := s.election.Place(place)
	voters := make([]int, len(c.CheckIns))
	for i, line := range c.CheckIns {
		voter, listed := s.roll.find(line.Credential)
		if !listed || i > 0 && voter <= voters[i-1] {
			return nil, broken("V-50", "check-in %d is of no listed credential, or out of order", i)
		}
		if want := s.credential(voter); line != want || !slices.Contains(at.Units, want.Unit) {
			return nil, broken("V-50", "check-in %d is not as its credential is listed, or not of place %s", i, place)
		}
		if s.CheckedIn(voter) {
			return nil, broken("V-50", "credential %s is checked in twice", line.Credential)
		}
		voters[i] = voter
	}
	return voters, nil
}

// credential is a voter's line as a check-in has it.
func (s *State) credential(voter int) message.CheckIn {
	v, m := s.roll.voters[voter], &s.election.Manifest
	return message.CheckIn{Credential: s.roll.key(voter), Style: m.Styles[v.style].ID, Unit: m.Units[v.unit].ID, Weight: uint64(v.weight)}
}

func (s *State) takeImport(m *message.Import, place string, d device, voters []int) error {
	o := &importing{pack: m.Pack, place: place, left: m.Pack.Ballots + m.Pack.Challenged, free: map[cell]uint64{}, lines: sha256.New()}
	for i, voter := range voters {
		line := m.CheckIns.CheckIns[i]
		o.free[cell{line.Style, line.Unit, line.Weight}]++
		s.places.checkedIn[voter] = checkedIn{place, line}
		if s.roll.voters[voter].head != noHead {
			s.places.owed++
		} else {
			s.counts.Voters++
		}
	}
	if m.ZeroReport != nil {
		zero, err := zeroDigest(m.ZeroReport)
		if err != nil {
			return err
		}
		d.code = transcript.CodeStart(s.print, m.Pack.Device, zero)
	}
	d.archives = append(slices.Clip(d.archives), m.Digest)
	d.checkIns += m.Pack.CheckIns
	o.before = d
	s.places.devices[m.Pack.Device] = &d
	s.places.open = o
	if o.left == 0 {
		s.imported()
	}
	return nil
}

// imported ends an import.
func (s *State) imported() {
	o := s.places.open
	s.places.devices[o.pack.Device].final = o.pack.Final
	s.places.open = nil
}

// planDeviceBallot makes V-51 and, of the ballot, what the rules ask of any.
func (s *State) planDeviceBallot(ctx context.Context, e message.Entry, body codec.Raw, depth Depth) (effect, *Fault, error) {
	o := s.places.open
	if fault := s.byDevice(e, body, o); fault != nil {
		return nil, fault, nil
	}
	m, fault := decode[message.DeviceBallot](s.weak, body)
	if fault != nil {
		return nil, fault, nil
	}
	d := *s.places.devices[o.pack.Device]
	if want := o.pack.First + d.next() - o.before.next(); m.Sequence != want || (m.Ballot == nil) == (m.Challenge == nil) {
		return nil, broken("V-51", "is ballot %d of device %s and cast or challenged, want %d", m.Sequence, e.ID, want), nil
	}
	var take effect
	var tracker message.Digest
	var err error
	if m.Ballot != nil {
		tracker = transcript.Tracker(m.Ballot)
		take, fault, err = s.planOfDevice(ctx, m.Ballot, e.ID, m.Sequence, depth)
		d.ballots++
	} else {
		tracker, take, fault, err = s.planOpened(ctx, m.Challenge)
		d.challenged++
	}
	if fault != nil || err != nil {
		return nil, fault, err
	}
	d.code = transcript.Code(d.code, m.Sequence, tracker)
	if m.Code != message.Digest(d.code) {
		return nil, broken("V-51", "the confirmation code of ballot %d of device %s does not follow", m.Sequence, e.ID), nil
	}
	line, err := codec.Encode(message.SignedBallot{Ballot: m, Signature: e.Signature})
	if err != nil {
		return nil, nil, err
	}
	if fault := s.lastOf(o, &d, line); fault != nil {
		return nil, fault, nil
	}
	return func() error {
		o.lines.Write(append(line, '\n'))
		o.left--
		if m.Ballot != nil {
			o.casts++
		}
		s.places.devices[o.pack.Device] = &d
		if o.left == 0 {
			s.imported()
		}
		return take()
	}, nil, nil
}

// byDevice holds that the device of the open import signed its ballot (V-07).
func (s *State) byDevice(e message.Entry, body codec.Raw, o *importing) *Fault {
	if e.ID != o.pack.Device {
		return broken("V-51", "is by device %q, the import is of %q", e.ID, o.pack.Device)
	}
	return s.signed(e, body, message.RoleDevice, s.print)
}

// planOfDevice makes the checks of a device's ballot: V-17 to V-22, V-29, and
// that there is a check-in for it.
func (s *State) planOfDevice(ctx context.Context, b *message.Ballot, id string, sequence uint64, depth Depth) (effect, *Fault, error) {
	o := s.places.open
	if b.Caster != (message.Caster{Device: id, Sequence: sequence}) {
		return nil, broken("V-19", "the caster is not device %s with number %d", id, sequence), nil
	}
	left := o.free[cell{b.Style, b.Unit, b.Weight}]
	if left == 0 {
		return nil, broken("V-51", "no check-in is left for a ballot of style %s, unit %s and weight %d in this pack", b.Style, b.Unit, b.Weight), nil
	}
	var answers []tally.Answer
	var fault *Fault
	if depth == Full {
		answers, fault = s.voting.proven(b)
	} else {
		answers, fault = s.answers(b, depth)
	}
	if fault != nil {
		return nil, fault, nil
	}
	fault, err := s.unseen(ctx, s.alphasOf(b), depth)
	if fault != nil || err != nil {
		return nil, fault, err
	}
	unit, _ := s.election.Unit(b.Unit)
	return func() error {
		for _, alpha := range s.alphasOf(b) {
			s.seen.add(alpha)
		}
		o.free[cell{b.Style, b.Unit, b.Weight}]--
		s.counts.Casts++
		return s.sums.Add(tally.Vote{Unit: unit, Weight: b.Weight, Answers: answers})
	}, nil, nil
}

// lastOf holds that the last ballot of a pack ends it as the pack says (V-51).
func (s *State) lastOf(o *importing, d *device, line []byte) *Fault {
	casts := d.ballots - o.before.ballots
	if casts > o.pack.Ballots || d.challenged-o.before.challenged > o.pack.Challenged {
		return broken("V-51", "more ballots are cast or challenged than pack %d of device %s says", o.pack.Sequence, o.pack.Device)
	}
	if o.left > 1 {
		return nil
	}
	if d.code != o.pack.CodeEnd {
		return broken("V-51", "the codes of device %s end at %s, its pack says %s", o.pack.Device, d.code, o.pack.CodeEnd)
	}
	sum := copyOf(o.lines)
	sum.Write(append(line, '\n'))
	digest := message.Digest(sum.Sum(nil))
	for _, f := range o.pack.Files {
		if f.Name == message.FileBallots && f.Digest != digest {
			return broken("V-51", "the ballots of pack %d of device %s are not those that it names", o.pack.Sequence, o.pack.Device)
		}
	}
	return nil
}
