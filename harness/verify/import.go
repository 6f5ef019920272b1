package verify

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"scrutineer/harness/verify/challenge"
	"scrutineer/protocols/message"
)

// countCentre is its name in Finding.Blame.
const countCentre = "count-centre"

func deviceNamed(id string) string { return "device " + clip(id) }

// placeImport makes V-49 and V-50 and opens the import for its ballots.
func (f *fold) placeImport(it *item, m *message.Import) {
	p := &m.Pack
	f.l.both(Packs, 1)
	f.l.expect(CheckInList, int(min(p.CheckIns, maxCheckIns)))
	f.l.expect(DeviceBallots, int(min(p.Ballots, maxEntries)+min(p.Challenged, maxEntries)))
	d := f.place.devices[p.Device]
	if d == nil {
		f.l.add(it.place(found(Packs, "device %q is not in the manifest", p.Device)).blame(countCentre))
		return
	}
	if d.revoked || d.noPack != nil {
		f.l.add(it.place(found(Inventory, "device %s is revoked or given up", p.Device)).blame(countCentre))
	}
	f.packSigned(it, m, d)
	f.packNext(it, m, d)
	o := &importFold{pack: p, free: map[group]uint64{}, lines: sha256.New()}
	f.checkIns(it, m, d, o)
	if m.ZeroReport != nil {
		d.code = challenge.CodeStart(f.setup.fingerprint, p.Device, sha256.Sum256(zeroText(m.ZeroReport, true)))
	}
	d.packs, d.previous = d.packs+1, m.Digest
	d.checkIns += uint64(len(m.CheckIns.CheckIns))
	f.place.open = o
	f.endImport(it)
}

// maxCheckIns bounds what a pack may name.
const maxCheckIns = 65536

// packSigned holds that the device signed the pack, and that its zero report
// and check-ins are the files that it names.
func (f *fold) packSigned(it *item, m *message.Import, d *deviceFold) {
	p := &m.Pack
	fail := func(format string, args ...any) {
		f.l.add(it.place(found(Packs, format, args...)).blame(countCentre))
	}
	if p.Fingerprint != message.Digest(f.setup.fingerprint) ||
		!f.setup.singly(message.TypePack, message.RoleDevice, p.Device, packText(p), p.Signature) {
		fail("pack %d of device %s is not signed by it for this election", p.Sequence, p.Device)
	}
	files := map[string]message.Digest{}
	for _, file := range p.Files {
		files[file.Name] = file.Digest
	}
	if files[message.FileCheckIns] != sha256.Sum256(checkInsText(&m.CheckIns, true)) {
		fail("the check-ins of pack %d of device %s are not the file that it names", p.Sequence, p.Device)
	}
	z := m.ZeroReport
	switch {
	case (z != nil) != (d.packs == 0):
		fail("pack %d of device %s: a zero report belongs to the first pack and no other", p.Sequence, p.Device)
	case z == nil:
	case z.Device != p.Device || z.Fingerprint != p.Fingerprint || z.Ballots != 0 || z.Challenged != 0 ||
		files[message.FileZeroReport] != sha256.Sum256(zeroText(z, true)) ||
		!f.setup.singly(message.TypeZeroReport, message.RoleDevice, p.Device, zeroText(z, false), z.Signature):
		fail("the zero report of device %s is not its own, not the pack's, or not zero", p.Device)
	}
}

// packNext holds that the pack follows the one before, and agrees with the
// minutes.
func (f *fold) packNext(it *item, m *message.Import, d *deviceFold) {
	p := &m.Pack
	if p.Sequence != d.packs+1 || p.Previous != d.previous || p.First != d.ballots+d.challenged+1 || d.final {
		f.l.add(it.place(found(Packs, "pack %d of device %s does not follow", p.Sequence, p.Device)).
			counts(d.packs+1, p.Sequence).sides("previous = digest of the archive before", p.Previous, d.previous).blame(countCentre))
	}
	l := f.minuted(p.Device)
	ballots, challenged := d.ballots+p.Ballots, d.challenged+p.Challenged
	switch {
	case l == nil:
		f.l.add(it.place(found(Packs, "device %s is imported before the minutes of its place", p.Device)).blame(countCentre))
	case ballots > l.Ballots || challenged > l.Challenged,
		p.Final && (l.Pack != m.Digest || ballots != l.Ballots || challenged != l.Challenged || l.CodeEnd != p.CodeEnd):
		f.l.add(it.place(found(Packs, "pack %d of device %s is not what the minutes say", p.Sequence, p.Device)).
			sides("digest of the archive", m.Digest, l.Pack).blame(countCentre, deviceNamed(p.Device)))
	}
}

