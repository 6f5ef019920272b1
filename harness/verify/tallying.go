package verify

import (
	"slices"

	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// partition makes the cells of every contest from the counted set (S-33) and
// adds up their ballots (S-34).
func (f *fold) partition() {
	ballots := map[group]uint64{}
	f.list.list.each(func(style, unit, weight int) { ballots[group{style, unit, weight}]++ })
	if f.place != nil {
		for g, n := range f.place.groups {
			if ballots[g] = uint64(int64(ballots[g]) + n); ballots[g] == 0 {
				delete(ballots, g)
			}
		}
	}
	// Only weights that occur take room.
	var present []int
	for g := range ballots {
		if !slices.Contains(present, g.weight) {
			present = append(present, g.weight)
		}
	}
	slices.Sort(present)
	rank := map[int]int{}
	for i, w := range present {
		rank[w] = i
	}
	f.byName = map[cellName]*cell{}
	for contest := range f.x.shapes {
		units := make([]turnout, len(f.x.m.Units))
		for g, n := range ballots {
			if !f.x.holds(g.style, contest) {
				continue
			}
			if units[g.unit].byWeight == nil {
				units[g.unit].byWeight = make([]uint64, len(present))
			}
			units[g.unit].byWeight[rank[g.weight]] += n
		}
		cells := cellsOf(contest, units, f.x.m.MinimumCell)
		for _, c := range cells {
			f.complete(c, present)
		}
		f.cells = append(f.cells, cells)
	}
	f.l.expect(Aggregates, len(f.decrypt))
	f.l.expect(Quorum, len(f.decrypt))
	f.sums = nil
}

// complete fills in what a cell is besides its units.
func (f *fold) complete(c *cell, present []int) {
	for w, n := range c.byWeight {
		c.ballots += n
		c.weight += n * f.x.m.Weights[present[w]]
	}
	c.byWeight = nil
	f.counts.Cells++
	if c.withheld {
		f.counts.Withheld++
	}
	f.byName[f.name(c)] = c
	if !c.decrypted() {
		return
	}
	n := len(f.x.shapes[c.contest].selections)
	total := weighted{identities(n), identities(n)}
	for _, u := range c.units {
		if w, ok := f.sums[sumKey{c.contest, u}]; ok {
			total.add(w)
		}
	}
	c.alpha, c.beta = total.alpha, total.beta
	f.decrypt = append(f.decrypt, c)
	f.l.expect(Totals, n)
}

func (f *fold) name(c *cell) cellName {
	return cellName{f.x.m.Contests[c.contest].ID, f.x.m.Units[c.units[0]].ID}
}

// unitIDs are the ids of a cell's units.
func (f *fold) unitIDs(c *cell) []string {
	out := make([]string, len(c.units))
	for i, u := range c.units {
		out[i] = f.x.m.Units[u].ID
	}
	return out
}

// aggregate takes a published aggregate (V-35).
func (f *fold) aggregate(it *item, m *message.Aggregate) {
	if f.setup == nil || f.byName == nil {
		return
	}
	fail := func(fd *Finding) {
		f.l.add(it.place(fd).contest(m.Contest).unit(m.Unit).blame(authority))
	}
	c := f.byName[cellName{m.Contest, m.Unit}]
	switch {
	case c == nil:
		fail(found(Aggregates, "there is no cell %s in contest %s", m.Unit, m.Contest))
		return
	case !c.decrypted():
		fail(found(Aggregates, "cell %s of contest %s is not to be decrypted", m.Unit, m.Contest))
		return
	case c.published != nil:
		fail(found(Aggregates, "cell %s of contest %s is aggregated a second time", m.Unit, m.Contest))
		return
	}
	f.l.see(Aggregates, 1)
	c.published = m.Ciphertexts
	if at := slices.Index(f.decrypt, c); at < f.nextCell {
		fail(found(Aggregates, "cell %s of contest %s comes too late", m.Unit, m.Contest))
	} else {
		f.nextCell = at + 1
	}
	if m.Ballots != c.ballots || m.Weight != c.weight {
		fail(found(Aggregates, "%d ballots of weight %d, counted are %d of %d", m.Ballots, m.Weight, c.ballots, c.weight).
			counts(c.ballots, m.Ballots))
	}
	if want := f.unitIDs(c); !slices.Equal(m.Units, want) {
		fail(found(Aggregates, "the units of the cell are others").counts(want, m.Units))
	}
	f.ciphertexts(c, m, fail)
}

// ciphertexts compares the sums.
func (f *fold) ciphertexts(c *cell, m *message.Aggregate, fail func(*Finding)) {
	selections := f.x.shapes[c.contest].selections
	if len(m.Ciphertexts) != len(selections) {
		fail(found(Aggregates, "%d ciphertexts for %d selections", len(m.Ciphertexts), len(selections)).
			counts(len(selections), len(m.Ciphertexts)))
		return
	}
	for i, option := range selections {
		got := &m.Ciphertexts[i]
		if got.Option != option {
			fail(found(Aggregates, "option %q where %s belongs", got.Option, option).option(option).counts(option, got.Option))
			continue
		}
		if want := c.alpha[i].Encode(); want != [32]byte(got.Alpha) {
			fail(found(Aggregates, "sum of alpha for %s is another", option).option(option).
				sides("alpha = Σ weight·α over the counted ballots", got.Alpha, want))
		}
		if want := c.beta[i].Encode(); want != [32]byte(got.Beta) {
			fail(found(Aggregates, "sum of beta for %s is another", option).option(option).
				sides("beta = Σ weight·β over the counted ballots", got.Beta, want))
		}
	}
}

// share takes a decryption share whose proofs have been checked (V-36).
func (f *fold) share(it *item, m *message.DecryptionShare) {
	f.l.both(ShareSubject, 1)
	if it.share == nil || it.share.trustee < 0 || f.byName == nil {
		return
	}
	i, id := it.share.trustee, it.entry.ID
	good := true
	fail := func(fd *Finding) {
		good = false
		f.l.add(it.place(fd).trustee(id).contest(m.Contest).unit(m.Unit).blame(trustee(id)))
	}
	c := f.byName[cellName{m.Contest, m.Unit}]
	if c == nil || c.published == nil {
		fail(found(ShareSubject, "share for a cell that has no aggregate"))
		return
	}
	if c.posted == nil {
		c.posted, c.shares = map[int]bool{}, map[int][]point.Point{}
	}
	if c.posted[i] {
		fail(found(ShareSubject, "a second share of trustee %s for this cell", id))
		return
	}
	c.posted[i] = true
	if m.Index != uint64(i+1) {
		fail(found(ShareSubject, "index %d of trustee %d", m.Index, i+1).counts(i+1, m.Index))
	}
	if m.Root != f.identity.SealedRoot {
		fail(found(ShareSubject, "share is for another sealed root").sides("root = sealed root", m.Root, f.identity.SealedRoot))
	}
	if len(m.Shares) != len(c.published) {
		fail(found(ShareSubject, "%d factors for %d ciphertexts", len(m.Shares), len(c.published)).
			counts(len(c.published), len(m.Shares)))
		return
	}
	for k := range m.Shares {
		got, want := &m.Shares[k], &c.published[k]
		if got.Option != want.Option || got.Alpha != want.Alpha || got.Beta != want.Beta {
			fail(found(ShareSubject, "factor %d is not for the aggregate's ciphertext of %s", k, want.Option).
				option(want.Option).sides("alpha = aggregate's alpha", got.Alpha, want.Alpha))
		}
	}
	if good && it.share.valid {
		c.shares[i] = it.share.factors
	}
}
