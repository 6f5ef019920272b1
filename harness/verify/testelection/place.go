package testelection

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"slices"

	"scrutineer/harness/verify/challenge"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// Placed is the small election with a polling place of two devices.
func Placed() Config {
	c := Small()
	m := &c.Manifest
	m.Channels = []message.Channel{
		{ID: "place", Kind: message.ChannelOffline, Opens: Opens, Closes: Closes},
		{ID: "web", Kind: message.ChannelOnline, Opens: Opens, Closes: Closes}}
	m.Officers = []message.Officer{{ID: "o1"}, {ID: "o2"}, {ID: "o3"}}
	m.Devices = []message.Device{{ID: "d1", Place: "hall", Opens: Opens, Closes: Closes}, {ID: "d2", Place: "hall", Opens: Opens, Closes: Closes}}
	m.Places = []message.Place{{ID: "hall", Title: "Hall", Units: []string{"north", "south"}, Officers: []message.Officer{{ID: "p1"}, {ID: "p2"}}}}
	return c
}

// PlaceHooks let a test be dishonest where packs are made and carried. Each may
// be nil.
type PlaceHooks struct {
	Minutes  func(m *message.Minutes)           // before its officers sign it
	CheckIns func(id string, m *message.Import) // after the poll book signed, before the device does
	Pack     func(id string, m *message.Import) // before the device signs it
	NoVoids  bool                               // no ballot is void
	Skip     string                             // a device of which nothing is imported
}

// Device is a device at a polling place.
type Device struct {
	ID       string
	zero     message.ZeroReport
	code     [32]byte
	ballots  []message.SignedBallot
	cast     uint64
	checkIns []message.CheckIn
	voters   []int
}

// placeKeys fills in the keys of polling places.
func (e *Election) placeKeys(m *message.Manifest) {
	if len(m.Places) == 0 {
		m.Officers, m.Devices = []message.Officer{}, []message.Device{}
		return
	}
	m.Officers, m.Devices, m.Places = slices.Clone(m.Officers), slices.Clone(m.Devices), slices.Clone(m.Places)
	m.CountCentre = public(e.Key("count-centre", ""))
	for i := range m.Officers {
		m.Officers[i].Key = public(e.Key("officer", m.Officers[i].ID))
	}
	for i := range m.Devices {
		m.Devices[i].Key = public(e.Key("device", m.Devices[i].ID))
	}
	for i := range m.Places {
		p := &m.Places[i]
		p.PollBook, p.Officers = public(e.Key("poll-book", p.ID)), slices.Clone(p.Officers)
		for j := range p.Officers {
			p.Officers[j].Key = public(e.Key("place-officer", p.Officers[j].ID))
		}
	}
}

// say signs a statement, or the entry of a device.
func (e *Election) say(t message.Type, r message.Role, id string, content any) message.Signature {
	entry := &message.Entry{Type: t, Version: message.Version, Role: r, ID: id, Context: e.Fingerprint}
	text := challenge.EntrySignature(entry, sha256.Sum256(must(codec.Encode(content))))
	return message.Signature(ed25519.Sign(e.Key(string(r), id), text[:]))
}

// Jointly are the signatures of officers under a statement.
func (e *Election) Jointly(t message.Type, r message.Role, content any, ids ...string) (out []message.OfficerSignature) {
	for _, id := range ids {
		out = append(out, message.OfficerSignature{ID: id, Signature: e.say(t, r, id, content)})
	}
	return out
}

// OpenDevice opens a device (S-50).
func (e *Election) OpenDevice(id string) *Device {
	d := &Device{ID: id, zero: message.ZeroReport{At: Opens, Device: id, Fingerprint: e.Fingerprint}}
	d.zero.Signature = e.say(message.TypeZeroReport, message.RoleDevice, id, d.zero)
	d.code = challenge.CodeStart(e.Fingerprint, id, sha256.Sum256(must(codec.Encode(d.zero))))
	e.devices = append(e.devices, d)
	return d
}