// checkIns makes V-50.
func (f *fold) checkIns(it *item, m *message.Import, d *deviceFold, o *importFold) {
	c := &m.CheckIns
	fail := func(format string, args ...any) {
		f.l.add(it.place(found(CheckInList, format, args...)).blame(countCentre))
	}
	if c.Device != m.Pack.Device || c.Place != d.place || c.Sequence != m.Pack.Sequence || uint64(len(c.CheckIns)) != m.Pack.CheckIns ||
		c.Fingerprint != message.Digest(f.setup.fingerprint) {
		fail("the check-ins are not those of pack %d of device %s", m.Pack.Sequence, m.Pack.Device)
	}
	if !f.setup.singly(message.TypeCheckIns, message.RolePollBook, d.place, checkInsText(c, false), c.Signature) {
		fail("the check-ins of pack %d of device %s are not signed by the poll book of place %s", m.Pack.Sequence, m.Pack.Device, d.place)
	}
	if f.setup.electorate == nil {
		return
	}
	var units []string
	for _, p := range f.x.m.Places {
		if p.ID == d.place {
			units = p.Units
		}
	}
	for i, line := range c.CheckIns {
		f.l.see(CheckInList, 1)
		at, listed := f.list.list.find(line.Credential)
		if !listed {
			fail("check-in %d is of no listed credential", i)
			continue
		}
		want := f.list.list.line(at, f.x)
		if line != (message.CheckIn{Credential: want.Key, Style: want.Style, Unit: want.Unit, Weight: want.Weight}) || !slices.Contains(units, want.Unit) {
			fail("check-in %d is not as its credential is listed, or of no unit of place %s", i, d.place)
		}
		if i > 0 && bytes.Compare(c.CheckIns[i-1].Credential[:], line.Credential[:]) >= 0 {
			fail("check-in %d is not above the one before", i)
		}
		if _, before := f.place.checkedIn[at]; before {
			fail("check-in %d is of a credential that is checked in already", i)
			continue
		}
		f.place.checkedIn[at] = checkIn{d.place, line}
		s, j := f.list.list.at(at)
		o.free[group{int(s.style[j]), int(s.unit[j]), int(s.weight[j])}]++
		if s.head[j] == 0 {
			f.place.absent++
		}
	}
}

// checkedDevice is what the fold needs of a device ballot once its own checks
// are made.
type checkedDevice struct {
	m       *message.DeviceBallot
	bytes   []byte // canonical form
	ballot  *checkedCast
	opening *checkedChallenge
}

func (c *checkedDevice) tracker() [32]byte {
	if c.ballot != nil {
		return c.ballot.tracker
	}
	return c.opening.tracker
}

// checkDevice makes of a device ballot the checks that ask nothing of the rest
// of the board; nil where it is neither cast nor challenged.
func (s *Setup) checkDevice(it *item, m *message.DeviceBallot, t *tally) *checkedDevice {
	out := &checkedDevice{m: m, bytes: it.bytes}
	switch {
	case (m.Ballot == nil) == (m.Challenge == nil):
		t.add(it.place(found(DeviceBallots, "is not cast or challenged")).blame(deviceNamed(it.entry.ID)))
		return nil
	case m.Challenge != nil:
		out.opening = s.checkChallenge(m.Challenge, it.place, t)
	default:
		out.ballot = s.checkBallotOf(m.Ballot, it.entry.ID, m.Sequence, it.place, t)
	}
	return out
}

// checkBallotOf makes V-17 to V-21 of a ballot that a device made.
func (s *Setup) checkBallotOf(ballot *message.Ballot, id string, sequence uint64, place placer, t *tally) *checkedCast {
	made := ballot.Caster.Device
	b := &ballotCheck{s: s, c: &message.Cast{Ballot: *ballot}, place: place, t: t, style: -1, blame: []string{authority, deviceNamed(id)},
		casting: challenge.Device(made, ballot.Caster.Sequence)}
	out := &checkedCast{credential: -1, alphas: alphasOf(ballot)}
	out.tracker = challenge.Tracker(ballot.Fingerprint, ballot.Style,
		challenge.Ciphertexts(ballot.Fingerprint, ballot.Style, ballot.Contests), challenge.Proofs(b.casting, ballot.Contests))
	for _, v := range []Check{Decoding, BallotShape, Caster} {
		t.both(v, 1)
	}
	b.expectProofs(out)
	shaped := b.shape()
	if ballot.Caster != (message.Caster{Device: id, Sequence: sequence}) {
		b.fail(found(Caster, "ballot was made by another device, or under another number, than the entry says"))
	}
	if decoded := b.decode(shaped); shaped && decoded {
		b.proofs()
		out.style = b.style
	}
	if out.valid = !b.bad; out.valid {
		out.contests = b.weigh()
	}
	return out
}

