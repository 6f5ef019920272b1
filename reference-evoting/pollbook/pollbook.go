// Package pollbook is the poll book of one polling place: the roll of its
// units, under a key and on a host of its own. It checks a voter in once, signs
// an activation for one ballot on a device of the place, strikes the check-in
// of an activation that the device gives back, and signs which check-ins belong
// to a device's pack (SPEC.md, S-51 and S-53).
//
// It sees neither ballots nor confirmation codes, and the device no voters.
package pollbook

import (
	"bytes"
	"cmp"
	"crypto/cipher"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"sync"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/statement"
)

// Errors that callers tell apart.
var (
	// ErrVoter: the credential is not on this place's roll, or was checked in.
	ErrVoter = errors.New("voter")
	// ErrDevice: the device is not of this place, or gives back what is not
	// its.
	ErrDevice = errors.New("device")
	// ErrBroken: the disk failed or has something else than was written.
	ErrBroken = errors.New("the poll book is broken")
)

// Store keeps one file durably; device.Store has what it asks for.
type Store interface {
	Load(name string) ([]byte, error)
	Save(name string, raw []byte) error
}

// Config is what a poll book is made of. Roll may hold the whole electorate:
// the place's units are taken from it.
type Config struct {
	Place       string
	Election    *manifest.Election
	Fingerprint message.Digest
	Key         ed25519.PrivateKey
	Roll        []message.Credential
	Store       Store
	Random      cipher.Stream
	Recall      *recall.Memory
}

// Book is safe for concurrent use.
type Book struct {
	cfg  Config
	roll map[message.Element]message.Credential

	mu     sync.Mutex
	failed error
	state  state
}

// state is what lies in the store: the activations, ascending by nonce, so that
// it does not tell in which order the voters came.
type state struct {
	Given []given `json:"given" limit:"1048576"`
}

// given is an activation with the voter it was for. Pack is the number of the
// pack in which its ballot is; zero before that. Cancelled ones stay, so that a
// nonce has one meaning.
type given struct {
	Cancelled  bool            `json:"cancelled"`
	Credential message.Element `json:"credential"`
	Device     string          `json:"device"`
	Nonce      message.Digest  `json:"nonce"`
	Pack       uint64          `json:"pack"`
}

const stateFile = "poll-book.json"

// maxState bounds the state in bytes.
const maxState = 512 << 20

// Open goes on from what the store has.
func Open(cfg Config) (*Book, error) {
	place, ok := cfg.Election.Place(cfg.Place)
	if !ok {
		return nil, fmt.Errorf("%w: no place %q", ErrDevice, cfg.Place)
	}
	b := &Book{cfg: cfg, roll: map[message.Element]message.Credential{}, state: state{Given: []given{}}}
	for _, c := range cfg.Roll {
		if slices.Contains(place.Units, c.Unit) {
			b.roll[c.Key] = c
		}
	}
	raw, err := cfg.Store.Load(stateFile)
	if err != nil || raw == nil {
		return b, err
	}
	if b.state, err = codec.Decode[state](raw, codec.Limits{Size: maxState}); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBroken, stateFile, err)
	}
	return b, nil
}

// CheckIn checks a voter in and signs an activation for one of the place's
// devices. A voter whose activation was neither used nor given back gets the
// same one again for the same device.
func (b *Book) CheckIn(credential message.Element, device string) (message.Activation, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	voter, ok := b.roll[credential]
	if !ok {
		return message.Activation{}, fmt.Errorf("%w: the credential %s is not on the roll of %s", ErrVoter, credential, b.cfg.Place)
	}
	if line, ok := b.cfg.Election.Device(device); !ok || line.Place != b.cfg.Place {
		return message.Activation{}, fmt.Errorf("%w: %q does not stand in %s", ErrDevice, device, b.cfg.Place)
	}
	a := message.Activation{
		Device: device, Fingerprint: b.cfg.Fingerprint, Place: b.cfg.Place,
		Style: voter.Style, Unit: voter.Unit, Weight: voter.Weight,
	}
	if i := slices.IndexFunc(b.state.Given, func(g given) bool { return g.Credential == credential && !g.Cancelled }); i >= 0 {
		if g := b.state.Given[i]; g.Device != device || g.Pack != 0 {
			return message.Activation{}, fmt.Errorf("%w: %s was checked in", ErrVoter, credential)
		}
		a.Nonce = b.state.Given[i].Nonce
		return b.signed(a)
	}
	b.cfg.Random.XORKeyStream(a.Nonce[:], a.Nonce[:])
	g := given{Credential: credential, Device: device, Nonce: a.Nonce}
	at, _ := slices.BinarySearchFunc(b.state.Given, g, byNonce)
	next := state{Given: slices.Insert(slices.Clone(b.state.Given), at, g)}
	if err := b.keep(next); err != nil {
		return message.Activation{}, err
	}
	return b.signed(a)
}

func byNonce(a, b given) int { return bytes.Compare(a.Nonce[:], b.Nonce[:]) }

func (b *Book) signed(a message.Activation) (message.Activation, error) {
	var err error
	a.Signature, err = statement.Sign(a, b.cfg.Fingerprint, b.cfg.Key)
	return a, err
}

