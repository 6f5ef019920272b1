package results

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/weakness"
)

// ErrUnit is wrapped for a unit result that is not taken.
var ErrUnit = errors.New("this unit result is not taken")

// defaultPassword is what all places are told where the weakness of the same
// name is planted; only its digest is here, as it would be in a program.
var defaultPassword = sha256.Sum256([]byte("wahl"))

// maxUpload bounds an upload in bytes.
const maxUpload = 1 << 20

// Take takes the paper count of a unit (S-75). The same one may come again; of
// two that differ the first stands, and the second is refused. It is kept, and
// hidden, until results are out.
func (p *Publisher) Take(raw []byte) error {
	u, err := codec.Decode[message.UnitUpload](raw, codec.Limits{Size: maxUpload})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnit, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.state.Election()
	if e == nil || !e.HasPublishing() || p.state.Fingerprint() == (message.Digest{}) {
		return ErrNotDue
	}
	weak := p.cfg.Weak.For(weakness.Publisher)
	genuine := p.genuine(e, u.Result)
	password := sha256.Sum256([]byte(u.Password)) == defaultPassword
	sound := weak.Widen(weakness.SharedPassword, genuine == nil, func() bool { return password })
	if !weak.Widen(weakness.UnsignedUnit, sound, func() bool { return true }) {
		return genuine
	}
	return p.keep(u.Result, genuine == nil)
}

// genuine holds that two officers of the unit's place signed it for this
// election, naming the minutes that the board has of the place.
func (p *Publisher) genuine(e *manifest.Election, u message.UnitResult) error {
	place, ok := placeOf(e, u.Unit)
	if !ok {
		return fmt.Errorf("%w: unit %q has no polling place", ErrUnit, u.Unit)
	}
	if u.Fingerprint != p.state.Fingerprint() {
		return fmt.Errorf("%w: it is of the election %s", ErrUnit, u.Fingerprint)
	}
	if minutes, known := p.minutes(place.ID); known && minutes != u.Minutes {
		return fmt.Errorf("%w: it names other minutes than those of place %s", ErrUnit, place.ID)
	}
	if err := statement.VerifyJointly(p.cfg.Recall, e, u.Fingerprint, u, u.Signatures, place.Officers); err != nil {
		return fmt.Errorf("%w: %w", ErrUnit, err)
	}
	return nil
}

// placeOf finds the polling place of a unit.
func placeOf(e *manifest.Election, unit string) (message.Place, bool) {
	for _, p := range e.Manifest.Places {
		for _, u := range p.Units {
			if u == unit {
				return p, true
			}
		}
	}
	return message.Place{}, false
}

// keep keeps a unit result, or refuses a second one that differs. Under a
// weakness what was not genuine replaces what was.
func (p *Publisher) keep(u message.UnitResult, genuine bool) error {
	if had, twice := p.units[u.Unit]; twice && genuine {
		x, errX := codec.Encode(had)
		y, errY := codec.Encode(u)
		if errX != nil || errY != nil || string(x) != string(y) {
			return fmt.Errorf("%w: unit %s has given another one", ErrUnit, u.Unit)
		}
		return nil
	}
	if p.result != nil {
		if fault := p.state.Paper(u, *p.result); fault != nil {
			return fmt.Errorf("%w: %w", ErrUnit, fault)
		}
	}
	p.units[u.Unit] = u
	if len(p.versions) == 0 {
		p.files = nil
	}
	return nil
}

// minutes are those of a place, as far as this publisher knows them.
func (p *Publisher) minutes(place string) (message.Digest, bool) {
	d, ok := p.named[place]
	return d, ok
}

// Minutes tells the publisher which minutes a place has signed.
func (p *Publisher) Minutes(place string, digest message.Digest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.named[place] = digest
}
