// Package countcentre takes the packs of polling places: it verifies each again,
// keeps it in a ledger by device and number, reconciles it with the minutes, and
// brings it to the board (SPEC.md S-57 to S-59). The same archive gets the same
// answer however often it is presented, under whatever name; another one with
// the number of a pack that is known puts both aside.
//
// Whatever stands on the board is taken from there: a lost ledger costs nothing
// but that the media are read again. What is due is what the board lacks, so a
// centre that was stopped at any point goes on where the board ends.
package countcentre

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/pack"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/statement"
)

// Standing is what became of a pack.
type Standing string

// The standings of a pack: it waits for the packs before it, for the minutes or
// for the close; it stands on the board; or it is put aside because another one
// has its number.
const (
	Waiting     Standing = "waiting"
	Imported    Standing = "imported"
	Quarantined Standing = "quarantined"
)

// Answer is what a pack is told.
type Answer struct {
	Device   string
	Sequence uint64
	Digest   message.Digest
	Standing Standing
}

// ErrRefused is wrapped by errors about what was presented: it is not taken.
var ErrRefused = errors.New("refused")

// Line is a pack in the ledger.
type Line struct {
	Device   string
	Sequence uint64
	Digest   message.Digest // of the archive
}

// Ledger keeps what was presented. What Keep and Refuse have returned from is
// durable.
type Ledger interface {
	// Keep stores a line with its archive; one that is there it leaves.
	Keep(ctx context.Context, l Line, archive []byte) error
	// Lines are all of a device, by number and digest.
	Lines(ctx context.Context, device string) ([]Line, error)
	// Archive finds a kept archive.
	Archive(ctx context.Context, digest message.Digest) ([]byte, error)
	// Refuse records an archive that was not taken, and why.
	Refuse(ctx context.Context, digest message.Digest, reason string) error
	// Hold keeps the minutes of a place and the no-pack and revocation of a
	// device, by type and id.
	Hold(ctx context.Context, t message.Type, id string, raw []byte) error
	// Held finds one; it is nil where there is none.
	Held(ctx context.Context, t message.Type, id string) ([]byte, error)
}

// Centre is the role: it follows the board and posts what is due. It is not
// safe for concurrent use.
type Centre struct {
	Key    ed25519.PrivateKey
	State  *rules.State // fed with the board by the caller
	Ledger Ledger
}

// Present takes an archive from a medium (S-57).
func (c *Centre) Present(ctx context.Context, archive []byte) (Answer, error) {
	a, err := c.present(ctx, archive)
	if errors.Is(err, ErrRefused) {
		if kept := c.Ledger.Refuse(ctx, pack.Digest(archive), err.Error()); kept != nil {
			return Answer{}, fmt.Errorf("ledger: %w", kept)
		}
	}
	return a, err
}

func (c *Centre) present(ctx context.Context, archive []byte) (Answer, error) {
	if c.State.Voting() == nil {
		return Answer{}, fmt.Errorf("%w: the election is not open; read the board first", ErrRefused)
	}
	contents, err := pack.Decode(archive)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err := c.verify(&contents); err != nil {
		return Answer{}, fmt.Errorf("%w: pack %d of device %q: %w", ErrRefused, contents.Pack.Sequence, contents.Pack.Device, err)
	}
	l := Line{contents.Pack.Device, contents.Pack.Sequence, pack.Digest(archive)}
	if err := c.Ledger.Keep(ctx, l, archive); err != nil {
		return Answer{}, fmt.Errorf("ledger: %w", err)
	}
	standing, err := c.standing(ctx, l)
	return Answer{l.Device, l.Sequence, l.Digest, standing}, err
}

// standing is what the board and the ledger say of a pack.
func (c *Centre) standing(ctx context.Context, l Line) (Standing, error) {
	if on := c.State.Packs(l.Device); uint64(len(on)) >= l.Sequence {
		if on[l.Sequence-1] == l.Digest {
			return Imported, nil
		}
		return Quarantined, nil
	}
	lines, err := c.Ledger.Lines(ctx, l.Device)
	if err != nil {
		return "", fmt.Errorf("ledger: %w", err)
	}
	other := func(x Line) bool { return x.Sequence == l.Sequence && x.Digest != l.Digest }
	if slices.ContainsFunc(lines, other) {
		return Quarantined, nil
	}
	return Waiting, nil
}

// Next gives the entries that are due and not on the board yet, in order.
func (c *Centre) Next(ctx context.Context) ([]entry.Packed, error) {
	due, err := c.revocations(ctx)
	if err != nil || len(due) > 0 || c.State.Phase() != message.PhaseClosed {
		return due, err
	}
	if p, done := c.State.Importing(); p != nil {
		return c.ballots(ctx, p.Device, p.Sequence, done)
	}
	for _, place := range c.State.Election().Manifest.Places {
		if due, err := c.minutes(ctx, place.ID); err != nil || len(due) > 0 {
			return due, err
		}
	}
	for _, d := range c.State.Election().Manifest.Devices {
		if due, err := c.device(ctx, d); err != nil || len(due) > 0 {
			return due, err
		}
	}
	return c.voids()
}

