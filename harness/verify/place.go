package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"

	"scrutineer/harness/verify/canonical"
	"scrutineer/harness/verify/challenge"
	"scrutineer/protocols/message"
)

// group is for what a ballot counts, by places in the manifest.
type group struct{ style, unit, weight int }

// placeFold keeps what the entries of polling places tell (V-48 to V-53).
type placeFold struct {
	minutes   map[string]*message.Minutes
	devices   map[string]*deviceFold
	checkedIn map[int]checkIn // by credential
	open      *importFold
	voided    map[int]bool
	absent    uint64          // checked in without a standing ballot
	groups    map[group]int64 // ballots of devices, less void ones
	settled   bool
}

// deviceFold is how far the packs of one device go.
type deviceFold struct {
	place      string
	packs      uint64
	previous   message.Digest
	code       [32]byte
	ballots    uint64
	challenged uint64
	checkIns   uint64
	final      bool
	revoked    bool
	noPack     *message.NoPack
}

type checkIn struct {
	place string
	line  message.CheckIn
}

// importFold is a pack whose ballots follow.
type importFold struct {
	pack  *message.Pack
	free  map[group]uint64
	seen  message.Pack // Ballots and Challenged so far
	lines hash.Hash
}

func newPlaceFold(m *message.Manifest) *placeFold {
	p := &placeFold{minutes: map[string]*message.Minutes{}, devices: map[string]*deviceFold{},
		checkedIn: map[int]checkIn{}, voided: map[int]bool{}, groups: map[group]int64{}}
	for _, d := range m.Devices {
		p.devices[d.ID] = &deviceFold{place: d.Place}
	}
	return p
}

// atPlace takes an entry of a polling place. It reports whether it was one.
func (f *fold) atPlace(it *item) (bool, error) {
	if f.place != nil && f.place.open != nil && it.entry.Type != message.TypeDeviceBallot {
		f.l.add(it.place(found(Order, "%s between the ballots of a pack", it.entry.Type)).blame(authority))
	}
	switch it.entry.Type {
	case message.TypeMinutes, message.TypeImport, message.TypeDeviceBallot, message.TypeVoid, message.TypeNoPack, message.TypeRevokeDevice:
	default:
		return false, nil
	}
	if f.place == nil || f.setup == nil {
		f.l.add(it.place(found(Order, "%s where there is no polling place, or no election", it.entry.Type)).blame(authority))
		return true, nil
	}
	switch m := it.body.(type) {
	case *message.Minutes:
		f.placeMinutes(it, m)
	case *message.Import:
		f.placeImport(it, m)
	case *message.Void:
		f.placeVoid(it, m)
	case *message.NoPack:
		f.placeNoPack(it, m)
	case *message.RevokeDevice:
		f.placeRevoke(it, m)
	default:
		if it.device != nil {
			return true, f.deviceBallot(it, it.device)
		}
	}
	return true, nil
}

// jointly checks that two of those who may have signed a statement, each once.
func (f *fold) jointly(t message.Type, r message.Role, content []byte, list []message.OfficerSignature, among []message.Officer) bool {
	keys := map[string]message.Key{}
	for _, o := range among {
		keys[o.ID] = o.Key
	}
	hb := sha256.Sum256(content)
	for _, s := range list {
		e := message.Entry{Type: t, Version: message.Version, Role: r, ID: s.ID, Context: f.setup.fingerprint}
		key, ok := keys[s.ID]
		if !ok || !verified(key, challenge.EntrySignature(&e, hb), s.Signature) {
			return false
		}
		delete(keys, s.ID)
	}
	return len(list) >= 2
}

// singly checks a statement of one role.
func (s *Setup) singly(t message.Type, r message.Role, id string, content []byte, signature message.Signature) bool {
	key, ok := s.index.key(r, id)
	e := message.Entry{Type: t, Version: message.Version, Role: r, ID: id, Context: s.fingerprint}
	return ok && verified(key, challenge.EntrySignature(&e, sha256.Sum256(content)), signature)
}

func (f *fold) placeMinutes(it *item, m *message.Minutes) {
	f.l.both(Minutes, 1)
	fail := func(format string, args ...any) {
		f.l.add(it.place(found(Minutes, format, args...)).blame(countCentre))
	}
	if m.Fingerprint != message.Digest(f.setup.fingerprint) {
		fail("minutes of another election")
		return
	}
	var place *message.Place
	for i := range f.x.m.Places {
		if f.x.m.Places[i].ID == m.Place {
			place = &f.x.m.Places[i]
		}
	}
	if place == nil || f.place.minutes[m.Place] != nil {
		fail("minutes of place %q, which is unknown or has given its own", m.Place)
		return
	}
	f.place.minutes[m.Place] = m // what else is wrong with it is told once
	if !f.jointly(message.TypeMinutes, message.RolePlaceOfficer, minutesText(m), m.Signatures, place.Officers) {
		fail("minutes of place %s are not signed by two of its officers", m.Place)
		return
	}
	var want []string
	for _, d := range f.x.m.Devices {
		if d.Place == m.Place {
			want = append(want, d.ID)
		}
	}
	for i := range max(len(want), len(m.Devices)) {
		if i >= len(want) || i >= len(m.Devices) || m.Devices[i].Device != want[i] {
			fail("the minutes of place %s do not have a line for each of its devices in order", m.Place)
			return
		}
	}
}

