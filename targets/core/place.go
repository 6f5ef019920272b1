package core

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/pack"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/countcentre"
	"scrutineer/reference-evoting/device"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/pollbook"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/targets"
)

var (
	_ targets.Places      = (*election)(nil)
	_ targets.CountCentre = (*election)(nil)
	_ targets.PlaceDevice = placeDevice{}
)

// places are the polling places of an election and its count centre.
type places struct {
	centre  *countcentre.Centre
	devices map[string]*device.Device
	books   map[string]*pollbook.Book
}

// addPlaces starts the count centre; devices and poll books begin when the
// election is open and somebody asks for them.
func (e *election) addPlaces() {
	centre := &countcentre.Centre{
		Key:   e.seed.Signing(message.RoleCountCentre, ""),
		State: rules.New(e.weak.For(weakness.Trustee), e.log).Remember(e.memory), Ledger: countcentre.NewMemory(),
	}
	e.places = &places{centre: centre, devices: map[string]*device.Device{}, books: map[string]*pollbook.Book{}}
	e.importing = &follower{
		apply: func(ctx context.Context, raw []byte) error {
			_, err := centre.State.Apply(ctx, raw, rules.Full)
			return err
		},
		next: func() ([]entry.Packed, error) { return centre.Next(context.Background()) },
	}
}

// definition is what the devices of this election are installed with.
func (e *election) definition() ([]byte, error) {
	list := e.electorate()
	root, err := registrar.Root(list)
	if err != nil {
		return nil, err
	}
	state := e.places.centre.State
	return device.Definition(message.Definition{
		Ceremony: e.draft.Ceremony, Manifest: e.draft.Manifest, Commitments: state.Ceremony().Commitments(),
		CredentialCount: uint64(len(list)), CredentialRoot: root,
	})
}

// electorate is the list of credentials as it stands on the board.
func (e *election) electorate() []message.Credential {
	var list []message.Credential
	for _, c := range e.roll.Credentials() {
		list = append(list, message.Credential{Key: c.Key, Style: c.Voter.Style, Unit: c.Voter.Unit, Weight: c.Voter.Weight})
	}
	slices.SortFunc(list, func(a, b message.Credential) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return list
}

// at finds a device, with its poll book; they are opened when first asked for.
// The caller holds mu.
func (e *election) at(id string) (*device.Device, *pollbook.Book, error) {
	if e.places == nil || e.places.centre.State.Voting() == nil {
		return nil, nil, fmt.Errorf("%w: no polling place, or the election is not open", targets.ErrUnable)
	}
	line, ok := e.places.centre.State.Election().Device(id)
	if !ok {
		return nil, nil, fmt.Errorf("%w: no device %q", targets.ErrUnable, id)
	}
	book, err := e.book(line.Place)
	if err != nil || e.places.devices[id] != nil {
		return e.places.devices[id], book, err
	}
	d, err := device.Open(device.Config{
		ID: id, Store: &device.Memory{}, Key: e.seed.Signing(message.RoleDevice, id),
		// A restart with the stream of a seed would encrypt another choice under
		// the same randomness; here nothing restarts, but a pack is no better
		// replayed with it.
		Random: ristretto.Stream(nil), Clock: e.clock, Weak: e.weak.For(weakness.Device), Recall: e.memory,
	})
	if err != nil {
		return nil, nil, err
	}
	definition, err := e.definition()
	if err == nil {
		err = d.Install(definition)
	}
	if err == nil {
		_, err = d.OpenPolls()
	}
	if err != nil {
		return nil, nil, err
	}
	if d.Status().Fingerprint != e.places.centre.State.Fingerprint() {
		return nil, nil, errors.New("core: the device computes another fingerprint")
	}
	e.places.devices[id] = d
	return d, book, nil
}

func (e *election) book(place string) (*pollbook.Book, error) {
	if b := e.places.books[place]; b != nil {
		return b, nil
	}
	state := e.places.centre.State
	b, err := pollbook.Open(pollbook.Config{
		Place: place, Election: state.Election(), Fingerprint: state.Fingerprint(), Key: e.seed.Signing(message.RolePollBook, place),
		Roll: e.electorate(), Store: &device.Memory{}, Random: e.seed.Stream(message.RolePollBook, place, "nonces"), Recall: e.memory,
	})
	if err == nil {
		e.places.books[place] = b
	}
	return b, err
}

// placed gives what a device or a poll book said the form of an answer.
func placed(v any, err error) (targets.Answer, error) {
	codes := map[error]string{
		device.ErrState: "not-now", device.ErrActivation: "bad-activation", device.ErrCheckIns: "bad-check-ins",
		pollbook.ErrVoter: "not-on-roll", pollbook.ErrDevice: "bad-device", countcentre.ErrRefused: "refused",
	}
	for known, code := range codes {
		if errors.Is(err, known) {
			return targets.Answer{Outcome: targets.Refused, Status: 409, Code: code, Detail: err.Error()}, nil
		}
	}
	if err != nil {
		return targets.Answer{}, err
	}
	a := targets.Answer{Outcome: targets.OK, Status: 200}
	if raw, ok := v.([]byte); ok {
		a.Body = raw
		return a, nil
	}
	if v != nil {
		a.Body, err = codec.Encode(v)
	}
	return a, err
}

// CheckIn implements targets.Places.
func (e *election) CheckIn(_ context.Context, voter, id string) (targets.Answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, book, err := e.at(id)
	if err != nil {
		return targets.Answer{}, err
	}
	c, ok := e.credentials[voter]
	if !ok {
		return targets.Answer{}, targets.ErrUnable
	}
	return placed(book.CheckIn(c.Key, id))
}

// Strike implements targets.Places.
func (e *election) Strike(_ context.Context, id string, cancelled []byte) (targets.Answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, book, err := e.at(id)
	if err != nil {
		return targets.Answer{}, err
	}
	c, err := codec.Decode[message.Cancelled](cancelled, codec.Limits{})
	if err != nil {
		return targets.Answer{Outcome: targets.Refused, Status: 422, Code: "malformed", Detail: err.Error()}, nil
	}
	return placed(nil, book.Cancel(c))
}

// PlaceDevice implements targets.Places.
func (e *election) PlaceDevice(_ context.Context, id string) (targets.PlaceDevice, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	d, book, err := e.at(id)
	return placeDevice{id, d, book}, err
}

// Minutes implements targets.Places. Devices that were never opened took
// nothing, and have an empty final pack all the same.
func (e *election) Minutes(_ context.Context, place string) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.places == nil {
		return nil, targets.ErrUnable
	}
	book, err := e.book(place)
	if err != nil {
		return nil, err
	}
	var lines []message.DeviceMinutes
	for id, d := range e.places.devices {
		s := d.Status()
		l := message.DeviceMinutes{Ballots: s.Ballots, Challenged: s.Challenged, CodeEnd: s.Code, Device: id}
		if s.Phase == device.PhaseClosed && s.Packs > 0 {
			last, err := d.Pack(s.Packs)
			if err != nil {
				return nil, err
			}
			l.Pack = pack.Digest(last)
		}
		lines = append(lines, l)
	}
	state := e.places.centre.State
	m := pollbook.Minutes(state.Election(), state.Fingerprint(), place, book.Present(), lines)
	p, _ := state.Election().Place(place)
	for _, o := range p.Officers[:2] {
		if m, err = pollbook.SignMinutes(m, o.ID, e.seed.Signing(message.RolePlaceOfficer, o.ID)); err != nil {
			return nil, err
		}
	}
	return codec.Encode(m)
}

