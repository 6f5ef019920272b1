package countcentre_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"scrutineer/protocols/message"
	"scrutineer/protocols/pack"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/countcentre"
	"scrutineer/reference-evoting/device"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
)

// day is an election with one polling place: voters online and at two devices.
type day struct {
	*testing.T
	*fixture.Hall
	print   message.Digest
	devices map[string]*device.Device
	came    map[string]map[message.Digest]message.CheckIn // by device and nonce
	packs   map[string][][]byte
	centre  *countcentre.Centre
	ledger  *countcentre.Memory
	fed     uint64
}

func newDay(t *testing.T, voters int) *day {
	t.Helper()
	m := fixture.Manifest(2)
	m.Channels = append([]message.Channel{{ID: "place", Kind: message.ChannelOffline, Opens: 1_700_000_000, Closes: 1_900_000_000}}, m.Channels...)
	m.Officers = []message.Officer{{ID: "o1"}, {ID: "o2"}, {ID: "o3"}}
	m.Places = []message.Place{{ID: "hall", Title: "Town hall", Units: []string{"town"}, Officers: []message.Officer{{ID: "p1"}, {ID: "p2"}}}}
	for _, id := range []string{"d1", "d2"} {
		m.Devices = append(m.Devices, message.Device{ID: id, Place: "hall", Opens: 1_700_000_000, Closes: 1_900_000_000})
	}
	fixture.Seed.Fill(&m)
	h, err := fixture.Open(t.Context(), m, voters)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Stop)
	d := &day{T: t, Hall: h, print: h.Registrar.State.Fingerprint(), devices: map[string]*device.Device{},
		came: map[string]map[message.Digest]message.CheckIn{"d1": {}, "d2": {}}, packs: map[string][][]byte{}}
	d.restart(countcentre.NewMemory())
	for _, id := range []string{"d1", "d2"} {
		d.devices[id] = d.device(id)
	}
	return d
}

// restart is a count centre that knows the ledger and reads the board again.
func (d *day) restart(l *countcentre.Memory) {
	d.ledger, d.fed = l, 0
	d.centre = &countcentre.Centre{Key: fixture.Seed.Signing(message.RoleCountCentre, ""), State: rules.New(weakness.View{}, d.Log), Ledger: l}
	d.follow()
}