// keep makes a state durable and takes it up.
func (b *Book) keep(next state) error {
	if b.failed != nil {
		return fmt.Errorf("%w: %w", ErrBroken, b.failed)
	}
	raw, err := codec.Encode(next)
	if err != nil {
		return err
	}
	if err := b.cfg.Store.Save(stateFile, raw); err != nil {
		b.failed = err
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	b.state = next
	return nil
}

// find is the place of an activation of a device.
func (b *Book) find(nonce message.Digest, device string) (int, error) {
	at, there := slices.BinarySearchFunc(b.state.Given, given{Nonce: nonce}, byNonce)
	if !there || b.state.Given[at].Device != device {
		return 0, fmt.Errorf("%w: %s had no activation %s", ErrDevice, device, nonce)
	}
	return at, nil
}

// Cancel strikes the check-in whose activation the device gives back.
func (b *Book) Cancel(c message.Cancelled) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.Fingerprint != b.cfg.Fingerprint {
		return fmt.Errorf("%w: it is of the election %s", ErrDevice, c.Fingerprint)
	}
	if err := statement.Verify(b.cfg.Recall, b.cfg.Election, b.cfg.Fingerprint, c, c.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrDevice, err)
	}
	at, err := b.find(c.Nonce, c.Device)
	if err != nil {
		return err
	}
	if b.state.Given[at].Pack != 0 {
		return fmt.Errorf("%w: the activation was used for pack %d", ErrDevice, b.state.Given[at].Pack)
	}
	next := state{Given: slices.Clone(b.state.Given)}
	next.Given[at].Cancelled = true
	return b.keep(next)
}

// CheckIns signs the check-ins of the activations that a device used for a
// pack. The same question gets the same answer; a pack has one list.
func (b *Book) CheckIns(device string, sequence uint64, used []message.Digest) (message.CheckIns, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if sequence < 1 {
		return message.CheckIns{}, fmt.Errorf("%w: packs count from 1", ErrDevice)
	}
	out := message.CheckIns{Device: device, Fingerprint: b.cfg.Fingerprint, Place: b.cfg.Place, Sequence: sequence, CheckIns: []message.CheckIn{}}
	next := state{Given: slices.Clone(b.state.Given)}
	changed := false
	for i, nonce := range used {
		if i > 0 && bytes.Compare(used[i-1][:], nonce[:]) >= 0 {
			return message.CheckIns{}, fmt.Errorf("%w: its activations are not ascending", ErrDevice)
		}
		at, err := b.find(nonce, device)
		if err != nil {
			return message.CheckIns{}, err
		}
		g := &next.Given[at]
		if g.Cancelled || g.Pack != 0 && g.Pack != sequence {
			return message.CheckIns{}, fmt.Errorf("%w: activation %s was given back or is of another pack", ErrDevice, nonce)
		}
		changed = changed || g.Pack == 0
		g.Pack = sequence
		v := b.roll[g.Credential]
		out.CheckIns = append(out.CheckIns, message.CheckIn{Credential: v.Key, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	if n := countPack(next.Given, device, sequence); n != len(used) {
		return message.CheckIns{}, fmt.Errorf("%w: pack %d was %d activations before, now it is %d", ErrDevice, sequence, n, len(used))
	}
	slices.SortFunc(out.CheckIns, func(a, b message.CheckIn) int { return bytes.Compare(a.Credential[:], b.Credential[:]) })
	if changed {
		if err := b.keep(next); err != nil {
			return message.CheckIns{}, err
		}
	}
	var err error
	out.Signature, err = statement.Sign(out, b.cfg.Fingerprint, b.cfg.Key)
	return out, err
}

// countPack is how many activations a pack has.
func countPack(list []given, device string, sequence uint64) (n int) {
	for _, g := range list {
		if g.Device == device && g.Pack == sequence {
			n++
		}
	}
	return n
}

// Present is how many voters were checked in and not struck again, for the
// place's minutes.
func (b *Book) Present() (n uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, g := range b.state.Given {
		if !g.Cancelled {
			n++
		}
	}
	return n
}

// Minutes are a place's account of what its devices and its poll book showed
// at the close, without signatures (S-55). Lines may come in any order; a
// device that has none took nothing.
func Minutes(e *manifest.Election, fingerprint message.Digest, place string, present uint64, lines []message.DeviceMinutes) message.Minutes {
	m := message.Minutes{CheckIns: present, Devices: []message.DeviceMinutes{}, Fingerprint: fingerprint, Place: place}
	for _, d := range e.Manifest.Devices {
		if d.Place != place {
			continue
		}
		line := message.DeviceMinutes{Device: d.ID}
		if i := slices.IndexFunc(lines, func(l message.DeviceMinutes) bool { return l.Device == d.ID }); i >= 0 {
			line = lines[i]
		}
		m.Devices = append(m.Devices, line)
	}
	return m
}

// SignMinutes adds an officer's signature; signatures stand by officer.
func SignMinutes(m message.Minutes, officer string, key ed25519.PrivateKey) (message.Minutes, error) {
	s, err := statement.SignJointly(m, officer, m.Fingerprint, key)
	if err != nil {
		return m, err
	}
	m.Signatures = append(slices.Clone(m.Signatures), s)
	slices.SortFunc(m.Signatures, func(a, b message.OfficerSignature) int { return cmp.Compare(a.ID, b.ID) })
	return m, nil
}