// deviceBallot makes V-51, V-22 and V-29 of the next ballot of a pack.
func (f *fold) deviceBallot(it *item, c *checkedDevice) error {
	o := f.place.open
	if o == nil {
		f.l.add(it.place(found(Order, "a device-ballot without an import")).blame(authority))
		return nil
	}
	f.l.see(DeviceBallots, 1)
	f.l.both(CastOrOpened, 1)
	bad := false
	fail := func(fd *Finding) {
		bad = true
		f.l.add(it.place(fd).blame(countCentre, deviceNamed(o.pack.Device)))
	}
	d := f.place.devices[o.pack.Device]
	number := d.ballots + d.challenged + 1
	if it.entry.ID != o.pack.Device || c.m.Sequence != number {
		fail(found(DeviceBallots, "ballot %d of device %q where another belongs", c.m.Sequence, it.entry.ID).counts(number, c.m.Sequence))
	}
	d.code = challenge.Code(d.code, number, c.tracker())
	if c.m.Code != message.Digest(d.code) {
		fail(found(DeviceBallots, "the confirmation code does not follow").sides("code_i = D(\"code\"; …)", c.m.Code, d.code))
		d.code = c.m.Code
	}
	o.lines.Write(signedLine(c.bytes, it.entry.Signature))
	var err error
	if c.opening != nil {
		d.challenged, o.seen.Challenged = d.challenged+1, o.seen.Challenged+1
		_, err = f.unique(it, c.opening.alphas, c.opening.tracker, true)
		f.counts.Challenges++
	} else {
		d.ballots, o.seen.Ballots = d.ballots+1, o.seen.Ballots+1
		err = f.deviceCast(it, c, o, &bad, fail)
	}
	f.endImport(it)
	return err
}

// deviceCast lets a ballot of a device count where all is well with it.
func (f *fold) deviceCast(it *item, c *checkedDevice, o *importFold, bad *bool, fail func(*Finding)) error {
	f.counts.Casts++
	ballot := c.m.Ballot
	style, okS := f.x.styles[ballot.Style]
	unit, okU := f.x.units[ballot.Unit]
	weight, okW := f.x.weights[ballot.Weight]
	g := group{style, unit, weight}
	if !okS || !okU || !okW || o.free[g] == 0 {
		fail(found(DeviceBallots, "no check-in is left for a ballot of style %q, unit %q and weight %d in this pack", ballot.Style, ballot.Unit, ballot.Weight))
	} else {
		o.free[g]--
	}
	unique, err := f.unique(it, c.ballot.alphas, c.ballot.tracker, false)
	if err != nil {
		return err
	}
	if *bad || !unique || !c.ballot.valid {
		f.counts.Refused++
		return nil
	}
	f.counts.Counted++
	f.place.groups[g]++
	for i, contest := range f.x.ballots[style] {
		f.sum(sumKey{contest, unit}).add(&c.ballot.contests[i])
	}
	return nil
}

// endImport closes an import once its ballots are there.
func (f *fold) endImport(it *item) {
	o := f.place.open
	p, d := o.pack, f.place.devices[o.pack.Device]
	if o.seen.Ballots+o.seen.Challenged < p.Ballots+p.Challenged {
		return
	}
	f.place.open = nil
	d.final = d.final || p.Final
	var named message.Digest
	for _, file := range p.Files {
		if file.Name == message.FileBallots {
			named = file.Digest
		}
	}
	switch sum := message.Digest(o.lines.Sum(nil)); {
	case o.seen.Ballots != p.Ballots:
		f.l.add(it.place(found(DeviceBallots, "pack %d of device %s has other ballots cast than it says", p.Sequence, p.Device)).
			counts(p.Ballots, o.seen.Ballots).blame(countCentre, deviceNamed(p.Device)))
	case p.CodeEnd != message.Digest(d.code):
		f.l.add(it.place(found(DeviceBallots, "the codes of device %s end otherwise than its pack says", p.Device)).
			sides("codeEnd = last code", p.CodeEnd, d.code).blame(countCentre, deviceNamed(p.Device)))
	case sum != named:
		f.l.add(it.place(found(DeviceBallots, "the ballots are not the file that pack %d of device %s names", p.Sequence, p.Device)).
			sides("digest of ballots.jsonl = SHA-256 of the ballots", named, sum).blame(countCentre, deviceNamed(p.Device)))
	}
}

// signedLine is a line of ballots.jsonl.
func signedLine(ballot []byte, signature message.Signature) []byte {
	return text(`{"ballot":`).raw(string(ballot)).raw(`,"signature":`).sig(signature).raw("}\n")
}

func alphasOf(b *message.Ballot) [][32]byte {
	var out [][32]byte
	for i := range b.Contests {
		for j := range b.Contests[i].Selections {
			out = append(out, b.Contests[i].Selections[j].Alpha)
		}
	}
	return out
}
