package verify

import (
	"fmt"
	"math"
	"slices"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// maxEntries is the largest board that this verifier can index.
const maxEntries = math.MaxUint32 - 1

// cast takes a cast: what it has in common with others on the board (V-22,
// V-23, V-26, V-27, V-29), and whether it counts (S-32).
func (f *fold) cast(it *item, inOrder bool) error {
	f.counts.Casts++
	f.l.both(Window, 1)
	c := it.cast
	if c == nil {
		f.l.expect(Chains, 1)
		f.l.expect(CastOrOpened, 1)
		f.counts.Refused++
		return nil
	}
	f.l.both(CastOrOpened, 1)
	unique, err := f.unique(it, c.alphas, c.tracker, false)
	if err != nil {
		return err
	}
	standing := f.chain(it, c)
	if !inOrder || !c.valid || !unique || !standing {
		f.counts.Refused++
		return nil
	}
	f.count(it, c)
	return nil
}

// challenged takes a challenge.
func (f *fold) challenged(it *item) error {
	f.counts.Challenges++
	f.l.both(Window, 1)
	if it.challenge == nil {
		f.l.expect(CastOrOpened, 1)
		return nil
	}
	f.l.both(CastOrOpened, 1)
	_, err := f.unique(it, it.challenge.alphas, it.challenge.tracker, true)
	return err
}

// unique makes V-22, V-29 and the second half of V-23.
func (f *fold) unique(it *item, alphas [][32]byte, tracker [32]byte, opened bool) (bool, error) {
	f.l.both(Uniqueness, len(alphas))
	good := true
	for i, a := range alphas {
		other, err := f.before(f.alphas, a, it, alphas[:i], opened, func(v *voted) bool { return slices.Contains(v.alphas, a) })
		if err != nil {
			return false, err
		}
		if other == nil {
			continue
		}
		good = false
		check := Uniqueness
		if other.opened != opened {
			check = CastOrOpened
		}
		f.twice(it, check, "ciphertext", a, other)
	}
	other, err := f.before(f.trackers, tracker, it, nil, opened, func(v *voted) bool { return v.tracker == tracker })
	if err != nil || other == nil {
		return good && err == nil, err
	}
	if other.opened != opened {
		f.twice(it, CastOrOpened, "tracker", tracker, other)
	} else if !opened {
		f.twice(it, Tracker, "tracker", tracker, other)
	}
	return false, nil
}

// twice records that a value stands on the board a second time.
func (f *fold) twice(it *item, check Check, what string, value [32]byte, other *voted) {
	f.l.add(it.place(found(check, "%s of entry %d is also in entry %d", what, it.raw.index, other.index)).
		sides("value ≠ every value before it", value, value).
		counts("nowhere before", fmt.Sprintf("entry %d", other.index)).blame(authority))
}

// voted is what was read again of an entry.
type voted struct {
	index   uint64
	opened  bool
	alphas  [][32]byte
	tracker [32]byte
}

// before finds an earlier entry that has the value, by its tag first and then
// exactly. own are the values of the entry itself that came before.
func (f *fold) before(table *fingerprints, value [32]byte, it *item, own [][32]byte, opened bool, has func(*voted) bool) (*voted, error) {
	for _, index := range table.insert(value, it.raw.index) {
		if index == it.raw.index {
			if slices.Contains(own, value) {
				return &voted{index: index, opened: opened}, nil
			}
			continue
		}
		if f.exact == 0 {
			return &voted{index: index, opened: opened}, nil
		}
		f.exact--
		v, err := f.reread(index)
		if err != nil {
			return nil, err
		}
		if has(v) {
			return v, nil
		}
	}
	return nil, nil
}

// again opens an entry a second time. Faults were reported the first time.
func (f *fold) reopen(index uint64) (*item, error) {
	data, err := f.again.entry(index)
	if err != nil {
		return nil, err
	}
	return f.open.open(raw{index: index, data: data}, &tally{})
}

func (f *fold) reread(index uint64) (*voted, error) {
	it, err := f.reopen(index)
	if err != nil {
		return nil, err
	}
	v := &voted{index: index}
	switch m := it.body.(type) {
	case *message.Cast:
		v.tracker = m.Decision.Tracker
		for i := range m.Ballot.Contests {
			for j := range m.Ballot.Contests[i].Selections {
				v.alphas = append(v.alphas, m.Ballot.Contests[i].Selections[j].Alpha)
			}
		}
	case *message.DeviceBallot:
		f.rereadDevice(v, m)
	case *message.Challenge:
		v.opened = true
		v.tracker = challenge.Tracker(m.Fingerprint, m.Style, challenge.OpenedCiphertexts(m), m.Commitment)
		for i := range m.Contests {
			for j := range m.Contests[i].Selections {
				v.alphas = append(v.alphas, m.Contests[i].Selections[j].Alpha)
			}
		}
	}
	return v, nil
}

// rereadDevice is reread for a ballot of a device.
func (f *fold) rereadDevice(v *voted, m *message.DeviceBallot) {
	if b := m.Ballot; b != nil {
		v.alphas = alphasOf(b)
		v.tracker = challenge.Tracker(b.Fingerprint, b.Style, challenge.Ciphertexts(b.Fingerprint, b.Style, b.Contests),
			challenge.Proofs(challenge.Device(b.Caster.Device, b.Caster.Sequence), b.Contests))
		return
	}
	if c := m.Challenge; c != nil {
		v.opened = true
		v.tracker = challenge.Tracker(c.Fingerprint, c.Style, challenge.OpenedCiphertexts(c), c.Commitment)
		for i := range c.Contests {
			for j := range c.Contests[i].Selections {
				v.alphas = append(v.alphas, c.Contests[i].Selections[j].Alpha)
			}
		}
	}
}

// chain makes V-26.
func (f *fold) chain(it *item, c *checkedCast) bool {
	if c.credential < 0 {
		f.l.both(Chains, 1) // V-25 has refused it
		return false
	}
	f.l.both(Chains, 1)
	s, j := f.list.list.at(c.credential)
	blame := []string{authority, voter(s.keys[j])}
	want := message.None
	if s.head[j] != 0 {
		want = message.Digest(s.tracker[j]).String()
	}
	switch {
	case c.predecessor != want:
		f.l.add(it.place(found(Chains, "predecessor is not the standing ballot")).counts(want, c.predecessor).blame(blame...))
	case s.head[j] != 0 && f.x.m.Revote != message.RevoteLastCounts:
		f.l.add(it.place(found(Chains, "a second ballot where only the first stands")).blame(blame...))
	default:
		return true
	}
	return false
}

// count lets a ballot stand for its credential.
func (f *fold) count(it *item, c *checkedCast) {
	s, j := f.list.list.at(c.credential)
	if before := s.head[j]; before != 0 {
		f.superseded = append(f.superseded, before-1)
		f.counts.Superseded++
	} else {
		f.counts.Counted++
		f.heads++
	}
	s.head[j], s.tracker[j] = uint32(it.raw.index+1), c.tracker
	for i, contest := range f.x.ballots[c.style] {
		f.sum(sumKey{contest, int(s.unit[j])}).add(&c.contests[i])
	}
}

// sum is the running sum of a contest and unit.
func (f *fold) sum(key sumKey) *weighted {
	w, ok := f.sums[key]
	if !ok {
		n := len(f.x.shapes[key.contest].selections)
		w = &weighted{identities(n), identities(n)}
		f.sums[key] = w
	}
	return w
}

func identities(n int) []point.Point {
	out := make([]point.Point, n)
	for i := range out {
		out[i] = point.Identity()
	}
	return out
}

func (w *weighted) add(o *weighted) {
	for i := range w.alpha {
		w.alpha[i].Add(&w.alpha[i], &o.alpha[i])
		w.beta[i].Add(&w.beta[i], &o.beta[i])
	}
}

func (w *weighted) sub(o *weighted) {
	for i := range w.alpha {
		w.alpha[i].Sub(&w.alpha[i], &o.alpha[i])
		w.beta[i].Sub(&w.beta[i], &o.beta[i])
	}
}

// subtract takes the superseded ballots out of the sums: one more pass over
// the entries that hold one, in the order of the board.
func (f *fold) subtract() error {
	slices.Sort(f.superseded)
	for _, index := range f.superseded {
		it, err := f.reopen(uint64(index))
		if err != nil {
			return err
		}
		m, ok := it.body.(*message.Cast)
		if !ok {
			return fmt.Errorf("entry %d is no cast any more", index)
		}
		f.takeOut(m)
	}
	f.superseded = nil
	return nil
}

// takeOut subtracts a ballot that was found valid when it was added.
func (f *fold) takeOut(m *message.Cast) {
	style, unit := f.x.styles[m.Ballot.Style], f.x.units[m.Ballot.Unit]
	for i, contest := range f.x.ballots[style] {
		list := m.Ballot.Contests[i].Selections
		w := weighted{make([]point.Point, len(list)), make([]point.Point, len(list))}
		for j := range list {
			alpha, _ := point.Decode(list[j].Alpha)
			beta, _ := point.Decode(list[j].Beta)
			w.alpha[j], w.beta[j] = times(m.Ballot.Weight, &alpha), times(m.Ballot.Weight, &beta)
		}
		f.sum(sumKey{contest, unit}).sub(&w)
	}
}
