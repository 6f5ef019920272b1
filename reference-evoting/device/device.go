// Package device is a device at a polling place. It is carried the election's
// definition, shows zero at its opening, takes one ballot for each activation
// of its place's poll book, encrypts it, shows a chained confirmation code
// before the voter casts or challenges, draws a paper card, and exports signed
// packs on removable media (SPEC.md, S-50 to S-56). It never has a network.
//
// What it acknowledges is durable first: killed at any moment it loses no
// confirmed ballot. Once its disk has failed it takes nothing more until it is
// started again.
//
// What it keeps tells nobody who cast what: the journal has ballots in their
// order and no nonces; nonces lie apart, sorted; a card's number is forgotten.
package device

import (
	"crypto/cipher"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/pack"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
)

// Errors that callers tell apart.
var (
	// ErrState: not now. The text says what must come first.
	ErrState = errors.New("not in this state")
	// ErrDefinition: the definition is not one that this device can open.
	ErrDefinition = errors.New("definition")
	// ErrActivation: the activation is not for this device, or was used.
	ErrActivation = errors.New("activation")
	// ErrCheckIns: the check-ins are not those of the pack that is due.
	ErrCheckIns = errors.New("check-ins")
	// ErrBroken: what the disk has is not what this device wrote, or it failed.
	ErrBroken = errors.New("the device is broken")
)

// Config is what a device is made of.
type Config struct {
	ID    string
	Store Store
	// Key, where not nil, is the device's key: in test elections, from a seed.
	// Otherwise it is made here and kept in the store.
	Key    ed25519.PrivateKey
	Random cipher.Stream
	Clock  func() time.Time // default time.Now
	Weak   weakness.View
	Recall *recall.Memory
}

// Phase says how far a device has come.
type Phase string

// The phases, in order.
const (
	PhaseNew       Phase = "new"       // no definition
	PhaseInstalled Phase = "installed" // may run the test deck
	PhaseOpen      Phase = "open"
	PhaseClosed    Phase = "closed"
)

// Status is what a device shows on its screen.
type Status struct {
	Phase       Phase
	Key         message.Key
	Fingerprint message.Digest
	Ballots     uint64 // cast, since the opening
	Challenged  uint64
	Cancelled   uint64
	Packs       uint64 // exported
	Code        message.Digest
	LogHead     message.Digest
	Busy        bool   // a voter stands before it
	Fault       string // why it takes nothing more
}

// Device is safe for concurrent use: everything happens one after the other.
type Device struct {
	cfg Config
	key ed25519.PrivateKey

	mu       sync.Mutex
	failed   error
	log      log
	phase    Phase
	election *manifest.Election
	print    message.Digest
	encrypt  *proof.ElectionKey
	line     message.Device // the certificate

	zero       *message.ZeroReport
	code       message.Digest
	sequence   uint64 // of the last ballot, cast or challenged
	ballots    uint64
	challenged uint64
	pending    [][]byte // lines of ballots.jsonl since the last pack
	packed     packed
	nonces     nonces
	session    *session
	shown      *voter.Encrypted // encrypted and not decided
}

// The files of the store beside the journal.
const (
	keyFile        = "key"
	definitionFile = "definition.json"
	zeroFile       = "zero-report.json"
	sessionFile    = "session.json"
	noncesFile     = "nonces.json"
)

// Open goes on from what the store has.
func Open(cfg Config) (*Device, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	d := &Device{cfg: cfg, phase: PhaseNew, log: log{store: cfg.Store}, packed: packed{first: 1}}
	if err := d.loadKey(); err != nil {
		return nil, err
	}
	raw, err := cfg.Store.Load(definitionFile)
	if err != nil {
		return nil, err
	}
	if raw == nil {
		return d, nil
	}
	if err := d.define(raw); err != nil {
		return nil, err
	}
	if err := d.replay(); err != nil {
		return nil, err
	}
	return d, d.note(message.Event{Kind: message.EventStart})
}