// TakeMinutes implements targets.CountCentre.
func (e *election) TakeMinutes(ctx context.Context, minutes []byte) (targets.Answer, error) {
	m, err := codec.Decode[message.Minutes](minutes, codec.Limits{})
	if err != nil {
		return targets.Answer{Outcome: targets.Refused, Status: 422, Code: "malformed", Detail: err.Error()}, nil
	}
	return e.taken(ctx, func() (targets.Answer, error) { return placed(nil, e.places.centre.Minutes(ctx, m)) })
}

// TakePack implements targets.CountCentre.
func (e *election) TakePack(ctx context.Context, archive []byte) (targets.Answer, error) {
	return e.taken(ctx, func() (targets.Answer, error) {
		a, err := e.places.centre.Present(ctx, archive)
		if err == nil && a.Standing == countcentre.Quarantined {
			return targets.Answer{Outcome: targets.Refused, Status: 409, Code: "quarantined", Detail: "another pack has its number"}, nil
		}
		return placed(nil, err)
	})
}

// taken asks the count centre, and lets it bring what is due to the board.
func (e *election) taken(ctx context.Context, ask func() (targets.Answer, error)) (targets.Answer, error) {
	if e.places == nil {
		return targets.Answer{}, targets.ErrUnable
	}
	e.mu.Lock()
	a, err := ask()
	e.mu.Unlock()
	if err != nil {
		return a, err
	}
	return a, e.settle(ctx)
}

// placeDevice implements targets.PlaceDevice.
type placeDevice struct {
	id     string
	device *device.Device
	book   *pollbook.Book
}

// Begin implements targets.PlaceDevice.
func (d placeDevice) Begin(_ context.Context, activation []byte) (targets.Answer, error) {
	a, err := codec.Decode[message.Activation](activation, codec.Limits{})
	if err != nil {
		return targets.Answer{Outcome: targets.Refused, Status: 422, Code: "malformed", Detail: err.Error()}, nil
	}
	return placed(nil, d.device.Begin(a))
}

// Mark implements targets.PlaceDevice.
func (d placeDevice) Mark(_ context.Context, choices map[string][]string) (tracker, code string, err error) {
	s, err := d.device.Encrypt(voter.Choices(choices))
	return s.Tracker.String(), s.Code.String(), err
}

// Cast implements targets.PlaceDevice.
func (d placeDevice) Cast(context.Context) (targets.Answer, targets.Card, error) {
	p, err := d.device.Cast()
	a, err := placed(nil, err)
	return a, targets.Card{SVG: p.SVG, PNG: p.PNG}, err
}

// Challenge implements targets.PlaceDevice.
func (d placeDevice) Challenge(context.Context) (targets.Answer, error) {
	return placed(d.device.Challenge())
}

// Cancel implements targets.PlaceDevice.
func (d placeDevice) Cancel(context.Context) (targets.Answer, error) {
	return placed(d.device.Cancel())
}

// ClosePolls implements targets.PlaceDevice.
func (d placeDevice) ClosePolls(context.Context) (targets.Answer, error) {
	return placed(nil, d.device.ClosePolls())
}

// Export implements targets.PlaceDevice.
func (d placeDevice) Export(context.Context) (targets.Answer, error) {
	sequence, used, err := d.device.Due()
	if err != nil {
		return placed(nil, err)
	}
	checkIns, err := d.book.CheckIns(d.id, sequence, used)
	if err != nil {
		return placed(nil, err)
	}
	return placed(d.device.Export(checkIns))
}
