package rules

import (
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	said "scrutineer/reference-evoting/statement"
)

// places is what the entries of polling places have told so far: the part of
// the state between the close of the channels and the participation (S-55 to
// S-59).
type places struct {
	minutes   map[string]message.Minutes
	devices   map[string]*device
	checkedIn map[int]checkedIn // by place in the credential list
	open      *importing
	owed      int // standing ballots of checked-in credentials that no void names yet
	voided    map[int]bool
}

// device is how far the packs of one device have been imported.
type device struct {
	archives   []message.Digest // of the packs, in order
	code       message.Digest   // of the last ballot
	ballots    uint64
	challenged uint64
	checkIns   uint64
	final      bool
	revoked    bool
	noPack     *message.NoPack
}

// last is the digest of the last archive; zeros before the first.
func (d *device) last() message.Digest {
	if len(d.archives) == 0 {
		return message.Digest{}
	}
	return d.archives[len(d.archives)-1]
}

// next is the number of the device's next ballot.
func (d *device) next() uint64 { return d.ballots + d.challenged + 1 }

// checkedIn is a voter who came to a place.
type checkedIn struct {
	place string
	line  message.CheckIn
}

func newPlaces(m *message.Manifest) *places {
	p := &places{minutes: map[string]message.Minutes{}, devices: map[string]*device{},
		checkedIn: map[int]checkedIn{}, voided: map[int]bool{}}
	for _, d := range m.Devices {
		p.devices[d.ID] = &device{}
	}
	return p
}

// atPlace admits the entries of polling places while they have their time
// (V-06): device ballots under an open import and nothing else meanwhile.
func (s *State) atPlace(t message.Type) bool {
	if s.places == nil {
		return false
	}
	switch t {
	case message.TypeRevokeDevice:
		return s.places.open == nil && (s.phase == message.PhaseVoting || s.phase == message.PhaseClosed)
	case message.TypeMinutes, message.TypeImport, message.TypeNoPack, message.TypeVoid:
		return s.places.open == nil && s.phase == message.PhaseClosed
	case message.TypeDeviceBallot:
		return s.phase == message.PhaseClosed && s.places.open != nil
	}
	return false
}

// planMinutes makes V-48.
func (s *State) planMinutes(e message.Entry, body codec.Raw) (effect, *Fault) {
	m, fault := counted[message.Minutes](s, e, body)
	if fault != nil {
		return nil, fault
	}
	place, known := s.election.Place(m.Place)
	if _, twice := s.places.minutes[m.Place]; !known || twice || m.Fingerprint != s.print {
		return nil, broken("V-48", "minutes of place %q, which is unknown, of another election, or has given its own", m.Place)
	}
	if err := said.VerifyJointly(s.memory, s.election, s.print, m, m.Signatures, place.Officers); err != nil {
		return nil, broken("V-48", "of place %s: %v", m.Place, err)
	}
	i := 0
	for _, d := range s.election.Manifest.Devices {
		if d.Place != m.Place {
			continue
		}
		if i == len(m.Devices) || m.Devices[i].Device != d.ID {
			return nil, broken("V-48", "line %d of place %s is not about device %s", i, m.Place, d.ID)
		}
		i++
	}
	if i != len(m.Devices) {
		return nil, broken("V-48", "%d lines, place %s has %d devices", len(m.Devices), m.Place, i)
	}
	return func() error { s.places.minutes[m.Place] = m; return nil }, nil
}

// counted decodes an entry that the count centre signs (V-07).
func counted[T any](s *State, e message.Entry, body codec.Raw) (T, *Fault) {
	if fault := s.signed(e, body, message.RoleCountCentre, s.print); fault != nil {
		var none T
		return none, fault
	}
	return decode[T](s.weak, body)
}

// line is what a place's minutes say of a device.
func (s *State) line(id string) (message.DeviceMinutes, bool) {
	d, _ := s.election.Device(id)
	for _, l := range s.places.minutes[d.Place].Devices {
		if l.Device == id {
			return l, true
		}
	}
	return message.DeviceMinutes{}, false
}

// planNoPack makes V-53 for a device whose final pack will not come.
func (s *State) planNoPack(e message.Entry, body codec.Raw) (effect, *Fault) {
	m, fault := counted[message.NoPack](s, e, body)
	if fault != nil {
		return nil, fault
	}
	d, known := s.places.devices[m.Device]
	if !known || d.final || d.noPack != nil {
		return nil, broken("V-53", "no-pack of device %q, which is unknown or accounted for", m.Device)
	}
	if err := said.VerifyJointly(s.memory, s.election, s.print, m, m.Signatures, s.election.Manifest.Officers); err != nil {
		return nil, broken("V-53", "no-pack of device %s: %v", m.Device, err)
	}
	if l, minuted := s.line(m.Device); minuted && m.Ballots+d.ballots != l.Ballots {
		return nil, broken("V-53", "device %s: %d ballots missing and %d imported, the minutes have %d", m.Device, m.Ballots, d.ballots, l.Ballots)
	}
	return func() error { d.noPack = &m; return nil }, nil
}

