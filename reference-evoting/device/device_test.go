package device_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"scrutineer/protocols/card"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/pack"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/device"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/voter"
)

var now = time.Unix(1_800_000_000, 0)

// hall is a polling place with a device, without a board.
type hall struct {
	t          *testing.T
	definition []byte
	content    message.Definition
	election   *manifest.Election
	print      message.Digest
	nonces     uint16
}

func newHall(t *testing.T) *hall {
	t.Helper()
	m := fixture.Manifest(2)
	m.Weights = []uint64{1, 3}
	m.Channels = append([]message.Channel{{ID: "place", Kind: message.ChannelOffline, Opens: 1_700_000_000, Closes: 1_900_000_000}}, m.Channels...)
	m.Officers = []message.Officer{{ID: "o1"}, {ID: "o2"}, {ID: "o3"}}
	m.Places = []message.Place{{ID: "hall", Title: "Town hall", Units: []string{"town"}, Officers: []message.Officer{{ID: "p1"}, {ID: "p2"}}}}
	for _, id := range []string{"d1", "d2"} {
		m.Devices = append(m.Devices, message.Device{ID: id, Place: "hall", Opens: 1_700_000_000, Closes: 1_900_000_000})
	}
	fixture.Seed.Fill(&m)
	d := message.Definition{Ceremony: 1, Manifest: m, CredentialCount: 5, CredentialRoot: message.Digest{7}}
	for i := range m.Trustees {
		var list []message.Element
		for k := range m.Threshold {
			x := proof.Uint(uint64(i)*10 + k + 3)
			list = append(list, proof.Element(ristretto.NewPoint().Mul(x, nil)))
		}
		d.Commitments = append(d.Commitments, list)
	}
	raw, err := device.Definition(d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := manifest.Compile(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	return &hall{t: t, definition: raw, content: d, election: e}
}

func (h *hall) config(store device.Store) device.Config {
	return device.Config{
		ID: "d1", Store: store, Key: fixture.Seed.Signing(message.RoleDevice, "d1"),
		Random: ristretto.Stream(nil), Clock: func() time.Time { return now },
	}
}

// start begins with what the store has.
func (h *hall) start(store device.Store) *device.Device {
	h.t.Helper()
	d, err := device.Open(h.config(store))
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// opened is a device that takes ballots.
func (h *hall) opened(store device.Store) *device.Device {
	h.t.Helper()
	d := h.start(store)
	if err := d.Install(h.definition); err != nil {
		h.t.Fatal(err)
	}
	h.print = d.Status().Fingerprint
	if _, err := d.OpenPolls(); err != nil {
		h.t.Fatal(err)
	}
	return d
}

// activation is a new one.
func (h *hall) activation(change ...func(*message.Activation)) message.Activation {
	h.t.Helper()
	h.nonces--
	a := message.Activation{Device: "d1", Fingerprint: h.print, Nonce: message.Digest{byte(h.nonces >> 8), byte(h.nonces)}, Place: "hall", Style: "all", Unit: "town", Weight: 1}
	for _, f := range change {
		f(&a)
	}
	var err error
	if a.Signature, err = statement.Sign(a, h.print, fixture.Seed.Signing(message.RolePollBook, "hall")); err != nil {
		h.t.Fatal(err)
	}
	return a
}

// checkIns are those of the pack that is due, by credentials that are none.
func (h *hall) checkIns(d *device.Device, change ...func(*message.CheckIns)) message.CheckIns {
	h.t.Helper()
	sequence, used, err := d.Due()
	if err != nil {
		h.t.Fatal(err)
	}
	c := message.CheckIns{Device: "d1", Fingerprint: h.print, Place: "hall", Sequence: sequence, CheckIns: []message.CheckIn{}}
	for i := range used {
		c.CheckIns = append(c.CheckIns, message.CheckIn{Credential: message.Element{byte(i >> 8), byte(i)}, Style: "all", Unit: "town", Weight: 1})
	}
	for _, f := range change {
		f(&c)
	}
	if c.Signature, err = statement.Sign(c, h.print, fixture.Seed.Signing(message.RolePollBook, "hall")); err != nil {
		h.t.Fatal(err)
	}
	return c
}

var yes = voter.Choices{"council": {"option-1"}}

// vote casts a ballot.
func (h *hall) vote(d *device.Device, choices voter.Choices) (device.Shown, device.Paper) {
	h.t.Helper()
	if err := d.Begin(h.activation()); err != nil {
		h.t.Fatal(err)
	}
	shown, err := d.Encrypt(choices)
	if err != nil {
		h.t.Fatal(err)
	}
	paper, err := d.Cast()
	if err != nil {
		h.t.Fatal(err)
	}
	return shown, paper
}

// read takes a pack apart, as far as the tests look at it.
func read(t *testing.T, raw []byte) (message.Pack, []message.SignedBallot, []message.Event) {
	t.Helper()
	files, err := pack.Read(raw, message.MaxPack, message.FilePack, message.FileBallots, message.FileCheckIns,
		message.FileNonces, message.FileEvents, message.FileZeroReport, message.FileCloseReport)
	if err != nil {
		t.Fatal(err)
	}
	p, err := codec.Decode[message.Pack](files[0], codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p, lines[message.SignedBallot](t, files[1]), lines[message.Event](t, files[4])
}

func lines[T any](t *testing.T, raw []byte) []T {
	t.Helper()
	var out []T
	for l := range bytes.Lines(raw) {
		v, err := codec.Decode[T](bytes.TrimSuffix(l, []byte{'\n'}), codec.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// A day at a polling place.
func TestADay(t *testing.T) {
	h, store := newHall(t), &device.Memory{}
	d := h.start(store)
	if err := d.Install(h.definition); err != nil {
		t.Fatal(err)
	}
	deck, err := d.TestDeck()
	if err != nil || deck.Ballots != 2 || deck.Cards != 2 {
		t.Fatalf("%+v %v", deck, err)
	}
	h.print = d.Status().Fingerprint
	zero, err := d.OpenPolls()
	if err != nil || zero.Ballots != 0 || zero.LogHead == (message.Digest{}) {
		t.Fatalf("%+v %v", zero, err)
	}
	if err := statement.Verify(nil, h.election, h.print, zero, zero.Signature); err != nil {
		t.Error(err)
	}
	var shown []device.Shown
	first, paper := h.vote(d, yes)
	shown = append(shown, first)
	h.readCard(paper, "option-1")

	// The second voter has a ballot opened first.
	if err := d.Begin(h.activation()); err != nil {
		t.Fatal(err)
	}
	s, err := d.Encrypt(voter.Choices{"council": {"blank"}})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := d.Challenge()
	if err != nil {
		t.Fatal(err)
	}
	h.audit(d, opened, s, voter.Choices{"council": {"blank"}})
	shown = append(shown, s)
	if s, err = d.Encrypt(voter.Choices{"council": {"option-2"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Cast(); err != nil {
		t.Fatal(err)
	}
	shown = append(shown, s)

	// The third goes away.
	gone := h.activation()
	if err := d.Begin(gone); err != nil {
		t.Fatal(err)
	}
	c, err := d.Cancel()
	if err != nil || c.Nonce != gone.Nonce || statement.Verify(nil, h.election, h.print, c, c.Signature) != nil {
		t.Fatal(err)
	}
	if err := d.Begin(gone); !errors.Is(err, device.ErrActivation) {
		t.Error("an activation that was cancelled:", err)
	}

	one, err := d.Export(h.checkIns(d))
	if err != nil {
		t.Fatal(err)
	}
	last, _ := h.vote(d, yes)
	shown = append(shown, last)
	if err := d.ClosePolls(); err != nil {
		t.Fatal(err)
	}
	two, err := d.Export(h.checkIns(d))
	if err != nil {
		t.Fatal(err)
	}
	h.chained(zero, shown, one, two)
	for n, want := range [][]byte{one, two} {
		if again, err := d.Pack(uint64(n + 1)); err != nil || !bytes.Equal(again, want) {
			t.Errorf("pack %d again: %v", n+1, err)
		}
	}
	if s := d.Status(); s.Phase != device.PhaseClosed || s.Ballots != 3 || s.Challenged != 1 || s.Cancelled != 1 || s.Packs != 2 {
		t.Errorf("%+v", s)
	}
}

// readCard holds that a card says what was chosen, and that its number is on
// no disk.
func (h *hall) readCard(p device.Paper, option string) {
	h.t.Helper()
	c, err := card.ReadPNG(p.PNG)
	if err != nil || card.Check(&h.election.Manifest, h.print, c) != nil || c.Contests[0].Options[0] != option {
		h.t.Errorf("%+v %v", c, err)
	}
	text, drawn, err := card.ReadSVG(&h.election.Manifest, p.SVG)
	if err != nil || text.Differs(drawn) != "" || drawn.Card != c.Card {
		h.t.Errorf("%+v %v", text, err)
	}
}

func (h *hall) audit(d *device.Device, b message.SignedBallot, s device.Shown, choices voter.Choices) {
	h.t.Helper()
	sum := ristretto.NewPoint().Null().(*ristretto.Point)
	for _, list := range h.content.Commitments {
		p, err := proof.Point(list[0])
		if err != nil {
			h.t.Fatal(err)
		}
		sum.Add(sum, p)
	}
	voting := &rules.Voting{Election: h.election, Fingerprint: h.print, Key: proof.NewElectionKey(sum)}
	if err := voter.AuditOpened(voting, *b.Ballot.Challenge, s.Tracker, choices); err != nil {
		h.t.Error(err)
	}
	if b.Ballot.Code != s.Code || b.Ballot.Sequence != s.Sequence || d.Status().Code != s.Code {
		h.t.Errorf("%+v, shown %+v", b.Ballot, s)
	}
}

// chained holds that two packs tell one story: codes, numbers, log.
func (h *hall) chained(zero message.ZeroReport, shown []device.Shown, archives ...[]byte) {
	t := h.t
	t.Helper()
	raw, err := codec.Encode(zero)
	if err != nil {
		t.Fatal(err)
	}
	code := message.Digest(transcript.CodeStart(h.print, "d1", transcript.BodyDigest(raw)))
	var head, previous message.Digest
	var ballots int
	for n, archive := range archives {
		p, list, events := read(t, archive)
		if statement.Verify(nil, h.election, h.print, p, p.Signature) != nil || p.Sequence != uint64(n+1) || p.Previous != previous ||
			p.First != uint64(ballots+1) || p.Final != (n == len(archives)-1) || int(p.Ballots+p.Challenged) != len(list) || int(p.Events) != len(events) {
			t.Errorf("%+v", p)
		}
		for _, b := range list {
			s := shown[ballots]
			ballots++
			code = transcript.Code(code, uint64(ballots), s.Tracker)
			if b.Ballot.Code != code || s.Code != code || b.Ballot.Sequence != uint64(ballots) {
				t.Errorf("ballot %d breaks the chain", ballots)
			}
		}
		for _, e := range events {
			if voted := e.Sequence != 0; e.Previous != head || voted == (e.At != 0) {
				t.Errorf("%+v", e)
			}
			canonical, err := codec.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			head = transcript.LogHead(canonical)
		}
		if p.CodeEnd != code || p.LogHead != head {
			t.Errorf("pack %d ends elsewhere", n+1)
		}
		previous = transcript.BodyDigest(archive)
	}
	if ballots != len(shown) {
		t.Errorf("%d ballots of %d", ballots, len(shown))
	}
}

func TestWhatIsNotForThisDeviceIsRefused(t *testing.T) {
	h := newHall(t)
	d := h.opened(&device.Memory{})
	used := h.activation()
	if err := d.Begin(used); err != nil {
		t.Fatal(err)
	}
	if err := d.Begin(used); err != nil {
		t.Error("the activation of the session that is open:", err)
	}
	if err := d.Begin(h.activation()); !errors.Is(err, device.ErrState) {
		t.Error("two voters at once:", err)
	}
	if _, err := d.Encrypt(yes); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Cast(); err != nil {
		t.Fatal(err)
	}
	forged := h.activation()
	forged.Signature[0]++
	other := h.activation()
	other.Weight = 3
	for name, a := range map[string]message.Activation{
		"used":              used,
		"another election":  h.activation(func(a *message.Activation) { a.Fingerprint[0]++ }),
		"another device":    h.activation(func(a *message.Activation) { a.Device = "d2" }),
		"another place":     h.activation(func(a *message.Activation) { a.Place = "school" }),
		"an unknown style":  h.activation(func(a *message.Activation) { a.Style = "none" }),
		"another unit":      h.activation(func(a *message.Activation) { a.Unit = "hills" }),
		"an unknown weight": h.activation(func(a *message.Activation) { a.Weight = 2 }),
		"a false signature": forged,
		"another weight":    other,
	} {
		if err := d.Begin(a); !errors.Is(err, device.ErrActivation) || d.Status().Busy {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.Encrypt(yes); !errors.Is(err, device.ErrState) {
		t.Error("nobody stands before it:", err)
	}
	for name, change := range map[string]func(*message.CheckIns){
		"another device": func(c *message.CheckIns) { c.Device = "d2" },
		"another pack":   func(c *message.CheckIns) { c.Sequence++ },
		"too few":        func(c *message.CheckIns) { c.CheckIns = []message.CheckIn{} },
	} {
		if raw, err := d.Export(h.checkIns(d, change)); !errors.Is(err, device.ErrCheckIns) || raw != nil {
			t.Errorf("check-ins of %s: %v", name, err)
		}
	}
	c := h.checkIns(d)
	c.Signature[0]++
	if raw, err := d.Export(c); !errors.Is(err, device.ErrCheckIns) || raw != nil {
		t.Errorf("check-ins with a false signature: %v", err)
	}
}

func TestWhatComesTooSoonOrTooLateIsRefused(t *testing.T) {
	h := newHall(t)
	d := h.start(&device.Memory{})
	if _, err := d.OpenPolls(); !errors.Is(err, device.ErrState) {
		t.Error("open without a definition:", err)
	}
	if err := d.Install([]byte("{}")); !errors.Is(err, device.ErrDefinition) {
		t.Error(err)
	}
	if err := d.Install(h.definition); err != nil {
		t.Fatal(err)
	}
	if err := d.Begin(h.activation()); !errors.Is(err, device.ErrState) {
		t.Error("a voter before the opening:", err)
	}
	early := now
	now = time.Unix(1, 0)
	if _, err := d.OpenPolls(); !errors.Is(err, device.ErrState) {
		t.Error("open before its time:", err)
	}
	now = early
	if _, err := d.OpenPolls(); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a definition after the opening": d.Install(h.definition),
		"a second opening":               second(d.OpenPolls()),
		"a test deck after the opening":  second(d.TestDeck()),
		"a decision on nothing":          second(d.Cast()),
	} {
		if !errors.Is(err, device.ErrState) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.ClosePolls(); err != nil {
		t.Fatal(err)
	}
	h.print = d.Status().Fingerprint
	if err := d.Begin(h.activation()); !errors.Is(err, device.ErrState) {
		t.Error("a voter after the close:", err)
	}
}

func second[T any](_ T, err error) error { return err }

// A definition is taken as a whole or not at all.
func TestDefinitions(t *testing.T) {
	h := newHall(t)
	for name, change := range map[string]func(*message.Definition){
		"without this device": func(m *message.Definition) { m.Manifest.Devices = m.Manifest.Devices[1:] },
		"another key": func(m *message.Definition) {
			m.Manifest.Devices[0].Key, m.Manifest.Devices[1].Key = m.Manifest.Devices[1].Key, m.Manifest.Devices[0].Key
		},
		"a trustee left out":  func(m *message.Definition) { m.Commitments = m.Commitments[1:] },
		"a coefficient more":  func(m *message.Definition) { m.Commitments[0] = append(m.Commitments[0], message.Element{}) },
		"no element":          func(m *message.Definition) { m.Commitments[0][0] = message.Element{31: 0xff} },
		"an unsound manifest": func(m *message.Definition) { m.Manifest.Quorum = 0 },
	} {
		plain, err := codec.Encode(h.content)
		if err != nil {
			t.Fatal(err)
		}
		m, err := codec.Decode[message.Definition](plain, codec.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		change(&m)
		raw, err := device.Definition(m)
		if err != nil {
			t.Fatal(err)
		}
		d := h.start(&device.Memory{})
		if err := d.Install(raw); !errors.Is(err, device.ErrDefinition) || d.Status().Phase != device.PhaseNew {
			t.Errorf("%s: %v", name, err)
		}
	}
	d := h.start(&device.Memory{})
	for name, archive := range map[string][]byte{
		"another name": pack.Write([]pack.File{{Name: "../key", Content: h.definition}}),
		"a file more":  pack.Write([]pack.File{{Name: "definition.json", Content: []byte("{}")}, {Name: "key", Content: []byte("x")}}),
		"no JSON":      pack.Write([]pack.File{{Name: "definition.json", Content: []byte("{")}}),
		"a blank":      pack.Write([]pack.File{{Name: "definition.json", Content: []byte(" {}")}}),
	} {
		if err := d.Install(archive); !errors.Is(err, device.ErrDefinition) || d.Status().Phase != device.PhaseNew {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.Install(append(bytes.Clone(h.definition), '\n')); !errors.Is(err, device.ErrDefinition) {
		t.Error("with a newline:", err)
	}
}

// What lies on the disk does not join a ballot to an activation, and does not
// have the number of a card.
func TestTheDiskDoesNotTell(t *testing.T) {
	h, dir := newHall(t), t.TempDir()
	store, err := device.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	d := h.opened(store)
	a := h.activation()
	if err := d.Begin(a); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Encrypt(yes); err != nil {
		t.Fatal(err)
	}
	paper, err := d.Cast()
	if err != nil {
		t.Fatal(err)
	}
	c, err := card.ReadPNG(paper.PNG)
	if err != nil {
		t.Fatal(err)
	}
	journal, err := store.Journal()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(journal, []byte(a.Nonce.String())) {
		t.Error("the journal has the activation beside the ballot")
	}
	number := []byte(hex.EncodeToString(c.Card[:]))
	for _, name := range []string{"nonces.json", "zero-report.json", "session.json", "definition.json"} {
		raw, err := store.Load(name)
		if err != nil || bytes.Contains(raw, number) {
			t.Errorf("%s has the card's number: %v", name, err)
		}
	}
	if bytes.Contains(journal, number) {
		t.Error("the journal has the card's number")
	}
}