// loadKey takes the key of the store, or makes it there.
func (d *Device) loadKey() error {
	if d.cfg.Key != nil {
		d.key = d.cfg.Key
		return nil
	}
	seed, err := d.cfg.Store.Load(keyFile)
	if err != nil {
		return err
	}
	if seed == nil {
		seed = make([]byte, ed25519.SeedSize)
		d.cfg.Random.XORKeyStream(seed, seed)
		if err := d.cfg.Store.Save(keyFile, seed); err != nil {
			return err
		}
	}
	if len(seed) != ed25519.SeedSize {
		return fmt.Errorf("%w: its key has %d bytes", ErrBroken, len(seed))
	}
	d.key = ed25519.NewKeyFromSeed(seed)
	return nil
}

// Status tells where the device stands.
func (d *Device) Status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Status{
		Phase: d.phase, Key: keys.Public(d.key), Fingerprint: d.print, Ballots: d.ballots, Challenged: d.challenged,
		Cancelled: d.nonces.Cancelled, Packs: d.packed.sequence, Code: d.code, LogHead: d.log.head, Busy: d.session != nil,
	}
	if d.failed != nil {
		s.Fault = d.failed.Error()
	}
	return s
}

// within refuses what is not for this phase.
func (d *Device) within(phase Phase, first string) error {
	switch {
	case d.failed != nil:
		return fmt.Errorf("%w: %w", ErrBroken, d.failed)
	case d.phase != phase:
		return fmt.Errorf("%w: the device is %s; %s", ErrState, d.phase, first)
	}
	return nil
}

