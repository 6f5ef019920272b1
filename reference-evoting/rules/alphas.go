package rules

import (
	"hash/maphash"
	"slices"

	"scrutineer/protocols/message"
)

// alphas remembers every α on the board in about ten bytes each: a keyed
// 64-bit fingerprint in an open-addressed table that grows by a quarter. A
// hit is only a suspicion; the caller compares exactly by reading the board
// again.
type alphas struct {
	seed  maphash.Seed
	slots []uint64 // 0: free
	used  int
}

func newAlphas() *alphas {
	return &alphas{seed: maphash.MakeSeed(), slots: make([]uint64, 64)}
}

func (a *alphas) fingerprint(e message.Element) uint64 {
	h := maphash.Bytes(a.seed, e[:])
	if h == 0 {
		h = 1
	}
	return h
}

// has reports a possible earlier occurrence.
func (a *alphas) has(e message.Element) bool {
	h := a.fingerprint(e)
	for i := a.start(h); a.slots[i] != 0; i = a.after(i) {
		if a.slots[i] == h {
			return true
		}
	}
	return false
}

func (a *alphas) add(e message.Element) {
	if a.used*5 >= len(a.slots)*4 {
		a.grow()
	}
	a.place(a.fingerprint(e))
	a.used++
}

func (a *alphas) start(h uint64) int { return int((h >> 1) % uint64(len(a.slots))) }

func (a *alphas) after(i int) int {
	if i++; i < len(a.slots) {
		return i
	}
	return 0
}

func (a *alphas) place(h uint64) {
	i := a.start(h)
	for a.slots[i] != 0 {
		i = a.after(i)
	}
	a.slots[i] = h
}

func (a *alphas) grow() {
	old := a.slots
	a.slots = make([]uint64, len(old)+len(old)/4+64)
	for _, h := range old {
		if h != 0 {
			a.place(h)
		}
	}
}

// elements lists the αs of a ballot.
func elements(contests []message.BallotContest) []message.Element {
	var out []message.Element
	for _, c := range contests {
		for _, s := range c.Selections {
			out = append(out, s.Alpha)
		}
	}
	return out
}

func openedElements(contests []message.OpenedContest) []message.Element {
	var out []message.Element
	for _, c := range contests {
		for _, s := range c.Selections {
			out = append(out, s.Alpha)
		}
	}
	return out
}

// twice reports an element that occurs twice in the list itself.
func twice(list []message.Element) bool {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b message.Element) int { return slices.Compare(a[:], b[:]) })
	return len(slices.Compact(sorted)) != len(list)
}