// CheckIn notes that a voter came and was sent to the device.
func (e *Election) CheckIn(d *Device, voter int) {
	v := e.voters[voter]
	d.checkIns = append(d.checkIns, message.CheckIn{Credential: v.key, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	d.voters = append(d.voters, voter)
}

// make encrypts a ballot under a device's next number (S-52).
func (e *Election) make(d *Device, voter int, choices [][]int) (x *Encrypted, b message.DeviceBallot) {
	x = e.EncryptBallot(voter, choices)
	b.Sequence = uint64(len(d.ballots) + 1)
	x.Ballot.Caster = message.Caster{Device: d.ID, Sequence: b.Sequence}
	e.Prove(x)
	_, tracker := TrackerOf(&x.Ballot)
	d.code = challenge.Code(d.code, b.Sequence, tracker)
	b.Code = d.code
	return x, b
}

func (e *Election) keep(d *Device, b message.DeviceBallot) {
	d.ballots = append(d.ballots, message.SignedBallot{Ballot: b, Signature: e.say(message.TypeDeviceBallot, message.RoleDevice, d.ID, b)})
}

// CastAt casts a ballot of a voter's kind at a device, whether he came or not.
func (e *Election) CastAt(d *Device, voter int, choices [][]int) *message.Ballot {
	x, b := e.make(d, voter, choices)
	b.Ballot = &x.Ballot
	d.cast++
	e.keep(d, b)
	return b.Ballot
}

// VoteAt lets a voter come and vote; the ballot counts, and no other of his.
func (e *Election) VoteAt(d *Device, voter int, choices [][]int) {
	e.CheckIn(d, voter)
	ballot := e.CastAt(d, voter, choices)
	e.atDevices = append(e.atDevices, &castBallot{voter: e.voters[voter], ballot: ballot})
}

// ChallengeAt opens a ballot at a device.
func (e *Election) ChallengeAt(d *Device, voter int, choices [][]int) {
	x, b := e.make(d, voter, choices)
	b.Challenge = e.opening(x)
	e.keep(d, b)
}

// PostPlace posts what comes from polling places, between the close and the
// participants.
func (e *Election) PostPlace() {
	if len(e.Manifest.Places) == 0 {
		return
	}
	imports := map[string]*message.Import{}
	m := &message.Minutes{Fingerprint: e.Fingerprint, Place: "hall"}
	for _, line := range e.Manifest.Devices {
		d := e.deviceNamed(line.ID)
		x := e.importOf(d)
		imports[d.ID] = x
		m.CheckIns += x.Pack.CheckIns
		m.Devices = append(m.Devices, message.DeviceMinutes{Ballots: x.Pack.Ballots, Challenged: x.Pack.Challenged,
			CodeEnd: x.Pack.CodeEnd, Device: d.ID, Pack: x.Digest})
	}
	if e.Place.Minutes != nil {
		e.Place.Minutes(m)
	}
	m.Signatures = e.Jointly(message.TypeMinutes, message.RolePlaceOfficer, m.Content(), "p1", "p2")
	e.Append(message.TypeMinutes, message.RoleCountCentre, "", e.Fingerprint, m)
	for _, line := range e.Manifest.Devices {
		if line.ID == e.Place.Skip {
			continue
		}
		e.Append(message.TypeImport, message.RoleCountCentre, "", e.Fingerprint, imports[line.ID])
		for _, b := range e.deviceNamed(line.ID).ballots {
			e.Append(message.TypeDeviceBallot, message.RoleDevice, line.ID, e.Fingerprint, &b.Ballot)
		}
	}
	e.postVoids()
	e.counted = append(e.counted, e.atDevices...)
}

func (e *Election) deviceNamed(id string) *Device {
	for _, d := range e.devices {
		if d.ID == id {
			return d
		}
	}
	return e.OpenDevice(id)
}

// importOf makes the one pack of a device, and its import.
func (e *Election) importOf(d *Device) *message.Import {
	slices.SortFunc(d.checkIns, func(a, b message.CheckIn) int { return bytes.Compare(a.Credential[:], b.Credential[:]) })
	m := &message.Import{ZeroReport: &d.zero, Digest: e.random.digest(), CheckIns: message.CheckIns{CheckIns: d.checkIns,
		Device: d.ID, Fingerprint: e.Fingerprint, Place: "hall", Sequence: 1}}
	if d.checkIns == nil {
		m.CheckIns.CheckIns = []message.CheckIn{}
	}
	m.CheckIns.Signature = e.say(message.TypeCheckIns, message.RolePollBook, "hall", m.CheckIns)
	if e.Place.CheckIns != nil {
		e.Place.CheckIns(d.ID, m)
	}
	var lines []byte
	for _, b := range d.ballots {
		lines = append(append(lines, must(codec.Encode(b))...), '\n')
	}
	m.Pack = message.Pack{Ballots: d.cast, Challenged: uint64(len(d.ballots)) - d.cast, CheckIns: uint64(len(m.CheckIns.CheckIns)),
		CodeEnd: d.code, Device: d.ID, Final: true, Fingerprint: e.Fingerprint, First: 1, Sequence: 1, Files: []message.PackFile{
			{Name: message.FileBallots, Digest: sha256.Sum256(lines)},
			{Name: message.FileCheckIns, Digest: sha256.Sum256(must(codec.Encode(m.CheckIns)))},
			{Name: message.FileZeroReport, Digest: sha256.Sum256(must(codec.Encode(d.zero)))}}}
	if e.Place.Pack != nil {
		e.Place.Pack(d.ID, m)
	}
	m.Pack.Signature = e.say(message.TypePack, message.RoleDevice, m.Pack.Device, m.Pack.Content())
	return m
}

// postVoids posts the voids that are due (S-59).
func (e *Election) postVoids() {
	for _, d := range e.devices {
		for _, voter := range d.voters {
			v := e.voters[voter]
			if v.last == nil || e.Place.NoVoids || d.ID == e.Place.Skip {
				continue
			}
			e.Append(message.TypeVoid, message.RoleCountCentre, "", e.Fingerprint, &message.Void{Entry: v.last.index, Signer: "hall",
				CheckIn: message.CheckIn{Credential: v.key, Style: v.Style, Unit: v.Unit, Weight: v.Weight}})
			e.counted = slices.DeleteFunc(e.counted, func(b *castBallot) bool { return b == v.last })
		}
	}
}