func (c *Centre) revocations(ctx context.Context) ([]entry.Packed, error) {
	phase := c.State.Phase()
	if p, _ := c.State.Importing(); p != nil || phase != message.PhaseVoting && phase != message.PhaseClosed {
		return nil, nil
	}
	for _, d := range c.State.Election().Manifest.Devices {
		if c.State.Revoked(d.ID) {
			continue
		}
		if due, err := held[message.RevokeDevice](ctx, c, message.TypeRevokeDevice, d.ID); err != nil || len(due) > 0 {
			return due, err
		}
	}
	return nil, nil
}

func (c *Centre) minutes(ctx context.Context, place string) ([]entry.Packed, error) {
	if c.State.Minuted(place) {
		return nil, nil
	}
	return held[message.Minutes](ctx, c, message.TypeMinutes, place)
}

// device gives the next pack of a device, once all up to the final one are
// there or the officers have given the rest up.
func (c *Centre) device(ctx context.Context, d message.Device) ([]entry.Packed, error) {
	sequence, _, final := c.State.Imported(d.ID)
	if final || c.State.GivenUp(d.ID) || !c.State.Minuted(d.Place) && !c.State.Revoked(d.ID) {
		return nil, nil
	}
	givenUp, err := held[message.NoPack](ctx, c, message.TypeNoPack, d.ID)
	if err != nil || c.State.Revoked(d.ID) {
		return givenUp, err
	}
	whole, next, err := c.chain(ctx, d.ID, sequence)
	switch {
	case err != nil:
		return nil, err
	case next != nil && (whole || len(givenUp) > 0):
		return c.imports(ctx, *next)
	}
	return givenUp, nil
}

// chain looks at the packs that follow one number: the next of them, and
// whether they go on to the final one. A pack that is put aside ends it.
func (c *Centre) chain(ctx context.Context, device string, sequence uint64) (whole bool, next *Line, err error) {
	lines, err := c.Ledger.Lines(ctx, device)
	if err != nil {
		return false, nil, fmt.Errorf("ledger: %w", err)
	}
	for _, l := range lines {
		if l.Sequence != sequence+1 {
			continue
		}
		standing, err := c.standing(ctx, l)
		if err != nil || standing != Waiting {
			return false, next, err
		}
		contents, _, err := c.read(ctx, l)
		if err != nil {
			return false, nil, err
		}
		if next == nil {
			next = &l
		}
		if contents.Pack.Final {
			return true, next, nil
		}
		sequence++
	}
	return false, next, nil
}

func (c *Centre) read(ctx context.Context, l Line) (pack.Contents, []byte, error) {
	archive, err := c.Ledger.Archive(ctx, l.Digest)
	if err != nil {
		return pack.Contents{}, nil, fmt.Errorf("ledger: pack %d of device %s: %w", l.Sequence, l.Device, err)
	}
	contents, err := pack.Decode(archive)
	return contents, archive, err
}

// imports is the import of a pack with its ballots.
func (c *Centre) imports(ctx context.Context, l Line) ([]entry.Packed, error) {
	contents, _, err := c.read(ctx, l)
	if err != nil {
		return nil, err
	}
	body := message.Import{CheckIns: contents.CheckIns, Digest: l.Digest, Pack: contents.Pack}
	if contents.Pack.Sequence == 1 {
		body.ZeroReport = &contents.ZeroReport
	}
	first, err := entry.Pack(c.header(message.TypeImport), body, c.Key)
	if err != nil {
		return nil, err
	}
	rest, err := c.entries(&contents, 0)
	return append([]entry.Packed{first}, rest...), err
}

// ballots are those of the open import that are not on the board yet.
func (c *Centre) ballots(ctx context.Context, device string, sequence, done uint64) ([]entry.Packed, error) {
	packs := c.State.Packs(device)
	contents, _, err := c.read(ctx, Line{device, sequence, packs[sequence-1]})
	if err != nil {
		return nil, fmt.Errorf("%w; present its medium again", err)
	}
	return c.entries(&contents, done)
}

func (c *Centre) entries(contents *pack.Contents, done uint64) ([]entry.Packed, error) {
	var out []entry.Packed
	for _, b := range contents.Ballots[done:] {
		header := message.Entry{Context: c.State.Fingerprint(), ID: contents.Pack.Device, Role: message.RoleDevice, Signature: b.Signature, Type: message.TypeDeviceBallot}
		p, err := entry.Pack(header, b.Ballot, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// voids are due once every device is accounted for (S-59).
func (c *Centre) voids() ([]entry.Packed, error) {
	for _, d := range c.State.Election().Manifest.Devices {
		if _, _, final := c.State.Imported(d.ID); !final && !c.State.GivenUp(d.ID) {
			return nil, nil
		}
	}
	var out []entry.Packed
	for _, v := range c.State.Voids() {
		p, err := entry.Pack(c.header(message.TypeVoid), v, c.Key)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func (c *Centre) header(t message.Type) message.Entry {
	return message.Entry{Context: c.State.Fingerprint(), Role: message.RoleCountCentre, Type: t}
}

// Joint is what officers sign together.
type Joint[T any] interface {
	message.Minutes | message.NoPack | message.RevokeDevice
	statement.Joint[T]
}