// minuted is the line of a device.
func (f *fold) minuted(id string) *message.DeviceMinutes {
	m := f.place.minutes[f.place.devices[id].place]
	for i := 0; m != nil && i < len(m.Devices); i++ {
		if m.Devices[i].Device == id {
			return &m.Devices[i]
		}
	}
	return nil
}

// placeNoPack makes V-53 for a device that is given up.
func (f *fold) placeNoPack(it *item, m *message.NoPack) {
	d := f.place.devices[m.Device]
	fail := func(format string, args ...any) {
		f.l.add(it.place(found(Inventory, format, args...)).blame(countCentre))
	}
	switch {
	case d == nil || d.final || d.noPack != nil:
		fail("no-pack of device %q, which is unknown or accounted for", m.Device)
		return
	case !f.jointly(message.TypeNoPack, message.RoleOfficer, noPackText(m), m.Signatures, f.x.m.Officers):
		fail("no-pack of device %s is not signed by two officers", m.Device)
		return
	}
	if l := f.minuted(m.Device); l != nil && l.Ballots != d.ballots+m.Ballots {
		f.l.add(it.place(found(Inventory, "device %s: the ballots imported and missing are not those of the minutes", m.Device)).
			counts(l.Ballots, d.ballots+m.Ballots).blame(countCentre))
	}
	d.noPack = m
}

func (f *fold) placeRevoke(it *item, m *message.RevokeDevice) {
	d := f.place.devices[m.Device]
	switch {
	case d == nil || d.revoked:
		f.l.add(it.place(found(Inventory, "device %q is unknown or revoked", m.Device)).blame(countCentre))
	case !f.jointly(message.TypeRevokeDevice, message.RoleOfficer, revokeText(m), m.Signatures, f.x.m.Officers):
		f.l.add(it.place(found(Inventory, "the revocation of device %s is not signed by two officers", m.Device)).blame(countCentre))
	default:
		d.revoked = true
	}
}

// placeVoid makes V-52.
func (f *fold) placeVoid(it *item, m *message.Void) {
	fail := func(format string, args ...any) {
		f.l.add(it.place(found(Voids, format, args...)).blame(countCentre))
	}
	if f.setup.electorate == nil {
		return
	}
	at, listed := f.list.list.find(m.CheckIn.Credential)
	came, ok := f.place.checkedIn[at]
	if !listed || !ok || came.line != m.CheckIn || came.place != m.Signer {
		fail("void of a credential that no import has checked in so")
		return
	}
	s, j := f.list.list.at(at)
	if s.head[j] == 0 || uint64(s.head[j]-1) != m.Entry || f.place.voided[at] {
		fail("entry %d is not the standing ballot of the credential, or void", m.Entry)
		return
	}
	f.l.see(Voids, 1)
	f.place.voided[at] = true
	f.place.groups[group{int(s.style[j]), int(s.unit[j]), int(s.weight[j])}]--
	f.superseded = append(f.superseded, s.head[j]-1)
	f.counts.Counted--
}

// settle makes V-52 and V-53, before the participants are listed.
func (f *fold) settle(it *item) {
	if f.place == nil || f.place.settled {
		return
	}
	f.place.settled = true
	owed := 0
	for at := range f.place.checkedIn {
		if s, j := f.list.list.at(at); s.head[j] != 0 {
			owed++
		}
	}
	f.l.expect(Voids, owed)
	if missing := owed - len(f.place.voided); missing > 0 {
		f.l.add(it.place(found(Voids, "%d ballots of voters who came to a polling place are not void", missing)).
			counts(owed, len(f.place.voided)).blame(countCentre, authority))
	}
	for _, d := range f.x.m.Devices {
		f.l.both(Inventory, 1)
		if s := f.place.devices[d.ID]; !s.final && s.noPack == nil {
			f.l.add(it.place(found(Inventory, "device %s has neither a final pack nor a no-pack", d.ID)).blame(countCentre, authority))
		}
	}
	for _, p := range f.x.m.Places {
		f.settlePlace(it, p.ID)
	}
}

// settlePlace compares the check-ins of a place with its minutes.
func (f *fold) settlePlace(it *item, id string) {
	var sum, want uint64
	whole := true
	for _, d := range f.x.m.Devices {
		if d.Place == id {
			sum += f.place.devices[d.ID].checkIns
			whole = whole && f.place.devices[d.ID].final
		}
	}
	m := f.place.minutes[id]
	if m != nil {
		want = m.CheckIns
	}
	if sum > want || sum < want && whole {
		f.l.add(it.place(found(Inventory, "place %s has other check-ins than its minutes", id)).counts(want, sum).blame(countCentre))
	}
}