// kept remembers that the disk failed: what it has is not known any more.
func (d *Device) kept(err error) error {
	if err != nil && d.failed == nil {
		d.failed = err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return nil
}

// maxDefinition bounds a definition in bytes.
const maxDefinition = 64 << 20

// Definition is the archive in which a definition travels.
func Definition(m message.Definition) ([]byte, error) {
	raw, err := codec.Encode(m)
	if err != nil {
		return nil, err
	}
	return pack.Write([]pack.File{{Name: definitionFile, Content: raw}}), nil
}

// Install takes the definition that was carried here, as an archive with one
// file of one name: nothing is extracted to a place that the archive names. The
// fingerprint that follows from it is in the status, for comparison with the
// one published.
func (d *Device) Install(archive []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.phase != PhaseNew && d.phase != PhaseInstalled {
		return fmt.Errorf("%w: the device is %s; a definition comes before the opening", ErrState, d.phase)
	}
	files, err := pack.Read(archive, maxDefinition, definitionFile)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	raw := files[0]
	if err := d.define(raw); err != nil {
		return err
	}
	if err := d.kept(d.cfg.Store.Save(definitionFile, raw)); err != nil {
		return err
	}
	return d.note(message.Event{Kind: message.EventAdmin, Detail: "installed " + d.print.String()})
}

// define checks a definition and takes it up.
func (d *Device) define(raw []byte) error {
	m, err := codec.Decode[message.Definition](raw, codec.Limits{Size: maxDefinition, Items: 1 << 16})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	e, err := manifest.Compile(m.Manifest, m.Ceremony)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	line, ok := e.Device(d.cfg.ID)
	switch {
	case !ok:
		return fmt.Errorf("%w: it has no device %q", ErrDefinition, d.cfg.ID)
	case line.Key != keys.Public(d.key):
		return fmt.Errorf("%w: its certificate of %s is for another key than this device's %s", ErrDefinition, d.cfg.ID, keys.Public(d.key))
	}
	y, err := electionKey(m)
	if err != nil {
		return err
	}
	d.election, d.line = e, line
	d.encrypt = y.Remembering(d.cfg.Recall)
	d.print = transcript.Fingerprint(e.SetupID, y.Encoded, m.Commitments, m.CredentialRoot, m.CredentialCount)
	d.phase = PhaseInstalled
	return nil
}

// electionKey is Y = ΣA_i0 (V-14); the commitments were proven on the board,
// and the fingerprint binds them.
func electionKey(m message.Definition) (*proof.ElectionKey, error) {
	if len(m.Commitments) != len(m.Manifest.Trustees) {
		return nil, fmt.Errorf("%w: commitments of %d trustees, want %d", ErrDefinition, len(m.Commitments), len(m.Manifest.Trustees))
	}
	sum := ristretto.NewPoint().Null().(*ristretto.Point)
	for i, list := range m.Commitments {
		if uint64(len(list)) != m.Manifest.Threshold {
			return nil, fmt.Errorf("%w: %d commitments of trustee %d, want %d", ErrDefinition, len(list), i+1, m.Manifest.Threshold)
		}
		p, err := proof.Point(list[0])
		if err != nil {
			return nil, fmt.Errorf("%w: commitment of trustee %d: %w", ErrDefinition, i+1, err)
		}
		sum.Add(sum, p)
	}
	if sum.Bytes() == (message.Element{}) {
		return nil, fmt.Errorf("%w: its election key is the identity", ErrDefinition)
	}
	return proof.NewElectionKey(sum), nil
}

// place is the polling place of this device.
func (d *Device) place() message.Place {
	p, _ := d.election.Place(d.line.Place)
	return p
}

// OpenPolls makes the zero report and begins to take ballots (S-50).
func (d *Device) OpenPolls() (message.ZeroReport, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.within(PhaseInstalled, "it opens once, after it was installed"); err != nil {
		return message.ZeroReport{}, err
	}
	now := d.now()
	if now < d.line.Opens || now > d.line.Closes {
		return message.ZeroReport{}, fmt.Errorf("%w: its certificate holds from %d to %d, now is %d", ErrState, d.line.Opens, d.line.Closes, now)
	}
	z := message.ZeroReport{At: now, Device: d.cfg.ID, Fingerprint: d.print, LogHead: d.log.head}
	var err error
	if z.Signature, err = sign(d, z); err != nil {
		return message.ZeroReport{}, err
	}
	raw, err := codec.Encode(z)
	if err != nil {
		return message.ZeroReport{}, err
	}
	if err := d.kept(d.cfg.Store.Save(zeroFile, raw)); err != nil {
		return message.ZeroReport{}, err
	}
	if err := d.note(message.Event{Kind: message.EventOpen}); err != nil {
		return message.ZeroReport{}, err
	}
	d.begin(z, raw)
	return z, nil
}

// begin starts the chain of confirmation codes.
func (d *Device) begin(z message.ZeroReport, raw []byte) {
	d.zero, d.phase = &z, PhaseOpen
	d.code = transcript.CodeStart(d.print, d.cfg.ID, transcript.BodyDigest(raw))
}

// ClosePolls ends it: no session begins any more.
func (d *Device) ClosePolls() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.within(PhaseOpen, "only an open one closes"); err != nil {
		return err
	}
	if d.session != nil {
		return fmt.Errorf("%w: a voter stands before it", ErrState)
	}
	if err := d.note(message.Event{Kind: message.EventClose}); err != nil {
		return err
	}
	d.phase = PhaseClosed
	return nil
}

func (d *Device) now() uint64 { return uint64(max(0, d.cfg.Clock().Unix())) }

// admitted holds that a ballot of this style, unit and weight may be cast here.
func (d *Device) admitted(style, unit string, weight uint64) error {
	_, _, known := d.election.Style(style)
	switch {
	case !known:
		return fmt.Errorf("%w: style %q is unknown", ErrActivation, style)
	case !slices.Contains(d.place().Units, unit):
		return fmt.Errorf("%w: unit %q votes elsewhere", ErrActivation, unit)
	case !slices.Contains(d.election.Manifest.Weights, weight):
		return fmt.Errorf("%w: no voter has the weight %d", ErrActivation, weight)
	}
	return nil
}