func (s *State) planRevoke(e message.Entry, body codec.Raw) (effect, *Fault) {
	m, fault := counted[message.RevokeDevice](s, e, body)
	if fault != nil {
		return nil, fault
	}
	d, known := s.places.devices[m.Device]
	if !known || d.revoked {
		return nil, broken("V-53", "device %q is unknown or revoked", m.Device)
	}
	if err := said.VerifyJointly(s.memory, s.election, s.print, m, m.Signatures, s.election.Manifest.Officers); err != nil {
		return nil, broken("V-53", "revocation of device %s: %v", m.Device, err)
	}
	return func() error { d.revoked = true; return nil }, nil
}

// Unsettled says what keeps the places from being accounted for (V-52, V-53);
// empty where nothing does.
func (s *State) Unsettled() *Fault {
	if s.places == nil {
		return nil
	}
	if s.places.open != nil {
		return broken("V-51", "the import of pack %d of device %s is not complete", s.places.open.pack.Sequence, s.places.open.pack.Device)
	}
	for _, d := range s.election.Manifest.Devices {
		if state := s.places.devices[d.ID]; !state.final && state.noPack == nil {
			return broken("V-53", "device %s has neither a final pack nor a no-pack", d.ID)
		}
	}
	if fault := s.checkInsAgree(); fault != nil {
		return fault
	}
	if s.places.owed > 0 {
		return broken("V-52", "%d ballots of voters who came to a polling place are not void", s.places.owed)
	}
	return nil
}

// checkInsAgree compares the check-ins of a place with its minutes (V-53):
// equal where all of its devices have final packs, and no more otherwise.
func (s *State) checkInsAgree() *Fault {
	for _, p := range s.election.Manifest.Places {
		m, minuted := s.places.minutes[p.ID]
		var sum uint64
		whole := true
		for _, d := range s.election.Manifest.Devices {
			if d.Place == p.ID {
				sum += s.places.devices[d.ID].checkIns
				whole = whole && s.places.devices[d.ID].final
			}
		}
		agree := !minuted && sum == 0 || minuted && (sum == m.CheckIns || !whole && sum < m.CheckIns)
		if !agree {
			return broken("V-53", "place %s: %d check-ins imported, the minutes have %d", p.ID, sum, m.CheckIns)
		}
	}
	return nil
}

// CheckedIn reports that a voter came to a polling place.
func (s *State) CheckedIn(voter int) bool {
	if s.places == nil {
		return false
	}
	_, ok := s.places.checkedIn[voter]
	return ok
}

// Uncounted lists the devices with a no-pack, in the manifest's order (S-58).
func (s *State) Uncounted() []message.Uncounted {
	if s.places == nil {
		return nil
	}
	var out []message.Uncounted
	for _, d := range s.election.Manifest.Devices {
		if n := s.places.devices[d.ID].noPack; n != nil {
			out = append(out, message.Uncounted{Device: d.ID, Ballots: n.Ballots})
		}
	}
	return out
}

// Imported is how far the packs of a device stand on the board: the number of
// the last one, the digest of its archive, and whether it was the final one.
func (s *State) Imported(id string) (sequence uint64, digest message.Digest, final bool) {
	if s.places == nil || s.places.devices[id] == nil {
		return 0, message.Digest{}, false
	}
	d := s.places.devices[id]
	return uint64(len(d.archives)), d.last(), d.final
}

// Packs are the digests of the archives of a device that stand on the board.
func (s *State) Packs(id string) []message.Digest {
	if s.places == nil || s.places.devices[id] == nil {
		return nil
	}
	return slices.Clone(s.places.devices[id].archives)
}

// GivenUp reports that a device has a no-pack on the board.
func (s *State) GivenUp(id string) bool {
	return s.places != nil && s.places.devices[id] != nil && s.places.devices[id].noPack != nil
}

// Revoked reports that a device is revoked.
func (s *State) Revoked(id string) bool {
	return s.places != nil && s.places.devices[id] != nil && s.places.devices[id].revoked
}

// Minuted reports that a place's minutes stand on the board.
func (s *State) Minuted(place string) bool {
	if s.places == nil {
		return false
	}
	_, ok := s.places.minutes[place]
	return ok
}

// Importing is the pack whose ballots are coming and how many of them stand;
// nil where there is none.
func (s *State) Importing() (*message.Pack, uint64) {
	if s.places == nil || s.places.open == nil {
		return nil, 0
	}
	o := s.places.open
	return &o.pack, o.pack.Ballots + o.pack.Challenged - o.left
}

// zeroDigest is hb of a signed zero report, where the chain of codes starts.
func zeroDigest(z *message.ZeroReport) (message.Digest, error) {
	raw, err := codec.Encode(z)
	return message.Digest(transcript.BodyDigest(raw)), err
}