// uncounted makes V-53 for the result.
func (f *fold) uncounted(r *message.Result) {
	var want []message.Uncounted
	if f.place != nil {
		for _, d := range f.x.m.Devices {
			if n := f.place.devices[d.ID].noPack; n != nil {
				want = append(want, message.Uncounted{Device: d.ID, Ballots: n.Ballots})
			}
		}
	}
	same := len(want) == len(r.Uncounted)
	for i := 0; same && i < len(want); i++ {
		same = want[i] == r.Uncounted[i]
	}
	if !same {
		f.fail(found(Inventory, "the result names other uncounted ballots than the no-packs").counts(want, r.Uncounted))
	}
}

// The canonical forms of statements, without their signatures.

type text []byte

func (t text) raw(s string) text   { return append(t, s...) }
func (t text) str(s string) text   { return canonical.AppendString(t, s) }
func (t text) num(n uint64) text   { return strconv.AppendUint(t, n, 10) }
func (t text) dig(d [32]byte) text { return append(hex.AppendEncode(append(t, '"'), d[:]), '"') }
func (t text) sig(s [64]byte) text { return append(hex.AppendEncode(append(t, '"'), s[:]), '"') }
func (t text) flag(b bool) text    { return strconv.AppendBool(t, b) }

func minutesText(m *message.Minutes) []byte {
	t := text(`{"checkIns":`).num(m.CheckIns).raw(`,"devices":[`)
	for i, d := range m.Devices {
		if i > 0 {
			t = t.raw(",")
		}
		t = t.raw(`{"ballots":`).num(d.Ballots).raw(`,"challenged":`).num(d.Challenged).
			raw(`,"codeEnd":`).dig(d.CodeEnd).raw(`,"device":`).str(d.Device)
		if d.Pack != (message.Digest{}) {
			t = t.raw(`,"pack":`).dig(d.Pack)
		}
		t = t.raw("}")
	}
	return t.raw(`],"fingerprint":`).dig(m.Fingerprint).raw(`,"place":`).str(m.Place).raw("}")
}

func noPackText(m *message.NoPack) []byte {
	return text(`{"ballots":`).num(m.Ballots).raw(`,"device":`).str(m.Device).raw(`,"reason":`).str(m.Reason).raw("}")
}

func revokeText(m *message.RevokeDevice) []byte {
	return text(`{"device":`).str(m.Device).raw(`,"reason":`).str(m.Reason).raw("}")
}

// checkInsText is the canonical form; signature is left out where it is zero.
func checkInsText(c *message.CheckIns, signed bool) []byte {
	t := text(`{"checkIns":[`)
	for i, l := range c.CheckIns {
		if i > 0 {
			t = t.raw(",")
		}
		t = t.raw(`{"credential":`).dig(l.Credential).raw(`,"style":`).str(l.Style).
			raw(`,"unit":`).str(l.Unit).raw(`,"weight":`).num(l.Weight).raw("}")
	}
	t = t.raw(`],"device":`).str(c.Device).raw(`,"fingerprint":`).dig(c.Fingerprint).
		raw(`,"place":`).str(c.Place).raw(`,"sequence":`).num(c.Sequence)
	if signed {
		t = t.raw(`,"signature":`).sig(c.Signature)
	}
	return t.raw("}")
}

func zeroText(z *message.ZeroReport, signed bool) []byte {
	t := text(`{"at":`).num(z.At).raw(`,"ballots":`).num(z.Ballots).raw(`,"challenged":`).num(z.Challenged).
		raw(`,"device":`).str(z.Device).raw(`,"fingerprint":`).dig(z.Fingerprint).raw(`,"logHead":`).dig(z.LogHead)
	if signed {
		t = t.raw(`,"signature":`).sig(z.Signature)
	}
	return t.raw("}")
}

func packText(p *message.Pack) []byte {
	t := text(`{"ballots":`).num(p.Ballots).raw(`,"challenged":`).num(p.Challenged).raw(`,"checkIns":`).num(p.CheckIns).
		raw(`,"codeEnd":`).dig(p.CodeEnd).raw(`,"device":`).str(p.Device).raw(`,"events":`).num(p.Events).raw(`,"files":[`)
	for i, f := range p.Files {
		if i > 0 {
			t = t.raw(",")
		}
		t = t.raw(`{"digest":`).dig(f.Digest).raw(`,"name":`).str(f.Name).raw("}")
	}
	return t.raw(`],"final":`).flag(p.Final).raw(`,"fingerprint":`).dig(p.Fingerprint).raw(`,"first":`).num(p.First).
		raw(`,"logHead":`).dig(p.LogHead).raw(`,"previous":`).dig(p.Previous).raw(`,"sequence":`).num(p.Sequence).raw("}")
}