func (d *day) device(id string) *device.Device {
	d.Helper()
	var list []message.Credential
	for _, c := range d.Roll.Credentials() {
		list = append(list, message.Credential{Key: c.Key, Style: c.Voter.Style, Unit: c.Voter.Unit, Weight: c.Voter.Weight})
	}
	slices.SortFunc(list, func(a, b message.Credential) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	root, err := registrar.Root(list)
	d.must(err)
	raw, err := device.Definition(message.Definition{Ceremony: 1, Manifest: d.Manifest, CredentialCount: uint64(len(list)),
		CredentialRoot: root, Commitments: d.Registrar.State.Ceremony().Commitments()})
	d.must(err)
	v, err := device.Open(device.Config{ID: id, Store: &device.Memory{}, Key: fixture.Seed.Signing(message.RoleDevice, id),
		Random: ristretto.Stream(nil), Clock: func() time.Time { return d.Now }})
	d.must(err)
	d.must(v.Install(raw))
	_, err = v.OpenPolls()
	d.must(err)
	return v
}

func (d *day) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// key is the credential of a voter.
func (d *day) key(i int) message.Element {
	for _, c := range d.Roll.Credentials() {
		if c.Voter.ID == fmt.Sprintf("v-%d", i) {
			return c.Key
		}
	}
	return message.Element{}
}

// checkIn lets a voter come to the place and be sent to a device.
func (d *day) checkIn(i int, id string) {
	d.Helper()
	line := message.CheckIn{Credential: d.key(i), Style: "all", Unit: "town", Weight: 1}
	a := message.Activation{Device: id, Fingerprint: d.print, Nonce: message.Digest{1, byte(i)}, Place: "hall", Style: "all", Unit: "town", Weight: 1}
	var err error
	a.Signature, err = statement.Sign(a, d.print, fixture.Seed.Signing(message.RolePollBook, "hall"))
	d.must(err)
	d.came[id][a.Nonce] = line
	d.must(d.devices[id].Begin(a))
}

// vote casts for the voter who stands before a device.
func (d *day) vote(i int, id, option string) {
	d.Helper()
	d.checkIn(i, id)
	_, err := d.devices[id].Encrypt(voter.Choices{"council": {option}})
	d.must(err)
	_, err = d.devices[id].Cast()
	d.must(err)
}

// export makes a device's next pack.
func (d *day) export(id string) []byte {
	d.Helper()
	sequence, used, err := d.devices[id].Due()
	d.must(err)
	c := message.CheckIns{CheckIns: []message.CheckIn{}, Device: id, Fingerprint: d.print, Place: "hall", Sequence: sequence}
	for _, n := range used {
		c.CheckIns = append(c.CheckIns, d.came[id][n])
	}
	slices.SortFunc(c.CheckIns, func(a, b message.CheckIn) int { return bytes.Compare(a.Credential[:], b.Credential[:]) })
	c.Signature, err = statement.Sign(c, d.print, fixture.Seed.Signing(message.RolePollBook, "hall"))
	d.must(err)
	archive, err := d.devices[id].Export(c)
	d.must(err)
	d.packs[id] = append(d.packs[id], archive)
	return archive
}

// end closes the polls and makes the final packs and the minutes.
func (d *day) end(without ...string) message.Minutes {
	d.Helper()
	m := message.Minutes{Fingerprint: d.print, Place: "hall"}
	for _, id := range []string{"d1", "d2"} {
		line := message.DeviceMinutes{Device: id}
		if !slices.Contains(without, id) {
			d.must(d.devices[id].ClosePolls())
			line.Pack = pack.Digest(d.export(id))
		}
		s := d.devices[id].Status()
		line.Ballots, line.Challenged, line.CodeEnd = s.Ballots, s.Challenged, s.Code
		m.Devices = append(m.Devices, line)
		m.CheckIns += uint64(len(d.came[id]))
	}
	for _, o := range []string{"p1", "p2"} {
		s, err := statement.SignJointly(m, o, d.print, fixture.Seed.Signing(message.RolePlaceOfficer, o))
		d.must(err)
		m.Signatures = append(m.Signatures, s)
	}
	d.must(d.CloseAll(d.Context()))
	d.follow()
	return m
}

// follow feeds the count centre with the board.
func (d *day) follow() {
	d.Helper()
	ctx := d.Context()
	d.must(d.Log.Entries(ctx, d.fed, d.Log.Size(), func(i uint64, raw []byte) error {
		d.fed = i + 1
		fault, err := d.centre.State.Apply(ctx, raw, rules.Full)
		if err == nil && fault != nil {
			return fault
		}
		return err
	}))
}

// post brings what is due to the board, up to so many entries at a time, and
// lets the others act; it ends when nobody has anything to do.
func (d *day) post(atOnce int) {
	d.Helper()
	for {
		due, err := d.centre.Next(d.Context())
		d.must(err)
		for _, p := range due[:min(atOnce, len(due))] {
			d.must(d.Post(d.Context(), p))
		}
		d.must(d.Drive(d.Context()))
		d.follow()
		if len(due) == 0 {
			return
		}
	}
}

func (d *day) present(archive []byte, want countcentre.Standing) {
	d.Helper()
	a, err := d.centre.Present(d.Context(), archive)
	if err != nil || a.Standing != want || a.Digest != pack.Digest(archive) {
		d.Errorf("%+v, %v; want %s", a, err, want)
	}
}

func (d *day) result() *message.Result {
	d.Helper()
	r := d.centre.State.Result()
	if r == nil {
		d.Fatalf("there is no result in phase %s: %v", d.centre.State.Phase(), d.centre.State.Unsettled())
	}
	return r
}

// Voters online and at two devices, one of them both: his ballot at the place
// counts. Packs come in any order, twice, and once after the ledger was lost in
// the middle of an import.
func TestADay(t *testing.T) {
	d := newDay(t, 6)
	for i, option := range []string{"option-1", "option-1", "option-2"} {
		_, err := d.Cast(t.Context(), d.Voter(i), voter.Choices{"council": {option}})
		d.must(err)
	}
	d.vote(2, "d1", "option-1") // and online for option 2
	d.checkIn(3, "d1")
	_, err := d.devices["d1"].Encrypt(voter.Choices{"council": {"option-1"}})
	d.must(err)
	_, err = d.devices["d1"].Challenge()
	d.must(err)
	_, err = d.devices["d1"].Encrypt(voter.Choices{"council": {"option-2"}})
	d.must(err)
	_, err = d.devices["d1"].Cast()
	d.must(err)
	d.export("d1")
	d.vote(4, "d1", "option-2")
	d.vote(5, "d2", "option-1")
	minutes := d.end()
	d.present(d.packs["d1"][1], countcentre.Waiting)
	d.post(1)
	if size := d.Log.Size(); d.centre.State.Minuted("hall") || size != d.fed {
		t.Error("something is imported without minutes")
	}
	d.must(d.centre.Minutes(t.Context(), minutes))
	d.post(1)
	if n := len(d.centre.State.Packs("d1")); n != 0 {
		t.Errorf("%d packs of d1 are imported, the first is missing", n)
	}
	d.present(d.packs["d1"][0], countcentre.Waiting)
	due, err := d.centre.Next(t.Context())
	d.must(err)
	d.must(d.Post(t.Context(), due[0])) // the import, and none of its ballots
	d.follow()
	if p, done := d.centre.State.Importing(); p == nil || done != 0 {
		t.Errorf("%v, %d", p, done)
	}
	d.restart(countcentre.NewMemory())
	d.present(d.packs["d1"][0], countcentre.Imported)
	d.must(d.centre.Minutes(t.Context(), minutes))
	d.present(d.packs["d1"][1], countcentre.Waiting)
	d.present(d.packs["d2"][0], countcentre.Waiting)
	d.post(2)
	for _, id := range []string{"d1", "d2"} {
		for _, p := range d.packs[id] {
			d.present(p, countcentre.Imported)
		}
	}
	got := d.result().Contests[0].Totals
	if want := []uint64{4, 2, 0}; !slices.Equal(got, want) || d.result().Uncounted != nil {
		t.Errorf("totals %v, want %v; uncounted %v", got, want, d.result().Uncounted)
	}
}

// A device that died: its packs are given up by two officers, the packs before
// count, and the result names what is missing.
func TestADeadDevice(t *testing.T) {
	d := newDay(t, 4)
	d.vote(0, "d1", "option-1")
	d.export("d1")
	d.vote(1, "d1", "option-2")
	d.vote(2, "d2", "option-2")
	minutes := d.end("d1")
	d.must(d.centre.Minutes(t.Context(), minutes))
	d.present(d.packs["d1"][0], countcentre.Waiting)
	d.present(d.packs["d2"][0], countcentre.Waiting)
	d.post(9)
	if d.centre.State.Phase() != message.PhaseClosed {
		t.Errorf("phase %s without the final pack of d1", d.centre.State.Phase())
	}
	n := message.NoPack{Ballots: 1, Device: "d1", Reason: "it fell"}
	for _, o := range []string{"o3", "o1"} {
		s, err := statement.SignJointly(n, o, d.print, fixture.Seed.Signing(message.RoleOfficer, o))
		d.must(err)
		n.Signatures = append(n.Signatures, s)
		if o == "o3" && !errors.Is(d.centre.NoPack(t.Context(), n), countcentre.ErrRefused) {
			t.Error("one officer alone gives packs up")
		}
	}
	d.must(d.centre.NoPack(t.Context(), n))
	d.post(9)
	got := d.result()
	if want := []uint64{1, 1, 0}; !slices.Equal(got.Contests[0].Totals, want) {
		t.Errorf("totals %v, want %v", got.Contests[0].Totals, want)
	}
	if want := []message.Uncounted{{Ballots: 1, Device: "d1"}}; !slices.Equal(got.Uncounted, want) {
		t.Errorf("uncounted %v, want %v", got.Uncounted, want)
	}
}

// Two packs with one number, both of the device: none is taken.
func TestAForkIsPutAside(t *testing.T) {
	d := newDay(t, 3)
	clone := d.device("d1")
	d.vote(0, "d1", "option-1")
	original := d.devices["d1"]
	d.devices["d1"] = clone
	d.vote(1, "d1", "option-2")
	forged := d.export("d1")
	d.devices["d1"] = original
	minutes := d.end()
	d.must(d.centre.Minutes(t.Context(), minutes))
	d.present(d.packs["d1"][1], countcentre.Waiting)
	d.present(forged, countcentre.Quarantined)
	d.present(d.packs["d1"][1], countcentre.Quarantined)
	d.post(9)
	if n := len(d.centre.State.Packs("d1")); n != 0 {
		t.Errorf("%d packs of a fork are imported", n)
	}
}

// What was changed on the way is refused with a reason that is kept.
func TestChangedPacksAreRefused(t *testing.T) {
	d := newDay(t, 3)
	d.vote(0, "d1", "option-1")
	d.end()
	good := d.packs["d1"][0]
	contents, err := pack.Decode(good)
	d.must(err)
	resigned := func(change func(c *pack.Contents)) []byte {
		c, err := pack.Decode(good)
		d.must(err)
		change(&c)
		c.Pack.Files, err = c.Files()
		d.must(err)
		c.Pack.Signature, err = statement.Sign(c.Pack, d.print, fixture.Seed.Signing(message.RoleDevice, "d1"))
		d.must(err)
		raw, err := c.Encode()
		d.must(err)
		return raw
	}
	unsigned := contents
	unsigned.Pack.Final = false
	raw, err := unsigned.Encode()
	d.must(err)
	for name, archive := range map[string][]byte{
		"a byte":           append(bytes.Clone(good), 0),
		"not signed again": raw,
		"a ballot less":    resigned(func(c *pack.Contents) { c.Ballots = nil }),
		"as if counted": resigned(func(c *pack.Contents) {
			c.Ballots, c.Pack.Ballots = nil, 0
		}),
		"another code": resigned(func(c *pack.Contents) { c.Pack.CodeEnd[0] ^= 1 }),
		"an event cut": resigned(func(c *pack.Contents) {
			c.Events = c.Events[:len(c.Events)-1]
			c.Pack.Events--
		}),
		"an event moved": resigned(func(c *pack.Contents) { c.Events[1], c.Events[2] = c.Events[2], c.Events[1] }),
		"a nonce":        resigned(func(c *pack.Contents) { c.Nonces.Nonces = nil }),
		"a check-in": resigned(func(c *pack.Contents) {
			c.CheckIns.CheckIns, c.Pack.CheckIns, c.Nonces.Nonces = nil, 0, []message.Digest{}
			c.CheckIns.CheckIns = []message.CheckIn{}
		}),
		"another election": resigned(func(c *pack.Contents) { c.Pack.Fingerprint[0] ^= 1 }),
		"another device":   resigned(func(c *pack.Contents) { c.Pack.Device = "d2" }),
		"an alien device":  resigned(func(c *pack.Contents) { c.Pack.Device = "d9" }),
	} {
		if _, err := d.centre.Present(t.Context(), archive); !errors.Is(err, countcentre.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
		if d.ledger.Refused[pack.Digest(archive)] == "" {
			t.Errorf("%s: there is no record", name)
		}
	}
	d.present(good, countcentre.Waiting)
}
